"""How many there are at once, in all and from one address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

T = TypeVar("T")


class TooManyConnections(OSError):
    """No more are let in."""


class ConnectionLimits:
    """Seats for at most `most`, and `each` from one address. `what` names them to people."""

    def __init__(self, what: str, most: int, each: int) -> None:
        self._what, self._most, self._each = what, most, each
        self._here: Counter[str] = Counter()
        self._all = 0

    def __len__(self) -> int:
        return self._all

    @contextmanager
    def seat(self, address: str) -> Iterator[None]:
        """Raises TooManyConnections."""
        if self._all >= self._most:
            raise TooManyConnections(f"{self._most} {self._what} at once are the limit")
        if self._here[address] >= self._each:
            raise TooManyConnections(f"{self._each} {self._what} at once from one address are the limit")
        self._all += 1
        self._here[address] += 1
        try:
            yield
        finally:
            self._all -= 1
            self._here[address] -= 1
            if not self._here[address]:
                del self._here[address]


class Waiting(Generic[T]):
    """Those that have said nothing yet. Beyond `most` in all, or `each` from one address, the oldest has to `leave`:
    who means it speaks at once, and so gets through however many only wait."""

    def __init__(self, most: int, each: int, leave: Callable[[T], None]) -> None:
        self._most, self._each, self._leave = most, each, leave
        self._all: dict[int, tuple[str, T]] = {}
        self._by_address: dict[str, dict[int, T]] = {}
        self._next = 0

    def __len__(self) -> int:
        return len(self._all)

    @contextmanager
    def seat(self, address: str, guest: T) -> Iterator[None]:
        number = self._next = self._next + 1
        self._all[number] = (address, guest)
        self._by_address.setdefault(address, {})[number] = guest
        if len(self._by_address[address]) > self._each:
            self._end(next(iter(self._by_address[address])))
        if len(self._all) > self._most:
            self._end(next(iter(self._all)))
        try:
            yield
        finally:
            self._forget(number)

    def _end(self, number: int) -> None:
        _, guest = self._all[number]
        self._forget(number)
        self._leave(guest)

    def _forget(self, number: int) -> None:
        address, _ = self._all.pop(number, ("", None))
        here = self._by_address.get(address, {})
        here.pop(number, None)
        if not here:
            self._by_address.pop(address, None)
