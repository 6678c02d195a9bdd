"""Whether the target has recovered from an overload. Pure.

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
"""How many seconds in a row have to be calm."""
_LONGER = 4
MOST_WAITING = 5
"""This many more waiting requests than usual are no sign of an overload."""


@dataclass(slots=True)
class Recovery:
    """It began at `since`, after an overload at the rate `after`. `rate` is the one that held, or comes next."""

    since: int
    after: float
    rate: float
    failures: int = 0
    """How often the rate did not hold again. After each time the target gets longer to recover."""
    unknown: bool = False
    """It is not known whether the rate holds, so the recovery is not proven at it."""
    proving: bool = False
    """The target was calm at half of the rate. Now the rate itself has to hold again."""

    @property
    def wanted(self) -> float:
        return self.rate if self.proving else self.rate / 2

    @property
    def patience(self) -> int:
        """How many seconds in a row have to be calm."""
        return CALM_SECONDS * (1 if self.proving else _LONGER**self.failures)


def calm(looks: Sequence[Look], long: int, most: float, plan: SearchPlan) -> bool:
    """Whether the target has been calm in the last `long` seconds. `looks` are the seconds up to now."""
    last = looks[-long:]
    if len(last) < long or last[-1].waiting > most:
        return False
    return standing(plan.slos, last, False, 0.99).state is not State.MISSES
