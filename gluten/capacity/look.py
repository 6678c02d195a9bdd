"""What the search keeps of one run-second. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from gluten.capacity.decision import Generator
from gluten.slo.decision import holds
from gluten.slo.sample import Sample, names_in, sample
from gluten.slo.slo import Measure, Slo
from gluten.stats.begun import begun, dropped
from gluten.stats.delta import Delta
from gluten.stats.histogram import Histogram

Asked = tuple[int, str]
"""(place of an SLO in the task, the request, scenario or group that it is judged for)."""


_MOST_SESSIONS = 90


class Look(NamedTuple):
    """One run-second over all nodes. `begun` and `dropped` are sessions, or without scenarios requests. `waiting` are
    in flight, or due and wait for a connection. `session`: seconds that nine of ten sessions took at most, or requests.
    `samples`: what it says to each SLO. `slow`: the target itself misses one, even if requests had not waited here."""

    second: int
    begun: int
    dropped: int
    answered: int
    good: int
    waiting: int
    response: Histogram
    session: float
    samples: Mapping[Asked, Sample]
    slow: bool
    status: Mapping[int, int]
    errors: Mapping[str, int]
    generators: Sequence[Generator]


def look_of(second: int, delta: Delta, slos: Sequence[Slo], generators: Sequence[Generator]) -> Look:
    """What is kept of `delta`, the sum over all nodes."""
    return Look(
        second,
        begun(delta),
        dropped(delta),
        delta.completed + delta.failed,
        delta.good,
        delta.in_flight + delta.backlog,
        delta.response,
        (delta.sessions.time if delta.by_scenario else delta.response).percentile(_MOST_SESSIONS) / 1e6,
        {(at, name): sample(slo, delta, name) for at, slo in enumerate(slos) for name in _names(slo, delta)},
        any(_is_slow(slo, delta) for slo in slos),
        delta.status,
        delta.errors,
        tuple(generators),
    )


def _names(slo: Slo, delta: Delta) -> Sequence[str]:
    return tuple(names_in(slo, delta)) if slo.each else (slo.name,)


def _is_slow(slo: Slo, delta: Delta) -> bool:
    """An SLO of the response times is missed by the service times alone, or one of what was answered is missed."""
    what = slo.what
    if what.measure is Measure.RESPONSE:
        slo = replace(slo, what=what._replace(measure=Measure.SERVICE))
    elif what.measure not in _OF_TARGET:
        return False
    return any(
        seen.measured and not holds(slo, seen, 1.0) for seen in (sample(slo, delta, n) for n in _names(slo, delta))
    )


_OF_TARGET = (Measure.SERVICE, Measure.FIRST_BYTE, Measure.ERRORS, Measure.STATUS, Measure.CHECKS)
