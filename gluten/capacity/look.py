"""What the search keeps of one run-second. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gluten.capacity.decision import Generator
from gluten.slo.sample import Sample, names_in, sample
from gluten.slo.slo import Slo
from gluten.stats.begun import begun, dropped
from gluten.stats.delta import Delta
from gluten.stats.histogram import Histogram

Asked = tuple[int, str]
"""(place of an SLO in the task, the request, scenario or group that it is judged for)."""


_MOST_SESSIONS = 90


class Look(NamedTuple):
    """One run-second over all nodes. `begun` and `dropped` are sessions, or without scenarios requests. `waiting` are
    in flight, or due and wait for a connection. `session`: seconds that nine of ten sessions took at most, or requests.
    `samples`: what it says to each SLO."""

    second: int
    begun: int
    dropped: int
    answered: int
    good: int
    waiting: int
    response: Histogram
    session: float
    samples: Mapping[Asked, Sample]
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
        delta.status,
        delta.errors,
        tuple(generators),
    )


def _names(slo: Slo, delta: Delta) -> Sequence[str]:
    return tuple(names_in(slo, delta)) if slo.each else (slo.name,)
