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
_LONGER = 4
MOST_WAITING = 5
"""So many waiting requests are nothing."""


@dataclass(slots=True)
class Recovery:
    """It began at `since`, after an overload at the rate `after`. `rate` is the one that held, or comes next."""

    since: int
    after: float
    rate: float
    failures: int = 0
    """So often the rate did not hold again: the next time the target gets longer to recover."""
    unknown: bool = False
    """It is not known whether the rate holds: it need not be proven."""
    proving: bool = False
    """It is calm at half of the rate: now the rate itself has to hold again."""

    @property
    def wanted(self) -> float:
        return self.rate if self.proving else self.rate / 2

    @property
    def patience(self) -> int:
        """So many seconds have to be calm."""
        return CALM_SECONDS * (1 if self.proving else _LONGER**self.failures)


def calm(looks: Sequence[Look], long: int, most: float, plan: SearchPlan) -> bool:
    """Whether the target has been as it was for `long` seconds. `looks` are the newest ones."""
    last = looks[-long:]
    if len(last) < long or last[-1].waiting > most:
        return False
    return standing(plan.slos, last, False, 0.99).state is not State.MISSES
