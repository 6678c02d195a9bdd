"""How often logins may be tried. Pure: time comes in as `now`, monotonic seconds."""

from __future__ import annotations

FREE = 5
"""Failures from one address before it has to wait."""
LONGEST = 60.0
FORGET = 900.0
"""Seconds after which an address's failures are forgotten."""
ADDRESSES = 10_000
ALL, PER_SECOND = 60.0, 0.2
"""Failures in all before everybody has to wait, and how many of them are forgiven each second."""


class Throttle:
    """Failed attempts cost time: from one address 1, 2, 4 … 60 s from the sixth on; in all 5 s from the 61st on."""

    def __init__(self) -> None:
        self._failures: dict[str, tuple[int, float]] = {}
        self._all, self._at = 0.0, 0.0

    def wait(self, address: str, now: float) -> float:
        """Seconds until the next attempt from there is looked at; 0: at once."""
        count, last = self._failures.get(address, (0, 0.0))
        own = 0.0
        if count >= FREE and now - last < FORGET:
            own = last + min(LONGEST, 2.0 ** min(count - FREE, 10)) - now
        return max(0.0, own, (self._level(now) - ALL + 1.0) / PER_SECOND)

    def failed(self, address: str, now: float) -> None:
        count, last = self._failures.pop(address, (0, now))
        while len(self._failures) >= ADDRESSES:
            self._failures.pop(next(iter(self._failures)))
        self._failures[address] = (count + 1 if now - last < FORGET else 1, now)
        self._all, self._at = self._level(now) + 1.0, now

    def succeeded(self, address: str) -> None:
        self._failures.pop(address, None)

    def _level(self, now: float) -> float:
        return max(0.0, self._all - (now - self._at) * PER_SECOND)
