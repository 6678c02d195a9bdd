"""Where the answer is, estimated from all trials near it. Pure.

Near the answer the logarithm of what counts against an SLO, over what is allowed, rises about linearly with that of the
rate. The line is fitted by weighted least squares. Two trials say little of its slope. Of a queue it is the rate times
the limit of the time: the tail of its response times falls exponentially, by its spare capacity.
"""

from __future__ import annotations

import math
from statistics import median
from typing import NamedTuple

from gluten.capacity.decision import SearchPlan
from gluten.capacity.facts import Knowledge, Known
from gluten.slo.slo import TIMES, Slo

_SLOPE, _UNSURE = 40.0, 0.3
"""The slope if nothing else is known of it, and its standard error as a part of it."""
_OTHER = 2.0
"""The fitted slope differs from the expected one by this factor at most."""
_FLATTEST, _STEEPEST = 3.0, 200.0
_FAR = 3.5
"""Values so far from the limit, in logarithms, say nothing of the line."""
_FEWEST = 5
_APART = 2.2
"""A hold can tell a rate from the answer if the two are this many standard errors apart."""
_WIDEST = 0.1


class Guess(NamedTuple):
    """An estimate of the answer. A hold can tell it from rates that differ from it by the factor `step`."""

    rate: float
    step: float


class _Point(NamedTuple):
    place: float
    log: float
    error: float
    seconds: int


def estimate(known: Knowledge, low: float | None, high: float, plan: SearchPlan) -> Guess | None:
    """The rate at which the SLO that decides is just met; None: the trials say nothing of it."""
    bottom = (low or 0.0) / (1 + _WIDEST)
    near = [one for rate, one in known.items() if bottom <= rate <= high * (1 + _WIDEST)]
    points = [point for one in near if (point := _point(one))]
    if not points:
        return None
    weight = math.fsum(1 / point.error**2 for point in points)
    x = math.fsum(point.place / point.error**2 for point in points) / weight
    y = math.fsum(point.log / point.error**2 for point in points) / weight
    slope = _slope(points, x, y, _expected(near[0].standing.slo, math.exp(x)))
    rate = min(high, max(low or 0.0, math.exp(x - y / slope)))
    error = median(point.error * math.sqrt(point.seconds / plan.hold) for point in points)
    step = min(_WIDEST, max(plan.precision / 2, _APART * error / slope))
    return Guess(rate, 1 + step)


def _point(one: Known) -> _Point | None:
    figure = one.standing.figure
    if one.limited or figure is None or one.seconds < _FEWEST or abs(figure.log) > _FAR:
        return None
    return _Point(math.log(one.rate), figure.log, max(0.05, figure.error), one.seconds)


def _expected(slo: Slo | None, rate: float) -> float:
    if slo is None or slo.what.measure not in TIMES:
        return _SLOPE
    return min(_STEEPEST, max(_FLATTEST, rate * slo.limit / 1e6))


def _slope(points: list[_Point], x: float, y: float, expected: float) -> float:
    sure = 1 / (_UNSURE * expected) ** 2
    over = math.fsum((point.place - x) * (point.log - y) / point.error**2 for point in points)
    under = math.fsum((point.place - x) ** 2 / point.error**2 for point in points)
    found = (over + sure * expected) / (under + sure)
    return min(expected * _OTHER, max(expected / _OTHER, found))
