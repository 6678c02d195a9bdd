"""What comes next, from what is known of each rate. Pure.

Double the rate until it misses, halve it until one holds. Then bisect in the rate's logarithm. A rate that is still
undecided after a hold lies near the answer: the next ones are a little below and above it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from gluten.capacity.decision import SearchPlan
from gluten.capacity.known import Knowledge, Known

LOWEST = 2.0**-6
"""The lowest rate that is tried, as a part of the first."""
WIDE, NARROW = 1.5, 1.15
"""Quotients of the ends of the interval. In a wide one a look suffices, a narrow one takes its time."""
GLANCE, LOOK, STARE = 3, 5, 8
"""The fewest seconds of a trial in a wide interval, in between, and in a narrow one."""
DOUBT = 12
"""So many seconds are enough to doubt."""
_SIDE = 0.75
"""A side step is this part of the precision."""
_SPREAD = 4.0
"""Where rates so many times apart are undecided, the rate does not decide."""


class Ends(NamedTuple):
    """The highest rate that holds, or seems to, below the lowest that does not; and between them the undecided ones."""

    low: float | None
    high: float | None
    near: tuple[float, ...] = ()

    @property
    def gap(self) -> float:
        """The quotient of the ends."""
        return math.inf if self.low is None or self.high is None else self.high / self.low


def ends(known: Knowledge) -> Ends:
    """How far the search has come."""
    high = min((one.rate for one in known.values() if one.bounds), default=None)
    below = [one for one in known.values() if not one.bounds and (high is None or one.rate < high)]
    low = max((one.rate for one in below if one.holds or _seems(one)), default=None)
    near = sorted(one.rate for one in below if low is None or one.rate > low)
    return Ends(low, high, tuple(near))


def _seems(one: Known) -> bool:
    """Nothing speaks against it, and it was only glanced at."""
    return one.standing.likely and one.seconds < DOUBT


def enough(one: Known, gap: float, hold: float) -> bool:
    """More seconds at this rate would not help now. `gap`: of the interval without it."""
    if one.limited or one.seconds >= hold:
        return True
    least = GLANCE if gap > WIDE else LOOK if gap > NARROW else STARE
    if one.seconds < least:
        return False
    if one.holds or one.misses:
        return True
    return gap > NARROW and (one.standing.likely or one.seconds >= DOUBT)


def next_rate(known: Knowledge, plan: SearchPlan, tolerance: float) -> float | None:
    """The rate of the next trial; None: the interval is narrow enough, or the time of a hold does not decide it."""
    found = ends(known)
    if found.high is None:
        return _higher(max(known, default=0.0), plan)
    if found.low is None and not found.near:
        return _lower(found.high, plan)
    if found.near:
        return _beside(found, known, plan)
    assert found.low is not None
    return rounded(math.sqrt(found.low * found.high)) if found.gap > 1 + tolerance else None


def _lower(high: float, plan: SearchPlan) -> float | None:
    return rounded(high / 2) if high / 2 >= plan.start * LOWEST else None


def _higher(highest: float, plan: SearchPlan) -> float | None:
    wanted = highest * 2 or plan.start
    if plan.to is not None and wanted > plan.to:
        return plan.to if highest < plan.to else None
    return rounded(wanted)


def _beside(found: Ends, known: Knowledge, plan: SearchPlan) -> float | None:
    """Beside the undecided rates, where most is left."""
    lowest, highest = found.near[0], found.near[-1]
    assert found.high is not None
    if found.low is None and highest >= _SPREAD * lowest:
        return None
    step = 1 + _SIDE * plan.precision
    below = lowest / found.low if found.low is not None else math.inf
    above = found.high / highest
    if max(below, above) <= step**2:
        return None
    away = step ** len(found.near)
    return rounded(lowest / away if below >= above else highest * away)


def rounded(rate: float) -> float:
    """To four digits: nobody signs 12,403.7193/s."""
    return float(f"{rate:.4g}")
