"""Weighted specs: what a target answers, exact to the digit.

A spec is one value (`10ms`) or a list of WEIGHTxVALUE (`900x10ms,99x50ms,1x1s`). The weights are reduced by
their greatest common divisor; in each *block* (as many draws as the reduced weights sum to) each value occurs
exactly its weight times.
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
    """Values with their weights: a tuple of (weight, value), each weight a positive integer, their gcd 1."""

    parts: tuple[tuple[int, T], ...]

    @property
    def block(self) -> int:
        """Draws in one block."""
        return sum(weight for weight, _ in self.parts)

    def order(self, seed: str) -> list[T]:
        """One block in the order of its draws: mixed, yet even in each stretch, the same for the same seed.

        Each value's occurrences are spread by stratified sampling: each of `weight` equal stretches of the
        block gets one, somewhere in it. So what is not a whole number of blocks is off by a draw or two a
        value, and two specs with different seeds do not march in step.
        """
        dice = random.Random(seed)
        places = [
            ((occurrence + dice.random()) / weight, value)
            for weight, value in self.parts
            for occurrence in range(weight)
        ]
        places.sort(key=lambda place: place[0])
        return [value for _, value in places]

    def draws(self, seed: str) -> Iterator[T]:
        """The endless sequence of draws: the block of `order`, over and over."""
        return itertools.cycle(self.order(seed))


def parse_weighted(text: str, parse_value: Callable[[str], T]) -> Weighted[T]:
    """Read a spec; `parse_value` reads one value and raises ValueError with what is allowed.

    Raises ValueError.
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
