"""What is known of a rate. Values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from gluten.capacity.decision import Generator
from gluten.capacity.standing import Standing, State


class Known(NamedTuple):
    """`seconds` is how many count. `limited`: the node that fell behind. `sure`: how sure all rates together make that
    it holds; None: they say nothing."""

    rate: float
    seconds: int
    standing: Standing
    limited: Generator | None = None
    sure: float | None = None

    @property
    def holds(self) -> bool:
        return self.standing.state is State.HOLDS and not self.limited

    @property
    def misses(self) -> bool:
        return self.standing.state is State.MISSES

    @property
    def bounds(self) -> bool:
        """It is too much for the target, or for the generators."""
        return self.misses or self.limited is not None


Knowledge = Mapping[float, Known]
