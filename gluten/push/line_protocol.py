"""InfluxDB's line protocol: a line for each figure of a node's second, and for each event. Pure.

Counts are those of the second alone, histograms become percentiles of the second. A line of a second that has changed
replaces the earlier one, because it has the same tags and time. Source: InfluxDB, "Line protocol".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from gluten.push.batch import Batch, Event, Part
from gluten.push.figures import Figure
from gluten.stats.histogram import Histogram

POINTS = {"p50": 50.0, "p90": 90.0, "p95": 95.0, "p99": 99.0, "p99_9": 99.9}
_SPECIAL = re.compile("([,= ])")


def lines(batch: Batch) -> Iterator[str]:
    """The lines of a batch. A histogram in which nothing was counted has none."""
    for part in batch.parts:
        for figure in part.figures:
            if fields := _fields(figure):
                yield f"{figure.metric.name}{_tags(batch, part, figure)} {fields} {part.at or batch.at}"


def event_line(event: Event) -> str:
    """An event: its text, with its kind as a tag."""
    tags = _pairs((("run", event.head.run), ("name", event.head.name), ("node", event.node), ("kind", event.kind)))
    text = " ".join(event.text.split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'gluten.event{tags} text="{text}" {event.at}'


def _tags(batch: Batch, part: Part, figure: Figure) -> str:
    return _pairs((("run", batch.head.run), ("name", batch.head.name), ("node", part.node), *figure.labels))


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    """Tags without those that are empty, which the protocol does not have."""
    return "".join(f",{name}={text}" for name, value in pairs if (text := _tag(value)))


def _tag(value: str) -> str:
    """A backslash at the end would take the comma behind it."""
    return _SPECIAL.sub(r"\\\1", " ".join(value.split()).rstrip("\\"))


def _fields(figure: Figure) -> str:
    value = figure.value
    if isinstance(value, Histogram):
        return _distribution(value)
    return f"value={value}i" if isinstance(value, int) else f"value={value!r}"


def _distribution(times: Histogram) -> str:
    """In seconds."""
    count = len(times)
    if not count:
        return ""
    seconds = dict(zip(POINTS, times.percentiles(POINTS.values()), strict=True))
    seconds |= {"min": times.smallest, "max": times.most, "sum": times.total}
    return ",".join([f"count={count}i", *(f"{name}={micros / 1e6!r}" for name, micros in seconds.items())])
