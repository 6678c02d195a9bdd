"""Limits how often logins may fail. Pure: time comes in as `now`, monotonic seconds."""

from __future__ import annotations

FREE_FAILURES = 5
"""Failures of one address before it has to wait."""
MAX_WAIT = 60.0
FORGET_AFTER = 900.0
"""Seconds after which an address's failures are forgotten."""
MAX_ADDRESSES = 10_000
FREE_IN_ALL, FORGIVEN_PER_SECOND = 60.0, 0.2
"""Failures of all addresses before everyone has to wait, and how many of them are forgiven each second."""


class Throttle:
    """Makes logins wait after failures.

    After five failures one address waits 1, 2, 4 … 60 s. After 60 failures in all, everyone waits 5 s.
    """

    def __init__(self) -> None:
        self._failures: dict[str, tuple[int, float]] = {}
        self._all, self._at = 0.0, 0.0

    def wait(self, address: str, now: float) -> float:
        """Seconds until the next attempt of `address` is checked. 0: at once."""
        count, last = self._failures.get(address, (0, 0.0))
        own = 0.0
        if count >= FREE_FAILURES and now - last < FORGET_AFTER:
            own = last + min(MAX_WAIT, 2.0 ** min(count - FREE_FAILURES, 10)) - now
        return max(0.0, own, (self._level(now) - FREE_IN_ALL + 1.0) / FORGIVEN_PER_SECOND)

    def failed(self, address: str, now: float) -> None:
        count, last = self._failures.pop(address, (0, now))
        while len(self._failures) >= MAX_ADDRESSES:
            self._failures.pop(next(iter(self._failures)))
        self._failures[address] = (count + 1 if now - last < FORGET_AFTER else 1, now)
        self._all, self._at = self._level(now) + 1.0, now

    def succeeded(self, address: str) -> None:
        self._failures.pop(address, None)

    def _level(self, now: float) -> float:
        return max(0.0, self._all - (now - self._at) * FORGIVEN_PER_SECOND)
