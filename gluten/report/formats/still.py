"""The web page's charts over the seconds of a run as still pictures: for readers without a script, and for paper.

Titles, names and colours are those of `webui/static/js/charts`. Events are marked on each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gluten.report.formats import svg
from gluten.report.formats.charts import (
    EventsBySecond,
    Rows,
    axes_of,
    binned,
    heat_map,
    labels,
    marks,
    means,
    short_count,
    short_micros,
)
from gluten.report.formats.markup import escape
from gluten.report.formats.svg import Series
from gluten.report.formats.tiles import is_paced
from gluten.report.outcome import bad_status, good_in
from gluten.units import format_duration

if TYPE_CHECKING:
    from gluten.documents import ReportDocument as Report

Row = Mapping[str, Any]
Counts = Mapping[str, int]
Group = Sequence[Row]

_LATENCY = (
    ("max", "max", "c4"),
    ("p99.9", "p99_9", "c2"),
    ("p99", "p99", "c3"),
    ("p95", "p95", "c7"),
    ("p90", "p90", "c6"),
    ("p50", "p50", "c1"),
)
_SERVICE = (
    ("service p99", "service_p99", "c3"),
    ("service p50", "service_p50", "c1"),
    ("lateness p99", "lateness_p99", "c2"),
    ("lag p99", "lag_p99", "c6"),
)
_KINDS = ("c4", "c2", "c3", "c6", "c8", "c5", "c7", "c1")
_CLASSES = {"1": ("c5",), "2": ("c7", "c1"), "3": ("c6", "c3"), "4": ("c2", "c8"), "5": ("c4", "c3")}
_NODES = ("c1", "c2", "c3", "c6", "c4", "c7", "c8", "c5")
_MOST_KINDS = 12


@dataclass(frozen=True, slots=True)
class Still:
    """A chart: its id and title on the page, its unit, its picture as HTML."""

    id: str
    title: str
    unit: str
    picture: str

    def __str__(self) -> str:
        return (
            f'<section class="chart still" data-chart="{self.id}"><header><h3>{escape(self.title)}</h3>'
            f'<span class="unit">{escape(self.unit)}</span></header>{self.picture}</section>'
        )


@dataclass(frozen=True, slots=True)
class Canvas:
    """The seconds to draw, in groups, and the events on them."""

    rows: Rows
    groups: Sequence[Group]
    events: EventsBySecond

    def lines(self, title: str, series: Sequence[Series], formatter: svg.Formatter = short_count) -> str:
        xs = [float(group[0]["second"]) for group in self.groups]
        choose = axes_of if formatter is short_micros else svg.linear
        axes = choose(xs, svg.time_ticks(xs, format_duration), series, formatter)
        drawn = svg.lines(title, axes, series, labels(self.groups, self.events), marks(self.groups, self.events))
        return drawn + svg.legend(series)

    def stack(self, title: str, counts: Callable[[Row], Counts], colour: Callable[[str, int], str]) -> str:
        """Counts a second by kind, on each other."""
        kinds = _kinds(self.rows, counts)
        series = [Series(kind, self._counted(counts, kind), color=colour(kind, at)) for at, kind in enumerate(kinds)]
        xs = [float(group[0]["second"]) for group in self.groups]
        sums = Series("", [sum(one.values[at] or 0 for one in series) for at in range(len(self.groups))])
        axes = svg.linear(xs, svg.time_ticks(xs, format_duration), [sums], short_count)
        drawn = svg.bars(title, axes, series, labels(self.groups, self.events), marks(self.groups, self.events))
        return drawn + svg.legend(series)

    def _counted(self, counts: Callable[[Row], Counts], kind: str) -> list[float]:
        return [sum(counts(row).get(kind, 0) for row in group) / len(group) for group in self.groups]

    def mean(self, name: str, key: str, color: str, dashed: bool = False) -> Series:
        return Series(name, means(self.groups, key), dashed, color)

    def worst(self, name: str, key: str, color: str) -> Series:
        """A point shows the worst of its seconds, because an average would hide high percentiles."""
        values = [
            max((row[key] for row in group if row["completed"] and row.get(key) is not None), default=None)
            for group in self.groups
        ]
        return Series(name, values, color=color)

    def knows(self, key: str) -> bool:
        return any(row.get(key) is not None for row in self.rows)

    def counts(self, *keys: str) -> bool:
        return any(row.get(key) for row in self.rows for key in keys)


def over_time(report: Report, rows: Rows, events: EventsBySecond) -> Iterator[Still]:
    """The charts in the order of the page. `rows`: the seconds of load."""
    seen, of_sessions = Canvas(rows, binned(rows), events), bool(report.get("sessions"))
    yield Still("throughput", "Throughput", "requests/s", _throughput(seen, not of_sessions))
    yield Still("latency", "Response time", "", _times(seen, "Response time", _LATENCY))
    if any(row.get("heat") for row in rows):
        yield Still("heat", "Response times of all requests", "", heat_map(rows, events))
    yield from _outcomes(seen)
    if points := _points(seen, of_sessions):
        yield Still("knee", "Rate against p99", "requests/s", _knee(points))
    yield Still("service", "Service time and lateness", "", _times(seen, "Service time and lateness", _SERVICE))
    yield Still("inflight", "In flight", "requests, connections", _in_flight(seen))
    if is_paced(report) and seen.counts("backlog", "dropped", "sessions_dropped"):
        yield Still("backlog", "Backlog and dropped", "sessions" if of_sessions else "requests", _backlog(seen))
    if of_sessions:
        yield Still("sessions", "Sessions", "at once, begun/s", _sessions(seen))
    yield _by_node(seen, "node-throughput", "Throughput by node", "requests/s", "completed")
    yield _by_node(seen, "node-cpu", "Generator CPU by node", "busiest worker, of one core", "cpu")
    yield from _machines(seen)


def _throughput(seen: Canvas, of_requests: bool) -> str:
    """`of_requests`: the asked rate is one of requests, not of sessions."""
    series = [seen.mean("achieved", "completed", "c1")]
    return seen.lines("Throughput", series + (_asked(seen) if of_requests else []))


def _asked(seen: Canvas) -> list[Series]:
    return [seen.mean("asked", "asked", "c2", dashed=True)] if seen.knows("asked") else []


def _times(seen: Canvas, title: str, lines: Sequence[tuple[str, str, str]]) -> str:
    return seen.lines(title, [seen.worst(*line) for line in lines if seen.knows(line[1])], short_micros)


def _outcomes(seen: Canvas) -> Iterator[Still]:
    if any(any(kinds_in(row).values()) for row in seen.rows):
        drawn = seen.stack("Errors by status and kind", kinds_in, lambda _, at: _KINDS[at % len(_KINDS)])
        yield Still("errors", "Errors by status and kind", "failed or not good, per second", drawn)
    if any(row["status"] for row in seen.rows):
        drawn = seen.stack("Responses by status", lambda row: row["status"], _shade)
        yield Still("statuses", "Responses by status", "responses/s", drawn)


def _points(seen: Canvas, of_sessions: bool) -> list[tuple[float, float]]:
    """(rate, worst p99) of each group of seconds. The rate is what was asked of the target, else what it did."""
    found = []
    for group in seen.groups:
        if answered := [row for row in group if row["completed"]]:
            rates = [row["completed"] if of_sessions or row["asked"] is None else row["asked"] for row in answered]
            found.append((sum(rates) / len(rates), float(max(row["p99"] for row in answered))))
    return sorted(found)


def _knee(points: Sequence[tuple[float, float]]) -> str:
    """Where the points turn upwards, the target has no more to give."""
    xs = [0.0, points[-1][0] * 1.06]
    ticks = svg.round_ticks(xs[0], xs[1], short_count)
    return svg.dots("Rate against p99", axes_of(xs, ticks, [Series("", [y for _, y in points])], short_micros), points)


def _machines(seen: Canvas) -> Iterator[Still]:
    """How busy the load generator and its host are, and what was read and written."""
    if seen.knows("host_cpu"):
        lines = (("host CPU", "host_cpu", "c1"), ("generator, of one core", "cpu", "c3"), ("steal", "steal", "c4"))
        drawn = seen.lines("Host CPU and steal", [seen.mean(*line) for line in lines], _share)
        yield Still("host", "Host CPU and steal", "of the busiest machine", drawn)
    drawn = seen.lines("Bytes", [seen.mean("read", "read", "c1"), seen.mean("written", "written", "c2")], _bytes)
    yield Still("bytes", "Bytes", "per second", drawn)


def kinds_in(row: Row) -> Counts:
    """The errors of a second by kind, as `kindsOf` of the page has them: what failed, bad statuses, failed checks."""
    failed, status = row["errors"], row["status"]
    bad = sum(status.values()) - good_in(status)
    more = bad_status(row) - bad
    by_status = {f"status {code}": times for code, times in status.items() if int(code) >= 400}
    if more > 0:
        return {**failed, **by_status, "failed check": more}
    if more < 0:
        return {**failed, "not good": bad_status(row)} if bad_status(row) else failed
    return {**failed, **by_status}


def _kinds(rows: Rows, counts: Callable[[Row], Counts]) -> list[str]:
    """Those with most, in an order of their own."""
    totals: dict[str, int] = {}
    for row in rows:
        for kind, times in counts(row).items():
            totals[kind] = totals.get(kind, 0) + times
    most = sorted((kind for kind, times in totals.items() if times), key=lambda kind: (-totals[kind], kind))
    return sorted(most[:_MOST_KINDS], key=natural)


def natural(text: str) -> list[tuple[str, int]]:
    """A key by which `node2` comes before `node10`."""
    return [(word.lower(), int(number or 0)) for word, number in re.findall(r"(\D*)(\d{0,18})", text)]


def _shade(code: str, at: int) -> str:
    shades = _CLASSES.get(code[:1], ("c5",))
    return shades[at % len(shades)]


def _in_flight(seen: Canvas) -> str:
    series = [seen.mean("in flight", "in_flight", "c3")]
    if seen.knows("connections"):
        series.append(seen.mean("connections", "connections", "c5", dashed=True))
    return seen.lines("In flight", series)


def _backlog(seen: Canvas) -> str:
    dropped = "sessions_dropped" if seen.knows("sessions_dropped") else "dropped"
    return seen.lines(
        "Backlog and dropped", [seen.mean("backlog", "backlog", "c2"), seen.mean("dropped", dropped, "c4", dashed=True)]
    )


def _sessions(seen: Canvas) -> str:
    series = [seen.mean("at once", "active", "c3"), seen.mean("begun", "begun", "c1"), *_asked(seen)]
    return seen.lines("Sessions at once, and begun a second", series)


def _by_node(seen: Canvas, name: str, title: str, unit: str, key: str) -> Still:
    """The nodes with most work. Where there are many, the last line is the sum, or the highest, of the others."""
    names = _kinds_of_nodes(seen.rows)
    most = len(_NODES)
    named = names if len(names) <= most else names[: most - 1]
    series = [
        Series(node, [_node_mean(group, [node], key) for group in seen.groups], color=_NODES[at])
        for at, node in enumerate(sorted(named, key=natural))
    ]
    if others := names[len(named) :]:
        values = [_node_mean(group, others, key) for group in seen.groups]
        series.append(Series(f"{len(others)} others", values, True, "c5"))
    return Still(name, title, unit, seen.lines(title, series, _share if key == "cpu" else short_count))


def _kinds_of_nodes(rows: Rows) -> list[str]:
    totals: dict[str, int] = {}
    for row in rows:
        for name, node in (row.get("nodes") or {}).items():
            totals[name] = totals.get(name, 0) + node["completed"]
    return sorted(totals, key=lambda name: (-totals[name], name))


def _node_mean(group: Group, names: Sequence[str], key: str) -> float:
    whole = max if key == "cpu" else sum
    values = [whole([(row.get("nodes") or {}).get(name, {}).get(key, 0) for name in names]) for row in group]
    return float(sum(values) / len(values))


def _bytes(value: float) -> str:
    return f"{short_count(value)}B"


def _share(value: float) -> str:
    return f"{value * 100:.0f} %"
