"""How many there are at once, in all and from one address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class Crowded(OSError):
    """No more are let in."""


class Crowd:
    """Seats for at most `most`, and `each` from one address. `what` names them to people."""

    def __init__(self, what: str, most: int, each: int) -> None:
        self._what, self._most, self._each = what, most, each
        self._here: Counter[str] = Counter()
        self._all = 0

    def __len__(self) -> int:
        return self._all

    @contextmanager
    def seat(self, address: str) -> Iterator[None]:
        """Raises Crowded."""
        if self._all >= self._most:
            raise Crowded(f"{self._most} {self._what} at once are the limit")
        if self._here[address] >= self._each:
            raise Crowded(f"{self._each} {self._what} at once from one address are the limit")
        self._all += 1
        self._here[address] += 1
        try:
            yield
        finally:
            self._all -= 1
            self._here[address] -= 1
            if not self._here[address]:
                del self._here[address]
