"""Weighted specs: they say exactly how often a target uses each value.

A spec is one value (`10ms`), or a list of WEIGHTxVALUE (`900x10ms,99x50ms,1x1s`). The weights are divided by their
greatest common divisor. Their sum is the number of draws in a *block*. In each block a value occurs exactly as often
as its weight says.
"""

import itertools
import math
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

MAX_BLOCK = 100_000
_WEIGHTED = re.compile(r"\s*(\d+)\s*[xX]\s*(.+)")


@dataclass(frozen=True)
class Weighted(Generic[T]):
    """(weight, value) pairs. The weights are positive integers without a common divisor."""

    parts: tuple[tuple[int, T], ...]

    @property
    def block(self) -> int:
        """The number of draws in one block."""
        return sum(weight for weight, _ in self.parts)

    def order(self, seed: str) -> list[T]:
        """The values of one block in random order, evenly spread. The same seed gives the same order.

        The order comes from stratified sampling: the block has `weight` equal sections for each value, and each section
        gets one occurrence at a random position. So in a part of a block each count is off by one or two at most. Specs
        with different seeds do not repeat the same pattern together.
        """
        generator = random.Random(seed)
        positions = [
            ((occurrence + generator.random()) / weight, value)
            for weight, value in self.parts
            for occurrence in range(weight)
        ]
        positions.sort(key=lambda pair: pair[0])
        return [value for _, value in positions]

    def draws(self, seed: str) -> Iterator[T]:
        """The endless sequence of draws: it repeats the block of `order`."""
        return itertools.cycle(self.order(seed))


def parse_weighted(text: str, parse_value: Callable[[str], T]) -> Weighted[T]:
    """Read a spec. Raises ValueError.

    `parse_value` reads one value. It raises ValueError, whose message says what is allowed.
    """
    parts = [_parse_part(part, parse_value) for part in text.split(",")]
    if len(parts) == 1:
        return Weighted(((1, parts[0][1]),))
    if any(weight is None for weight, _ in parts):
        raise ValueError("each value of a list needs a weight, as in 99x200,1x503")
    divisor = math.gcd(*(weight or 0 for weight, _ in parts))
    weighted = Weighted(tuple(((weight or 0) // divisor, value) for weight, value in parts))
    if weighted.block > MAX_BLOCK:
        raise ValueError(f"the weights may sum to at most {MAX_BLOCK}, not {weighted.block}")
    return weighted


def _parse_part(text: str, parse_value: Callable[[str], T]) -> tuple[int | None, T]:
    match = _WEIGHTED.fullmatch(text)
    if match is None:
        return None, parse_value(text.strip())
    weight = int(match[1])
    if weight == 0:
        raise ValueError("a weight is a whole number from 1")
    return weight, parse_value(match[2].strip())
