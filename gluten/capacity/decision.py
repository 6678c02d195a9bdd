"""What the search for a capacity is given, and what it decides. Values."""

from __future__ import annotations

from typing import NamedTuple

from gluten.slo.slo import Slo

REQUESTS, SESSIONS = "requests/s", "sessions/s"
"""The unit of a rate."""
TARGET, GENERATOR, ASKED = "target", "generator", "asked"
"""What the limit was. `ASKED`: the highest rate, the time, or the end of a feed."""
CONFIDENCE = 0.95
"""The confidence with which one rate is decided. The report never states a higher one for an interval."""


class Stay(NamedTuple):
    """The rate stays as it is."""


class SetRate(NamedTuple):
    """From the next run-second on, the cluster makes `rate` sessions/s."""

    rate: float


class Over(NamedTuple):
    """The answer is known: the load ends in order. `reason` is its sentence."""

    reason: str


Decision = Stay | SetRate | Over


class Generator(NamedTuple):
    """One node in one second. `cpu`: the busiest worker's share of a core; `lateness_p99` and `lag_p99` in
    microseconds. `capped`: all connections that it may have are open, and requests wait for one."""

    name: str
    cpu: float = 0.0
    lateness_p99: int = 0
    lag_p99: int = 0
    capped: bool = False


class SearchPlan(NamedTuple):
    """What was asked. `start` and `to` are rates in `unit`; `precision` is a share (0.02); `hold` and `seconds` (the
    most that the search may take) are seconds. `session`: about how long a session takes, where that is known before.
    `at_least`: the rate that has to hold, for the words alone."""

    slos: tuple[Slo, ...]
    start: float = 10.0
    to: float | None = None
    precision: float = 0.02
    hold: float = 30.0
    seconds: float = 600.0
    unit: str = REQUESTS
    session: float = 0.0
    at_least: float | None = None
