"""Does an SLO hold for a sample, and with which value? Pure."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable

from gluten.slo.sample import Sample
from gluten.slo.slo import RATES, TIMES, Measure, Point, Slo

_OPS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq,
}  # fmt: skip


def holds(slo: Slo, seen: Sample, seconds: float) -> bool:
    """Whether it holds for what was seen in `seconds` seconds of load. Where nothing was measured it does not."""
    if slo.what.measure in TIMES and slo.what.point is not Point.MEAN:
        return _holds_at_rank(slo, seen)
    value = number(slo, seen, seconds)
    return value is not None and _OPS[slo.op](value, slo.limit)


def number(slo: Slo, seen: Sample, seconds: float) -> float | None:
    """The value of what is no percentile: mean, rate, share, number. None: nothing was measured."""
    measure = slo.what.measure
    if measure in TIMES:
        answered = seen.measured - seen.failed
        return seen.total / answered if answered else None
    if measure in RATES:
        return seen.hits / seconds if seconds > 0 else None
    if measure is Measure.CHECKS or slo.share:
        return seen.hits / seen.measured if seen.measured else None
    return float(seen.hits) if seen.measured else None


def rank(slo: Slo, count: int) -> int:
    """The place of the percentile among `count` requests, from 1. A maximum is the last."""
    point = slo.what.point if isinstance(slo.what.point, float) else 100.0
    return min(count, max(1, math.ceil(count * point / 100 - 1e-9)))


def _holds_at_rank(slo: Slo, seen: Sample) -> bool:
    """A failed request is slower than every limit: a percentile that falls among these is missed."""
    if not seen.measured:
        return False
    place = rank(slo, seen.measured)
    if place > seen.measured - seen.failed:
        return False
    return {
        "<": seen.below >= place,
        "<=": seen.upto >= place,
        ">": seen.upto < place,
        ">=": seen.below < place,
        "==": seen.below < place <= seen.upto,
    }[slo.op]


def beyond(slo: Slo, seen: Sample) -> tuple[int, int, float]:
    """(what counts against the SLO, of how many, the share of it that is allowed). For SLOs that a count decides."""
    if slo.what.measure in TIMES:
        kept = seen.upto if slo.op in ("<=", ">") else seen.below
        point = slo.what.point if isinstance(slo.what.point, float) else 100.0
        return seen.measured - kept, seen.measured, 1 - point / 100
    return seen.hits, seen.measured, slo.limit
