"""Where the slots of a schedule with random arrivals lie: block by block, by a seed. Pure.

A slot's position is the integral of the rate at which it is due. Without random arrivals slot k has position k. Here
the slots of a block of `BLOCK` numbers are spread over the block at random: their positions are as many evenly drawn
numbers, in order. A Poisson process of which only the count of each block is known looks just like that (decision 059).
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct

BLOCK = 1000
"""Slots. In so many of them the count is exact; the gaps between them look exponential to within 1 / BLOCK. A queue
that needs hundreds of requests to forget a crowd is shorter than with truly random arrivals: with blocks of 100 its
capacity is 6 % higher, with blocks of 1,000 it is 1 %. To draw a block takes 0.3 ms."""
_KEPT = 8
"""How many blocks are remembered. A few are enough, because the threads of a worker are at nearly the same place."""
_WORDS = Struct("<8Q")
_PART = 2.0**-53


class Arrivals:
    """The positions of the slots from `first` on. There are slots up to `count`; the rate's integral ends at `end`."""

    __slots__ = ("_count", "_draws", "_end", "_first", "_known")

    def __init__(self, seed: int, first: int, count: float, end: float) -> None:
        from gluten.workload.draws import Draws  # here, because few runs draw, and it loads hashlib

        self._first, self._count, self._end = first, count, end
        self._draws = Draws(seed, f"arrivals {first}")
        self._known: dict[int, Sequence[float]] = {}

    def position(self, slot: int) -> float:
        """Of a slot from `first` to below `count`."""
        block, place = divmod(slot - self._first, BLOCK)
        return self.block(block)[place]

    def block(self, number: int) -> Sequence[float]:
        """The positions of one block, in order. The last block is as long as there are slots left."""
        known = self._known.get(number)
        if known is None:
            if len(self._known) >= _KEPT:
                self._known.clear()
            known = self._known[number] = self._drawn(number)
        return known

    def _drawn(self, number: int) -> Sequence[float]:
        start = self._first + number * BLOCK
        size, span = int(min(BLOCK, self._count - start)), min(float(BLOCK), self._end - start)
        words: list[int] = []
        for step in range((size + 7) // 8):
            words += _WORDS.unpack(self._draws.block(number, step))
        return [start + span * _PART * (word >> 11) for word in sorted(words[:size])]
