"""A typical session as bars, one after the other: of each request its median, of each pause its mean. Pure.

A step that comes more or less often than once has a bar of its length times how often it comes. So the bars together
are about as long as a session.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

Plain = Mapping[str, Any]


class Bar(NamedTuple):
    """Times are in seconds. `name` None: a pause. `each` is how long the step takes, and it comes `times` times.
    None: it was never answered, so its time is not known."""

    name: str | None
    times: float
    each: float | None
    start: float

    @property
    def length(self) -> float:
        return (self.each or 0.0) * self.times


def waterfall(steps: Iterable[Plain], requests: Iterable[Plain]) -> list[Bar]:
    """The bars of one scenario, by the report's `steps` of it and its `by_request`."""
    return list(_bars(steps, {entry["name"]: _median(entry) for entry in requests}))


def _median(entry: Plain) -> float | None:
    return entry["response_time"]["p50"] / 1e6 if entry["completed"] else None


def _bars(steps: Iterable[Plain], medians: Mapping[str, float | None]) -> Iterator[Bar]:
    start = 0.0
    for step in steps:
        each = step["pause"] if step["step"] is None else medians.get(step["step"])
        bar = Bar(step["step"], step["times"], each, start)
        yield bar
        start += bar.length


def length(bars: Iterable[Bar]) -> float:
    """Of the whole session, in seconds."""
    return sum(bar.length for bar in bars)
