"""A service level objective (SLO): a statement that must be true of a run, such as `p99 of login < 400ms`. A value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple


class Measure(Enum):
    """What an SLO measures. The value's unit in a report stands beside."""

    RESPONSE = auto()  # microseconds
    SERVICE = auto()  # microseconds
    FIRST_BYTE = auto()  # microseconds
    LATENESS = auto()  # microseconds, of the load generator
    SESSION = auto()  # microseconds
    GROUP = auto()  # microseconds
    RATE = auto()  # completed requests/s
    GOOD_RATE = auto()  # good requests/s
    SESSION_RATE = auto()  # finished sessions/s
    ERRORS = auto()  # a share (0 to 1), or a number
    STATUS = auto()  # the same
    SESSION_ERRORS = auto()  # the same
    CHECKS = auto()  # a share
    DROPPED = auto()  # a share of what was planned, or a number


TIMES = frozenset({
    Measure.RESPONSE, Measure.SERVICE, Measure.FIRST_BYTE, Measure.LATENESS, Measure.SESSION, Measure.GROUP,
})  # fmt: skip
RATES = frozenset({Measure.RATE, Measure.GOOD_RATE, Measure.SESSION_RATE})
OF_SESSIONS = frozenset({Measure.SESSION, Measure.GROUP, Measure.SESSION_RATE, Measure.SESSION_ERRORS})

HOLDS, MISSED, UNMEASURED = "holds", "missed", "unmeasured"
"""`UNMEASURED`: nothing was measured so far. At the end of a run such an SLO is missed."""
MISSED_EVENT = "slo"
"""The kind of the event that tells of an SLO when it is first missed."""
MICROSECONDS, SHARE, PER_SECOND, COUNT = "microseconds", "share", "per second", "count"
"""The units of values."""


class Point(Enum):
    """Which figure of a distribution of times, where it is no percentile."""

    MEAN = auto()
    MAX = auto()


class Window(Enum):
    """`FOR`: missed where it does not hold in each second of a span. `OVER`: it must hold for every such span."""

    WHOLE = auto()
    FOR = auto()
    OVER = auto()


class What(NamedTuple):
    """The left side. `point`: a percentile (0 to 100), or mean or max; None where there are no times. `detail`: a kind
    of errors, a status (`503`) or a class of it (`5xx`)."""

    measure: Measure
    point: float | Point | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Slo:
    """`text` is as it was written. `name`: of which request, scenario or group; empty: of all. `each`: of each of them.

    `limit` is in the report's units: microseconds, shares (0 to 1, where `share`), per second, counts. `span` is the
    window's length in whole seconds. `stop`: a run that misses it ends.
    """

    text: str
    what: What
    op: str
    limit: float
    name: str = ""
    each: bool = False
    share: bool = False
    window: Window = Window.WHOLE
    span: int = 0
    stop: bool = False

    @property
    def upper(self) -> bool:
        """It asks for less than the limit."""
        return self.op in ("<", "<=")

    @property
    def unit(self) -> str:
        """Of the value and the limit, as the report names it."""
        if self.what.measure in TIMES:
            return MICROSECONDS
        if self.what.measure in RATES:
            return PER_SECOND
        return SHARE if self.share or self.what.measure is Measure.CHECKS else COUNT

    @property
    def counted(self) -> bool:
        """A count of requests decides it, so that it can be said how sure that is."""
        measure, point = self.what.measure, self.what.point
        if measure is Measure.LATENESS:
            return False
        return isinstance(point, float) if measure in TIMES else measure not in RATES | {Measure.DROPPED}
