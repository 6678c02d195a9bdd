"""Do the SLOs hold in a window of a search? Pure.

A count that is a share of requests decides by its interval (`slo/sure`). A mean or a rate has an interval from its
seconds. A maximum, a number and a window of an SLO decide for the worse at once, for the better when the window has
lasted as long as a hold.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import NamedTuple

from gluten.capacity.look import Asked, Look
from gluten.slo import windows
from gluten.slo.decision import beyond, holds
from gluten.slo.sample import Sample, merged
from gluten.slo.slo import RATES, TIMES, Measure, Point, Slo, Window
from gluten.slo.sure import Pairs, interval


class State(Enum):
    """Whether an SLO, or all of them, hold at a rate."""

    HOLDS = "holds"
    MISSES = "misses"
    UNDECIDED = "undecided"


class Figure(NamedTuple):
    """How far a value is from its limit, as the logarithm of their quotient: below 0 it holds. `error`: its standard
    error."""

    log: float
    error: float


class Standing(NamedTuple):
    """`slo` decides it: the one that misses, else the first that is undecided, else the one that comes nearest to its
    limit. `likely`: whether it would hold if the window ended now. `figure`: None where no interval decides. `of`: the
    SLO's place, and what it is judged for; `alone`: all others hold."""

    state: State
    slo: Slo | None = None
    likely: bool = True
    figure: Figure | None = None
    of: Asked = (0, "")
    alone: bool = True


Seconds = Sequence[tuple[int, Sample]]


def standing(slos: Sequence[Slo], looks: Sequence[Look], long: bool, confidence: float) -> Standing:
    """How all SLOs stand. `long`: the window has lasted as long as a hold."""
    found = [_of_one(slo, at, looks, long, confidence) for at, slo in enumerate(slos)]
    return _worst(found, Standing(State.UNDECIDED))


def _worst(found: Sequence[Standing], none: Standing) -> Standing:
    worst = min(found, key=_weight, default=none)
    return worst._replace(alone=worst.alone and all(one is worst or one.state is State.HOLDS for one in found))


def _weight(one: Standing) -> tuple[int, bool, float]:
    order = (State.MISSES, State.UNDECIDED, State.HOLDS).index(one.state)
    return order, one.likely, -one.figure.log if one.figure else math.inf


def _of_one(slo: Slo, at: int, looks: Sequence[Look], long: bool, confidence: float) -> Standing:
    if slo.what.measure is Measure.LATENESS:
        return Standing(State.HOLDS, slo)  # `ceiling` judges it: it is the generator's fault
    names = {name for look in looks for place, name in look.samples if place == at}
    found = [_of_name(slo, _series(looks, (at, name)), long, confidence)._replace(of=(at, name)) for name in names]
    return _worst(found, Standing(State.UNDECIDED, slo))


def pairs_of(slo: Slo, of: Asked, looks: Iterable[Look]) -> Pairs:
    """What counts against the SLO, of how many, in each second."""
    return [beyond(slo, seen)[:2] for _, seen in _series(looks, of)]


def _series(looks: Iterable[Look], of: Asked) -> Seconds:
    found = ((look.second, look.samples.get(of, Sample())) for look in looks)
    return [(second, seen) for second, seen in found if seen.measured]


def _of_name(slo: Slo, seconds: Seconds, long: bool, confidence: float) -> Standing:
    if not seconds:
        return Standing(State.UNDECIDED, slo)
    if slo.window is not Window.WHOLE and len(seconds) >= slo.span:
        broken, _ = windows.first_broken(slo, seconds, False)
        return _at_once(slo, not broken, long)
    found = _of_whole(slo, seconds, long, confidence)
    if slo.window is Window.FOR:
        return Standing(State.UNDECIDED, slo, found.likely)
    short = slo.window is Window.OVER and found.state is State.HOLDS
    return found._replace(state=State.UNDECIDED) if short else found


def _of_whole(slo: Slo, seconds: Seconds, long: bool, confidence: float) -> Standing:
    likely = holds(slo, merged(seen for _, seen in seconds), float(len(seconds)))
    if _decided_at_once(slo):
        return _at_once(slo, likely, long)
    low, high, allowed = _interval(slo, seconds, confidence)
    return Standing(_side(slo, low, high, allowed), slo, likely, _figure(slo, low, high, allowed, confidence))


def allowed(slo: Slo) -> float | None:
    """The share that may count against the SLO; None: something else decides it."""
    whole = slo.counted and slo.upper and slo.window is Window.WHOLE and not _decided_at_once(slo)
    return beyond(slo, Sample())[2] if whole else None


def _decided_at_once(slo: Slo) -> bool:
    """One request too many breaks it for good."""
    if slo.what.point is Point.MAX or slo.op == "==" or (slo.share and not slo.limit):
        return True
    counts = slo.what.measure not in TIMES | RATES | {Measure.CHECKS}
    return counts and not slo.share


def _at_once(slo: Slo, likely: bool, long: bool) -> Standing:
    if not likely:
        return Standing(State.MISSES, slo, False)
    return Standing(State.HOLDS if long else State.UNDECIDED, slo)


def _side(slo: Slo, low: float, high: float, allowed: float) -> State:
    if low <= allowed <= high:
        return State.UNDECIDED
    return State.HOLDS if (high < allowed) == slo.upper else State.MISSES


def _figure(slo: Slo, low: float, high: float, allowed: float, confidence: float) -> Figure | None:
    if not slo.upper or high <= 0 or allowed <= 0 or math.isinf(high):
        return None
    middle = math.sqrt(max(low, high * _NOTHING) * high)
    return Figure(math.log(middle / allowed), math.log(high / middle) / Z[confidence])


def _interval(slo: Slo, seconds: Seconds, confidence: float) -> tuple[float, float, float]:
    """(lower end, upper end, what is allowed)."""
    if slo.what.point is Point.MEAN or slo.what.measure in RATES:
        return *_of_mean([_term(slo, seen) for _, seen in seconds], confidence), slo.limit
    pairs = [beyond(slo, seen) for _, seen in seconds]
    return *interval([(hits, count) for hits, count, _ in pairs], confidence), pairs[0][2]


def _term(slo: Slo, seen: Sample) -> tuple[float, float]:
    if slo.what.measure in RATES:
        return float(seen.hits), 1.0
    return float(seen.total), float(seen.measured - seen.failed)


_NOTHING = 0.05
"""If nothing counted against an SLO, the lower end of the interval is this part of the upper end."""
Z = {0.95: 1.96, 0.99: 2.576}
_FEWEST = 5
"""The fewest seconds from which the scatter of a mean can be estimated."""


def _of_mean(terms: Sequence[tuple[float, float]], confidence: float) -> tuple[float, float]:
    """The interval of a ratio of sums, from the scatter of the seconds and how alike neighbours are."""
    sums, counts = math.fsum(term for term, _ in terms), math.fsum(count for _, count in terms)
    if len(terms) < _FEWEST or not counts:
        return -math.inf, math.inf
    mean = sums / counts
    away = [term - mean * count for term, count in terms]
    own = math.fsum(one * one for one in away)
    next_ = math.fsum(map(float.__mul__, away, away[1:]))
    alike = min(0.9, max(0.0, next_ / own)) if own else 0.0
    many = len(terms)
    spread = math.sqrt(own * many / (many - 1) * (1 + alike) / (1 - alike)) / counts
    half = spread * Z[confidence] * (1 + 2 / many)
    return mean - half, mean + half
