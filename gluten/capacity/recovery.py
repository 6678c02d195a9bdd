"""Has the target come back after an overload? Pure.

The load goes down to half of a rate that held, until no more requests wait than at such a rate and the SLOs are not
missed. Then it goes up to that rate, which has to hold again for some seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gluten.capacity.decision import SearchPlan
from gluten.capacity.look import Look
from gluten.capacity.standing import State, standing

CALM_SECONDS = 3
"""So many seconds have to be calm."""
MOST_WAITING = 5
"""So many waiting requests are nothing."""


@dataclass(slots=True)
class Recovery:
    """It began at `since`, after an overload at the rate `after`. `rate` is the one that held."""

    since: int
    after: float
    rate: float
    proving: bool = False
    """It is calm at half of the rate: now the rate itself has to hold again."""

    @property
    def wanted(self) -> float:
        return self.rate if self.proving else self.rate / 2


def calm(looks: Sequence[Look], most: float, plan: SearchPlan) -> bool:
    """Whether the target is as it was. `looks` are the newest seconds."""
    last = looks[-CALM_SECONDS:]
    if len(last) < CALM_SECONDS or last[-1].waiting > most:
        return False
    return standing(plan.slos, last, False, 0.99).state is not State.MISSES
