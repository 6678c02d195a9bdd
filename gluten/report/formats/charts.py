"""Still charts of the HTML report: the heat map, the percentiles, the distribution, and what all charts share."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from gluten.report.formats import svg
from gluten.report.formats.svg import Series, Tick
from gluten.stats import hdr
from gluten.stats.heatmap import BANDS
from gluten.units import format_duration, format_micros

if TYPE_CHECKING:
    from gluten.documents import ReportDocument as Report
Rows = Sequence[Mapping[str, Any]]

EventsBySecond = Mapping[int, Sequence[str]]

MAX_COLUMNS = 120
_ROUTINE_EVENTS = ("created", "started", "starting", "finished", "adjust_taken")
MAX_POINTS = 180
"""In a longer run each point stands for several seconds."""
_MAX_NINES = 6
_STEPS = 20
"""The number of bars of the distribution in a decade."""
_CURVE_TICKS = (
    Tick(0.0, "0%"),
    Tick(math.log10(2), "50%"),
    Tick(1.0, "90%"),
    Tick(2.0, "99%"),
    Tick(3.0, "99.9%"),
    Tick(4.0, "99.99%"),
    Tick(5.0, "99.999%"),
)


def events_by_second(events: Sequence[Mapping[str, Any]]) -> EventsBySecond:
    """Maps a second of the run to the texts of its events. Events that every run has are left out."""
    found: dict[int, list[str]] = {}
    for event in events:
        if event["second"] is not None and event["kind"] not in _ROUTINE_EVENTS:
            found.setdefault(event["second"], []).append(event["text"])
    return found


def binned(rows: Rows, most: int = MAX_POINTS) -> list[Rows]:
    """The rows in groups of adjacent seconds. There are at most `most` + 1 groups."""
    size = math.ceil((rows[-1]["second"] - rows[0]["second"] + 1) / most)
    groups: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row["second"] // size, []).append(row)
    return list(groups.values())


def curve(report: Report) -> str:
    """Response time by percentile. Each step to the right is ten times rarer: 90 %, 99 %, 99.9 %."""
    nines = min(_MAX_NINES, max(1.0, math.log10(report["requests"]["completed"])))
    xs = [nines * step / 120 for step in range(121)]
    points = [100 * (1 - 10**-x) for x in xs]
    times = (("response time", "c1", report["response_time"]), ("service time", "c2", report["service_time"]))
    series = [
        Series(name, [float(v) for v in hdr.decode(found["hdr"]).percentiles(points)], color == "c2", color)
        for name, color, found in times
    ]
    axes = axes_of(xs, [tick for tick in _CURVE_TICKS if tick.at <= nines + 1e-9], series, short_micros)
    drawn = svg.lines("Percentiles", axes, series, [f"{point:.6g}%" for point in points])
    return drawn + svg.legend(series)


def heat_map(rows: Rows, events: EventsBySecond) -> str:
    """A heat map of response times by second. The colour shows the logarithm of the count, so that few are visible."""
    groups = binned(rows, MAX_COLUMNS)
    counts = [_bands(group) for group in groups]
    most = math.log1p(max(times for bands in counts for times in bands.values()))
    fields = [
        svg.Cell(at, 2 ** (band / BANDS), 2 ** ((band + 1) / BANDS), math.log1p(times) / most)
        for at, bands in enumerate(counts)
        for band, times in bands.items()
    ]
    xs = [float(group[0]["second"]) for group in groups]
    edges = Series("", [edge for one in fields for edge in (one.low, one.high)])
    axes = svg.logarithmic(xs, svg.time_ticks(xs, format_duration), [edges], short_micros)
    labelled = zip(labels(groups, events), counts, strict=True)
    hints = [f"{label}\n{sum(bands.values()):,} responses" for label, bands in labelled]
    return svg.cells("Response times of all requests", axes, fields, hints, marks(groups, events))


def _bands(group: Rows) -> dict[int, int]:
    """Maps each band that is not empty (`stats/heatmap`) to its number of responses."""
    found: dict[int, int] = {}
    for row in group:
        first, *counts = row.get("heat") or [0]
        for band, times in enumerate(counts, first):
            if times:
                found[band] = found.get(band, 0) + times
    return found


def distribution(report: Report) -> str:
    """The number of responses by response time. The steps have equal ratios."""
    times = report["response_time"]
    low = math.floor(math.log10(max(1, times["min"])) * _STEPS)
    counts = [0.0] * (math.floor(math.log10(max(1, times["max"])) * _STEPS) - low + 1)
    for micros, count in hdr.decode(times["hdr"]):
        # The upper end of a histogram's slot may exceed the greatest value.
        step = math.floor(math.log10(max(1, min(micros, times["max"]))) * _STEPS)
        counts[max(0, step - low)] += count
    xs = [float(low + step) for step in range(len(counts))]
    edges = [10 ** (x / _STEPS) for x in (*xs, xs[-1] + 1)]
    every = max(1, len(xs) // 8)
    ticks = [Tick(x, short_micros(float(f"{edge:.2g}"))) for x, edge in zip(xs[::every], edges[::every], strict=False)]
    hints = [f"{format_micros(a)} to {format_micros(b)}" for a, b in pairwise(edges)]
    series = [Series("responses", counts)]
    return svg.bars("Distribution", svg.linear(xs, ticks, series, short_count), series, hints)


def marks(groups: Sequence[Rows], events: EventsBySecond) -> list[float]:
    """The positions of the groups in which there was an event."""
    return [float(group[0]["second"]) for group in groups if any(row["second"] in events for row in group)]


def axes_of(xs: Sequence[float], ticks: Sequence[Tick], series: Sequence[Series], formatter: svg.Formatter) -> svg.Axes:
    """Logarithmic axes if the values span more than a factor of 20, else linear ones."""
    values = [value for one in series for value in one.values if value]
    wide = values and max(values) > 20 * min(values)
    return (svg.logarithmic if wide else svg.linear)(xs, ticks, series, formatter)


def means(groups: Sequence[Rows], key: str) -> list[float | None]:
    return [sum(row.get(key) or 0 for row in group) / len(group) for group in groups]


def labels(groups: Sequence[Rows], events: EventsBySecond) -> list[str]:
    """For each point a text with its seconds and their events."""
    return [_label(group, events) for group in groups]


def _label(group: Rows, events: EventsBySecond) -> str:
    first, last = group[0]["second"], group[-1]["second"]
    texts = [text for row in group for text in events.get(row["second"], ())]
    return "\n".join([f"second {first}" + (f" to {last}" if last > first else ""), *texts])


def short_count(value: float) -> str:
    """`1.5k`, `12k`, `0.2`."""
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:.4g}{unit}"
    return f"{value:.4g}"


def short_micros(micros: float) -> str:
    """`250us`, `1.5ms`, `2s`."""
    for limit, unit in ((1e6, "s"), (1e3, "ms")):
        if micros >= limit:
            return f"{micros / limit:.4g}{unit}"
    return f"{micros:.4g}us"
