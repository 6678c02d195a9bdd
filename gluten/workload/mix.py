"""Which request a session's number is: exact weights, in an order that a hash of seed and block shuffles.

Numbers come in blocks of W, the sum of the weights divided by their greatest common divisor. Each block has each
request exactly as often as its weight says. So how often a request occurs below a number is arithmetic, except for the
one block that is not whole.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import permutations
from math import gcd
from struct import Struct
from typing import TypeVar

from gluten.errors import WorkloadError
from gluten.workload.draws import Draws

LARGEST_BLOCK = 10_000
_KEPT = 16
_FEW = 6
"""Up to so many numbers in a block, all orders are made beforehand, and one of them is drawn."""
_WORDS = Struct("<16I")

_T = TypeVar("_T")


class Mix:
    """`stream` tells the threads of a closed loop apart, each of which has numbers of its own."""

    def __init__(self, weights: Sequence[int], seed: int, stream: int = 0) -> None:
        self.weights = reduced(weights)
        self.block = sum(self.weights)
        self._one_of_each = [index for index, weight in enumerate(self.weights) for _ in range(weight)]
        self._draws = Draws(seed, f"mix/{stream}")
        self._few = tuple(permutations(self._one_of_each)) if self.block <= _FEW else ()
        self._group, self._words = -1, (0,) * 16
        self._orders: dict[int, tuple[int, ...]] = {}
        self._places: dict[int, tuple[list[int], ...]] = {}

    def request(self, number: int) -> int:
        """The index of the request that has this number."""
        block, place = divmod(number, self.block)
        return self.order(block)[place]

    def order(self, block: int) -> tuple[int, ...]:
        """The requests of one block. Recent blocks are kept."""
        if self._few:
            return self._few[self._word(block) % len(self._few)]
        order = self._orders.get(block)
        if order is None:
            drawn = self._draws.shuffled(self.block, block)
            order = tuple([self._one_of_each[index] for index in drawn])
            _keep(self._orders, block, order)
        return order

    def _word(self, block: int) -> int:
        """A drawn number of 32 bits. One hash gives those of 16 blocks."""
        group, place = divmod(block, 16)
        if group != self._group:
            self._group, self._words = group, _WORDS.unpack(self._draws.block(group))
        return self._words[place]

    def before(self, index: int, number: int) -> int:
        """How many numbers below `number` are of this request."""
        if number <= 0:
            return 0
        block, place = divmod(number, self.block)
        whole = block * self.weights[index]
        return whole + bisect_left(self._places_in(block)[index], place) if place else whole

    def counts(self, first: int, until: int, step: int = 1) -> list[int]:
        """How many of the numbers `first`, `first` + `step` and so on below `until` are of each request."""
        if len(self.weights) == 1:
            return [len(range(first, until, step))]
        if step == 1:
            return [max(0, self.before(index, until) - self.before(index, first)) for index in range(len(self.weights))]
        return self._counted(first, until, step)

    def _counted(self, first: int, until: int, step: int) -> list[int]:
        found = [0] * len(self.weights)
        while first < until:
            block, place = divmod(first, self.block)
            picked = self.order(block)[place : until - block * self.block : step]
            for index in picked:
                found[index] += 1
            first += step * len(picked)
        return found

    def _places_in(self, block: int) -> tuple[list[int], ...]:
        """Where each request stands in one block."""
        places = self._places.get(block)
        if places is None:
            places = tuple([] for _ in self.weights)
            for place, index in enumerate(self.order(block)):
                places[index].append(place)
            _keep(self._places, block, places)
        return places


def reduced(weights: Sequence[int]) -> tuple[int, ...]:
    """The weights divided by their greatest common divisor. What has weight 0 never occurs. Raises `WorkloadError`."""
    if not any(weights) or any(weight < 0 for weight in weights):
        raise WorkloadError("a weight is a whole number from 1")
    divisor = gcd(*weights)
    total = sum(weights) // divisor
    if total > LARGEST_BLOCK:
        raise WorkloadError(
            f"the weights, divided by {divisor}, have the sum {total:,}, more than {LARGEST_BLOCK:,}: round them"
        )
    return tuple(weight // divisor for weight in weights)


def _keep(kept: dict[int, _T], block: int, value: _T) -> None:
    """Keep the value, and forget the one that was kept for the longest time."""
    if len(kept) >= _KEPT:
        del kept[next(iter(kept))]
    kept[block] = value
