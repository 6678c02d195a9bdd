"""Which row the use number `use` of a feed takes. All that is drawn follows from the seed and the feed's name.

A shuffle of few rows is sorted by drawn keys. That of many is a permutation of the numbers below a power of two, made
of steps that each can be undone: multiply by an odd number, add, and mix the upper half into the lower. A number that
is no row goes through it again until it is one (cycle walking), so a shuffle needs no memory for its order.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct

from gluten.errors import WorkloadError
from gluten.workload.draws import Draws

Pick = Callable[[int, int], int | None]
"""The row of a use and a step: `step` tells the requests of a session apart (`per = "request"`), else it is 0."""

PICKS = ("unique", "cycle", "shuffle", "random")

_SORTED = 4096
_KEPT = 4
_KEYS = Struct("<8Q")


def pick(kind: str, rows: int, seed: int, feed: str) -> Pick:
    """None is the answer of `unique` beyond its last row. The others have no end."""
    match kind:
        case "unique":
            return lambda use, step: use if use < rows else None
        case "cycle":
            return lambda use, step: use % rows
        case "shuffle":
            return Shuffle(rows, seed, feed)
        case "random":
            below = Draws(seed, f"feed/{feed}/random").below
            return lambda use, step: below(rows, use, step)
    raise WorkloadError(f"{kind} is not a pick: {', '.join(PICKS)} are")


class Shuffle:
    """Each pass over the rows has an order of its own, in which each row comes once."""

    def __init__(self, rows: int, seed: int, feed: str) -> None:
        self._rows = rows
        self._draws = Draws(seed, f"feed/{feed}/shuffle")
        self._orders: dict[int, Callable[[int], int]] = {}

    def __call__(self, use: int, step: int = 0) -> int:
        turn, place = divmod(use, self._rows)
        order = self._orders.get(turn)
        if order is None:
            order = self._order(turn)
            if len(self._orders) >= _KEPT:
                del self._orders[next(iter(self._orders))]
            self._orders[turn] = order
        return order(place)

    def _order(self, turn: int) -> Callable[[int], int]:
        if self._rows <= _SORTED:
            return self._draws.shuffled(self._rows, turn).__getitem__
        keys = _KEYS.unpack(self._draws.block(turn))
        return permutation(self._rows, tuple((keys[at] | 1, keys[at + 1]) for at in range(0, 8, 2)))


def permutation(size: int, rounds: tuple[tuple[int, int], ...]) -> Callable[[int], int]:
    """A permutation of the numbers below `size`. A round has an odd factor and a number to add."""
    bits = max(2, (size - 1).bit_length())
    mask, half = (1 << bits) - 1, bits // 2

    def place(number: int) -> int:
        while True:
            for factor, added in rounds:
                number = (number * factor + added) & mask
                number ^= number >> half
            if number < size:
                return number

    return place
