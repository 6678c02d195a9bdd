"""What comes next, from what is known of each rate. Pure.

Double the rate until it misses, halve it until one holds. Then bisect in the rate's logarithm. In a narrow interval the
answer is estimated (`estimate`), and the next rates are as far above and below it as a hold can tell apart. Without an
estimate a rate that is still undecided after a hold lies near the answer: the next ones are a little beside it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from gluten.capacity.decision import SearchPlan
from gluten.capacity.estimate import Guess, estimate
from gluten.capacity.facts import Knowledge, Known
from gluten.capacity.near import Near

LOWEST = 2.0**-6
"""The lowest rate that is tried, as a part of the first."""
WIDE, NARROW = 1.5, 1.15
"""Quotients of the ends of the interval. In a wide interval a short trial is enough, in a narrow one it must be
longer."""
_FINE = 2.0
"""In an interval this wide, too, an undecided rate says where the answer is."""
GLANCE, LOOK, STARE = 3, 5, 8
"""The fewest seconds of a trial in a wide interval, in between, and in a narrow one."""
DOUBT = 12
"""After this many seconds a rate that is still undecided counts as doubtful."""
_SIDE = 0.75
"""The step to a rate beside undecided ones, as a part of the precision."""
_ASIDE_OF_ENDS = 0.25
"""The next rate is at least so far from the ends of the interval, in its logarithm."""
_COARSE = 1.05
"""If a hold can only tell rates apart by more than this factor, it is coarse."""
_BOTH = 2.5
"""An interval is narrow enough if it has no more steps than this, each as wide as a hold can tell apart."""
_STEP_DOWN = 1.25
"""If the capacity has moved, the search goes down by this factor at a time."""
_ASIDE = 1.5
"""A bound that is so many steps away from the estimate may come nearer."""
_WORTH, _OFTEN = 0.055, 3
"""If the interval is wider than `_WORTH`, undecided rates are tried again, for up to `_OFTEN` holds each, unless a hold
is too coarse."""
_ALIKE = 0.2
"""Rates that differ by this part of the precision are one rate."""
_SPREAD = 4.0
"""If rates that differ by this factor are all undecided, the outcome does not depend on the rate."""


class Ends(NamedTuple):
    """The highest rate that holds, or seems to, below the lowest that does not; and between them the undecided ones."""

    low: float | None
    high: float | None
    near: tuple[float, ...] = ()

    @property
    def gap(self) -> float:
        """The quotient of the ends."""
        return math.inf if self.low is None or self.high is None else self.high / self.low

    @property
    def fine(self) -> bool:
        """The answer is near."""
        return self.gap <= NARROW or (bool(self.near) and self.gap <= _FINE)


def ends(known: Knowledge) -> Ends:
    """How far the search has come. A doubt at a much lower rate than one that seems to hold is chance: there were but a
    few requests."""
    high = min((one.rate for one in known.values() if one.bounds), default=None)
    below = [one for one in known.values() if not one.bounds and (high is None or one.rate < high)]
    sure = max((one.rate for one in below if one.holds), default=0.0)
    likely = max((one.rate for one in below if _seems(one)), default=0.0)
    doubts = [one.rate for one in below if one.rate > max(sure, likely / _SPREAD) and not one.holds and not _seems(one)]
    first = min(doubts, default=math.inf)
    low = max((one.rate for one in below if one.rate <= sure or (one.rate < first and _seems(one))), default=None)
    near = sorted(one.rate for one in below if low is None or one.rate > low)
    return Ends(low, high, tuple(near))


def _seems(one: Known) -> bool:
    """Nothing speaks against it, and it was only glanced at."""
    return one.standing.likely and one.seconds < DOUBT


def enough(one: Known, own: int, found: Ends, hold: float, near: Near | None) -> bool:
    """More seconds at this rate would not help now. `own`: those of the trial that goes on; `found`: what is known
    without the rate. Near the answer it is seen for as long as a hold, unless it is decided before."""
    if one.limited:
        return True
    if near is not None and one.sure is not None:
        return near.enough(one, own)
    if own >= hold:
        return True
    if one.seconds < (STARE if found.fine else GLANCE if found.gap > WIDE else LOOK):
        return False
    return one.holds or one.misses or (not found.fine and (one.standing.likely or one.seconds >= DOUBT))


def next_rate(known: Knowledge, plan: SearchPlan, tolerance: float, near: Near | None) -> float | None:
    """The rate of the next trial. None: the interval is narrow enough, or a hold cannot decide more. A rate that is
    almost that of an earlier trial counts as that rate."""
    if near is not None:
        found = ends(known)
        if found.high is None or sure_gap(known, found) <= 1 + tolerance:
            return None if found.high else _wanted(known, plan, tolerance)
        wanted = near.next(known)
        return None if wanted is None else rounded(wanted)
    rate = _wanted(known, plan, tolerance)
    like = min(known, key=lambda one: abs(one - (rate or 0.0)), default=0.0)
    if rate is not None and abs(like - rate) > rate * plan.precision * _ALIKE:
        return rate
    fresh = rate is not None and known[like].seconds < plan.hold and not known[like].bounds
    return like if fresh else _middle(known, plan, tolerance) or _again(known, plan, tolerance)


def _middle(known: Knowledge, plan: SearchPlan, tolerance: float) -> float | None:
    """The middle of an interval that is still wide, where it was not tried."""
    found = ends(known)
    gap = sure_gap(known, found) if found.high is not None else math.inf
    if found.high is None or not 1 + max(tolerance, _WORTH) < gap < math.inf:
        return None
    middle = rounded(found.high / math.sqrt(gap))
    return None if any(abs(one - middle) <= middle * plan.precision * _ALIKE for one in known) else middle


def _wanted(known: Knowledge, plan: SearchPlan, tolerance: float) -> float | None:
    found = ends(known)
    if found.high is None:
        return _higher(max(known, default=0.0), plan)
    if found.low is None and not found.near:
        return _lower(found.high, plan)
    if sure_gap(known, found) <= 1 + tolerance:
        return None
    guess = estimate(known, found.low, found.high, plan) if found.fine else None
    if guess is not None and not found.near:
        return _between(guess, found)
    if guess is not None:
        return _around(guess, known, found)
    if found.near:
        return _beside(found, plan)
    assert found.low is not None
    return rounded(math.sqrt(found.low * found.high)) if found.gap > 1 + tolerance else None


def sure_gap(known: Knowledge, found: Ends) -> float:
    """The lowest rate that was too much, divided by the highest rate that holds for sure."""
    low = max((one.rate for one in known.values() if one.holds and one.rate < (found.high or math.inf)), default=0.0)
    return found.high / low if low and found.high else math.inf


def _around(guess: Guess, known: Knowledge, found: Ends) -> float | None:
    """As far above or below the estimate as a hold can tell, on the side that is farther away."""
    assert found.high is not None
    low = max((one.rate for one in known.values() if one.holds and one.rate < found.high), default=0.0)
    wide = guess.step**_BOTH
    if low and found.high / low <= (wide if guess.step > _COARSE else min(wide, 1 + _WORTH)):
        return None
    half = math.sqrt(guess.step)
    up = guess.step * max(guess.rate, *found.near, 0.0)
    if up * half <= found.high and guess.step**_ASIDE <= found.high / guess.rate:
        return rounded(up)
    down = lower_side(guess, found)
    if low * half <= down:
        return rounded(down)
    return _closer(low, found) if low and found.high / low > 1 + _WORTH else None


def _closer(low: float, found: Ends) -> float | None:
    """In the middle between an end and the undecided rates, if that is far enough from both."""
    assert found.high is not None
    sides = [(low, found.near[0]), (found.near[-1], found.high)]
    bottom, top = max(sides, key=lambda side: side[1] / side[0])
    return rounded(math.sqrt(bottom * top)) if top / bottom >= 1 + _WORTH / 2 else None


def _between(guess: Guess, found: Ends) -> float:
    """A step below the estimate, else a step above it, but not too near to the ends."""
    assert found.low is not None
    assert found.high is not None
    margin = found.gap**_ASIDE_OF_ENDS
    below = guess.rate / guess.step
    wanted = below if found.low * margin < below else guess.rate * guess.step
    return rounded(min(found.high / margin, max(found.low * margin, wanted)))


def _again(known: Knowledge, plan: SearchPlan, tolerance: float) -> float | None:
    """An undecided rate that more seconds should decide: the one that is farthest from the estimate."""
    found = ends(known)
    if not found.near or found.high is None or sure_gap(known, found) <= 1 + max(tolerance, _WORTH):
        return None
    guess = estimate(known, found.low, found.high, plan)
    some = [rate for rate in found.near if known[rate].seconds < _OFTEN * plan.hold]
    if guess is None or not some or guess.step > _COARSE:
        return None
    return max(some, key=lambda rate: abs(math.log(rate / guess.rate)))


def lower_side(guess: Guess, found: Ends) -> float:
    """A rate below the estimate and below the undecided rates. It is the lower, the more rates are undecided."""
    below = sum(rate <= guess.rate for rate in found.near)
    return min(guess.rate, *found.near, math.inf) / math.pow(guess.step, min(1.5, max(1, below)))


def last_rate(known: Knowledge, plan: SearchPlan, near: Near | None) -> float | None:
    """The rate that is worth the last hold; None: none is."""
    found = ends(known)
    if near is not None and found.high is not None:
        return rounded(near.last(known))
    low = max((one.rate for one in known.values() if one.holds and one.rate < (found.high or math.inf)), default=None)
    if not found.near or (low and found.near[0] <= low * (1 + 2 * plan.precision)):
        return low or found.low
    if found.low is None and found.near[-1] >= _SPREAD * found.near[0]:
        return _worth_a_hold(known, found, plan)
    guess = estimate(known, found.low, found.high, plan) if found.high else None
    wanted = lower_side(guess, found) if guess else found.near[0] / (1 + 2 * plan.precision)
    return rounded(max(wanted, low or 0.0))


def _worth_a_hold(known: Knowledge, found: Ends, plan: SearchPlan) -> float | None:
    """If the outcome does not depend on the rate, a hold at an undecided rate far below the highest one may decide."""
    some = [rate for rate in found.near if rate <= found.near[-1] / WIDE and known[rate].seconds < plan.hold]
    tried = any(known[rate].seconds >= plan.hold for rate in found.near)
    return max(some, default=None) if not tried else None


def _lower(high: float, plan: SearchPlan) -> float | None:
    if high > plan.start:
        return rounded(max(high / _STEP_DOWN, plan.start))  # the capacity has moved
    return rounded(high / 2) if high / 2 >= plan.start * LOWEST else None


def _higher(highest: float, plan: SearchPlan) -> float | None:
    wanted = highest * 2 or plan.start
    if plan.to is not None and wanted > plan.to:
        return plan.to if highest < plan.to else None
    return rounded(wanted)


def _beside(found: Ends, plan: SearchPlan) -> float | None:
    """A rate beside the undecided ones, on the side where the interval is wider."""
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
    """The rate with four digits: a search is not more exact."""
    return float(f"{rate:.4g}")
