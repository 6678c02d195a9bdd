"""What a piece of a run says to one SLO: a second, a window, the whole. Samples add up. Pure."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import NamedTuple

from gluten.slo.slo import OF_SESSIONS, Measure, Slo
from gluten.stats.begun import begun, dropped
from gluten.stats.delta import Delta
from gluten.stats.histogram import Histogram, highest
from gluten.stats.request_stats import REDIRECT, Stats
from gluten.stats.row import lateness
from gluten.stats.session_stats import SessionStats


class Sample(NamedTuple):
    """`measured`: how many, failed requests included. Of times: `below` the limit, `upto` the limit (with those
    that are equal), `total` in microseconds, `failed`. Else `hits` are what the SLO counts. A session that `on_fail`
    ended counts as a request that failed does: as slower than every limit."""

    measured: int = 0
    failed: int = 0
    below: int = 0
    upto: int = 0
    total: int = 0
    hits: int = 0


def merged(samples: Iterable[Sample]) -> Sample:
    """The sum of samples."""
    whole = Sample()
    for one in samples:
        whole = Sample(*map(operator.add, whole, one))
    return whole


def without(whole: Sample, one: Sample) -> Sample:
    """A sum without one of its parts."""
    return Sample(*map(operator.sub, whole, one))


def sample(slo: Slo, delta: Delta, name: str = "") -> Sample:
    """What `delta` says to the SLO; `name`: of that request, scenario or group alone."""
    if slo.what.measure in OF_SESSIONS:
        return _of_sessions(slo, delta, name)
    stats = delta.by_name.get(name, Stats()) if name else delta.total
    measure = slo.what.measure
    if measure is Measure.LATENESS:
        return _times(slo, lateness(delta), 0)
    if measure in _HISTOGRAMS:
        return _times(slo, times_of(slo, delta, name), stats.failed)
    if measure is Measure.DROPPED:
        return Sample(measured=begun(delta) + dropped(delta), hits=dropped(delta))
    if measure is Measure.CHECKS:
        passed, failed = (sum(pair[at] for pair in stats.checks.values()) for at in (0, 1))
        return Sample(measured=passed + failed, hits=passed)
    return Sample(measured=stats.completed + stats.failed, failed=stats.failed, hits=_hits(slo, stats))


def _of_sessions(slo: Slo, delta: Delta, name: str) -> Sample:
    """Sessions that were cut came to no end of their own: they count for nothing."""
    if slo.what.measure is Measure.GROUP:
        return _times(slo, times_of(slo, delta, name), 0)
    stats = _sessions(delta, name)
    if slo.what.measure is Measure.SESSION:
        return _times(slo, stats.time, stats.ended)
    over = stats.finished + stats.ended
    return Sample(over, hits=stats.finished if slo.what.measure is Measure.SESSION_RATE else over - stats.good)


def _sessions(delta: Delta, name: str) -> SessionStats:
    return delta.by_scenario.get(name, SessionStats()) if name else delta.sessions


def names_in(slo: Slo, delta: Delta) -> Iterable[str]:
    """Which requests, scenarios or groups `of each` means in this second: those that occurred."""
    if slo.what.measure is Measure.GROUP:
        return tuple(delta.groups)
    if slo.what.measure in OF_SESSIONS:
        return tuple(name for name, stats in delta.by_scenario.items() if stats.begun)
    return tuple(name for name, stats in delta.by_name.items() if stats.sent and not name.endswith(REDIRECT))


def times_of(slo: Slo, delta: Delta, name: str = "") -> Histogram:
    """The times that an SLO of times is about."""
    if slo.what.measure is Measure.LATENESS:
        return lateness(delta)
    if slo.what.measure is Measure.GROUP:
        return delta.groups.get(name, Histogram()) if name else _summed(delta.groups.values())
    if slo.what.measure is Measure.SESSION:
        return _sessions(delta, name).time
    stats = delta.by_name.get(name, Stats()) if name else delta.total
    return _HISTOGRAMS[slo.what.measure](stats)


def _summed(histograms: Iterable[Histogram]) -> Histogram:
    whole = Histogram()
    for one in histograms:
        whole.add(one)
    return whole


_HISTOGRAMS: dict[Measure, Callable[[Stats], Histogram]] = {
    Measure.RESPONSE: lambda stats: stats.response,
    Measure.SERVICE: lambda stats: stats.service,
    Measure.FIRST_BYTE: lambda stats: stats.first_byte,
}


def _hits(slo: Slo, stats: Stats) -> int:
    measure, detail = slo.what.measure, slo.what.detail
    if measure is Measure.RATE:
        return stats.completed
    if measure is Measure.GOOD_RATE:
        return stats.good
    if measure is Measure.STATUS:
        return sum(times for code, times in stats.status.items() if _matches(code, detail))
    return stats.errors.get(detail, 0) if detail else stats.failed + stats.completed - stats.good


def _matches(code: int, detail: str) -> bool:
    return code // 100 == int(detail[0]) if detail.endswith("xx") else code == int(detail)


def _times(slo: Slo, histogram: Histogram, failed: int) -> Sample:
    """A slot counts by its upper end, as in percentiles; the greatest value is known exactly."""
    below = upto = answered = 0
    for index, times in histogram.counts.items():
        value = min(highest(index), histogram.most)
        answered += times
        below += times if value < slo.limit else 0
        upto += times if value <= slo.limit else 0
    return Sample(answered + failed, failed, below, upto, histogram.total)
