"""The parts of the live view of a run that makes load, each with the lines that it needs. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gluten.report.outcome import bad_status, codes, error_share, errors_of, word_of
from gluten.terminal import requests, sessions
from gluten.terminal.charts import column_chart, histogram, share_line
from gluten.terminal.layout import Panel
from gluten.terminal.live_view import LiveView
from gluten.terminal.named_table import LEAST
from gluten.terminal.nodes import node_line, node_table
from gluten.terminal.terminal import LABEL, Span, Theme, label, line
from gluten.units import format_count, format_duration, format_micros

if TYPE_CHECKING:
    from gluten.documents import Row

Map = Mapping[str, Any]

NARROW = 64
"""In fewer columns than this the less important parts are left out."""
ROOMY = 24
"""With more lines than this each status has its own, also where all are 2xx."""
_POINTS = {"p50": "p50", "p90": "p90", "p95": "p95", "p99": "p99", "max": "max"}
_LESSER = ("p90", "p95")
_COLUMN = 10
_CHART, _P99_CHART, _EVENTS, _STATUSES = 30, 24, 10, 12
"""The most lines of these."""
_HISTOGRAM = (5, 10, 80)
"""The least, the wanted and the most lines. Fewer say nothing of a distribution. With the most each band has one."""


def figures(live: LiveView, row: Row, theme: Theme, room: int) -> Iterator[Panel]:
    """What has charts, and figures of the newest second and so far. `room`: the lines below the head."""
    rows = [one for one in live.rows if one["second"] <= row["second"]]
    yield _throughput(live, row, rows, theme)
    yield _p99(rows, _length(live), theme)
    yield Panel(2, 3, 3, 3, lambda columns, lines: _times(live, row, columns, theme))
    if live.sessions is not None:
        told = list(zip(("sessions", ""), sessions.session_lines(live.sessions, row), strict=True))
        yield _lines(7, [[label(name), *spans] for name, spans in told], theme)
    yield _lines(3, [_errors(live)], theme)
    yield from _statuses(live, theme, room)
    yield _lines(5, [_flight(live, row)], theme)
    if hint := live.run.get("hint"):
        yield _lines(6, [[label("waiting"), (hint, "warn")]], theme)


def distributions(live: LiveView, row: Row, theme: Theme, room: int) -> Iterator[Panel]:
    """The nodes, and the histogram."""
    if len(row["nodes"]) > 1:
        yield _nodes(live, row, theme, room)
    if bands := live.heat:
        least, want, most = _HISTOGRAM
        span = max(bands) - min(bands) + 2

        def draw(columns: int, lines: int) -> list[str]:
            return histogram(bands, columns, lines, theme)

        yield Panel(14, least, min(want, span), min(most, span), draw, apart=True)


def events(live: LiveView, theme: Theme) -> Iterator[Panel]:
    """The newest one, and those before it."""
    if live.events:
        told = [[label("event" if at == 0 else ""), _event(event)] for at, event in enumerate(live.events)]
        yield Panel(8, 1, 1, min(_EVENTS, len(told)), _drawn(told, theme))


def tables(live: LiveView, theme: Theme) -> Iterator[Panel]:
    """By scenario and by request."""
    for rank, table, key in ((12, sessions.table, "by_scenario"), (11, requests.table, "by_request")):
        named: Sequence[Map] = live.run.get(key) or ()
        if len(named) > 1:
            full = len(named) + 1

            def draw(columns: int, lines: int, table: Any = table, named: Sequence[Map] = named) -> list[str]:
                found: list[str] = table(named, columns, lines, theme)
                return found

            yield Panel(rank, LEAST, full, full, draw, apart=True)


def kinds_of_errors(live: LiveView, form: str) -> str:
    """`timeout 10, reset 2, bad status 7`, put into `form`. Empty if there is no error."""
    word = word_of({**live.run, "status": live.status})
    kinds = [*live.errors.most_common(), (word, bad_status(live.run))]
    words = ", ".join(f"{kind} {times}" for kind, times in kinds if times)
    return form % words if words else ""


def _lines(rank: int, told: Sequence[Sequence[Span]], theme: Theme) -> Panel:
    return Panel(rank, len(told), len(told), len(told), _drawn(told, theme))


def _drawn(told: Sequence[Sequence[Span]], theme: Theme) -> Any:
    return lambda columns, lines: [line(spans, columns, theme) for spans in told[:lines]]


def _throughput(live: LiveView, row: Row, rows: Sequence[Row], theme: Theme) -> Panel:
    values, length = [float(one["completed"]) for one in rows], _length(live)

    def draw(columns: int, lines: int) -> list[str]:
        head = line(_rate(live, row, columns >= NARROW), columns, theme)
        return [head, *(column_chart(values, length, columns, lines - 1, _whole, "", theme) if lines > 1 else [])]

    return Panel(1, 1, 2, 1 + _CHART, draw)


def _length(live: LiveView) -> float:
    """Seconds from the start to the end, if they are known, else 0. A search ends when it knows enough."""
    return live.run.get("asked_duration") or 0.0 if live.search is None else 0.0


def _whole(value: float) -> str:
    return f"{value:,.0f}" if value < 1e6 else format_count(value)


def _rate(live: LiveView, row: Row, wide: bool) -> list[Span]:
    run, asked = live.run, live.asked(row)
    # After the plan's end there is no asked rate: the rest of the requests are sent as fast as possible.
    short = asked is not None and asked > 0 and row["completed"] < 0.99 * asked
    spans = [label("requests/s"), (f"{row['completed']:,}", "warn" if short else "bold")]
    spans += [(f" of {asked:,.6g} asked", "")] if asked else []
    return spans + ([(f" in the last second   {run['completed']:,} completed so far", "dim")] if wide else [])


def _p99(rows: Sequence[Row], length: float, theme: Theme) -> Panel:
    values = [float(one["p99"] or 0) for one in rows]

    def draw(columns: int, lines: int) -> list[str]:
        return column_chart(values, length, columns, lines, format_micros, "p99", theme)

    return Panel(10, 1, 1, _P99_CHART, draw)


def _times(live: LiveView, row: Row, columns: int, theme: Theme) -> list[str]:
    """The percentiles of the response time, of the newest second and of the run so far."""
    keys = [key for key in _POINTS if columns >= NARROW or key not in _LESSER]
    whole = {**{key: live.run.get(key) for key in _POINTS}, "max": live.longest_response}
    table: Sequence[tuple[str, Map]] = (("last second", row), ("so far", whole))
    spans = [[label("response"), ("".join(f"{_POINTS[key]:>{_COLUMN}}" for key in keys), "dim")]]
    for name, values in table:
        cells = [format_micros(values[key]) if values.get(key) is not None else "" for key in keys]
        spans.append([label(name), ("".join(f"{cell:>{_COLUMN}}" for cell in cells), "")])
    return [line(one, columns, theme) for one in spans]


def _errors(live: LiveView) -> list[Span]:
    """The errors so far: failed requests by kind, and responses that are not good."""
    errors = errors_of(live.run)
    share = f" so far ({error_share(live.run):.2%})" if errors else ""
    return [label("errors"), (f"{errors:,}{share}", "bad" if errors else ""), (kinds_of_errors(live, ": %s"), "")]


def _statuses(live: LiveView, theme: Theme, room: int) -> Iterator[Panel]:
    """The status codes so far: in a line, or a line each. All 2xx are shown only where there is much room."""
    found = {code: times for code, times in sorted(live.status.items(), key=lambda item: int(item[0])) if times}
    words, total = codes(found), sum(found.values())
    if not words and not (found and room > ROOMY):
        return
    plain = [label("status"), (words or ", ".join(f"{code} {times}" for code, times in found.items()), "")]

    def draw(columns: int, lines: int) -> list[str]:
        if lines < max(2, len(found)):
            return [line(plain, columns, theme)]
        names = [f"{'status' if at == 0 else '':<{LABEL}} {code}" for at, code in enumerate(found)]
        return [
            share_line(name, times, total, columns, theme) for name, times in zip(names, found.values(), strict=True)
        ]

    yield Panel(4, 1, 1, len(found) if room > ROOMY and len(found) <= _STATUSES else 1, draw)


def _flight(live: LiveView, row: Row) -> list[Span]:
    dropped = live.run.get("dropped", 0)
    spans = [label("in flight"), (f"{row['in_flight']:,} on {row['connections']:,} connections", "")]
    return [*spans, (f", {dropped:,} dropped so far", "warn")] if dropped else spans


def _nodes(live: LiveView, row: Row, theme: Theme, room: int) -> Panel:
    """A table, if it takes less than half of the window; else a line."""
    seen = {**live.nodes, **{name: (row["second"], part) for name, part in row["nodes"].items()}}
    full = len(seen) + 1 if len(seen) + 1 <= room // 2 else 1

    def draw(columns: int, lines: int) -> list[str]:
        if lines < max(full, LEAST):
            return node_line(row["nodes"], columns, theme)
        return node_table(seen, row["second"], columns, lines, theme)

    return Panel(9, 1, full, full, draw, apart=full > 1)


def _event(event: Map) -> Span:
    second = event.get("second")
    when = f"{format_duration(second)}: " if second is not None else ""
    return f"{when}{event['text']}", ""
