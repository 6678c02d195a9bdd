"""The live view of a run for a terminal, as lines. Pure: no clock, no terminal.

`frame` draws what a `LiveView` knows of the run, and `summary_line` gives it as one line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gluten.report.outcome import bad_status, codes, error_share, errors_of, word_of
from gluten.terminal import capacity, requests, sessions
from gluten.terminal.live_view import LiveView
from gluten.terminal.terminal import Span, Theme, bar, justified, line, sparkline, width
from gluten.units import format_count, format_duration, format_micros

if TYPE_CHECKING:
    from gluten.documents import Row

Map = Mapping[str, Any]

LABEL = 12
NARROW = 64
"""In fewer columns than this the less important parts are left out."""
_POINTS = {"p50": "p50", "p90": "p90", "p99": "p99", "max": "max"}
_COLUMN = 10
_MOST_SLOS = 5


def summary_line(live: LiveView) -> str:
    """The run in one line, for logs."""
    run, row = live.run, live.newest
    name = f"run {run['number']}: " if run["number"] else ""
    if row is None:
        waits = f", {run['queue']} before it" if run.get("queue") else ""
        why = f": {run['reason']}" if run.get("reason") else ""
        return f"{name}{run['state']}{waits}{why}"
    asked = f" of {format_count(planned)}" if (planned := live.asked(row)) else ""
    return (
        (
            f"{name}{_progress(live)}  last second {format_count(row['completed'])}{asked} requests/s  "
            f"p50 {format_micros(row['p50'])}  p99 {format_micros(row['p99'])}  "
            f"so far errors {errors_of(run)}{_kinds(live, ' (%s)')}"
        )
        + _codes(live, "  status %s")
        + (sessions.summary(live.sessions, row) if live.sessions is not None else "")
        + (f"  {run['hint']}" if run.get("hint") else "")
        + (capacity.summary(live.search) if live.search is not None else "")
        + _missed(live)
    )


def frame(live: LiveView, columns: int, height: int, theme: Theme) -> list[str]:
    """The view as at most `height` lines of at most `columns` columns."""
    lines = [*_head(live, columns, theme), *_slos(live, columns, theme), *_search(live, columns, theme)]
    row = live.newest
    if row is not None:
        lines += ["", *_throughput(live, row, columns, theme), *_times(live, row, columns, theme)]
        lines += _sessions(live, row, columns, theme)
        lines += [line(spans, columns, theme) for spans in (_errors(live), *_status(live), _flight(live, row))]
        if run_hint := live.run.get("hint"):
            lines.append(line([_label("waiting"), (run_hint, "warn")], columns, theme))
        lines += _nodes(row, columns, theme)
    if live.event.get("text"):
        second = live.event.get("second")
        when = f"{format_duration(second)}: " if second is not None else ""
        lines.append(line([_label("event"), (f"{when}{live.event['text']}", "")], columns, theme))
    for table, key in ((sessions.table, "by_scenario"), (requests.table, "by_request")):
        lines += table(live.run.get(key) or (), columns, height - len(lines), theme)
    return lines[: max(1, height)]


def _label(text: str) -> Span:
    return f"{text:<{LABEL}} ", "dim"


def _head(live: LiveView, columns: int, theme: Theme) -> list[str]:
    run = live.run
    name = theme.dot.join(part for part in (f"run {run['number']}" if run["number"] else "", run["name"]) if part)
    task = run["task"]
    size = f"{_counted(task['threads'], 'threads')}, {_counted(task['connections'], 'connections')}{_over(task)}"
    first = [("GLuTEN ", "bold"), (name or size, "bold")] + ([(theme.dot + size, "dim")] if name else [])
    state = {"running": "good", "failed": "bad"}.get(run["state"], "warn")
    waits = f" ({run['queue']} before it)" if run.get("queue") else ""
    lines = [justified(first, (run["state"] + waits, state), columns, theme)]
    target = run["url"] if task.get("workload") else f"{task['method']} {run['url']}"
    lines.append(line([(target, "")], columns, theme))
    if live.done is not None and (live.rows or run["state"] == "running"):
        words = _progress(live)
        room = columns - width(words) - 2
        drawn = [*bar(live.done, room, theme), ("  ", "")] if room > 7 else []
        lines.append(line([*drawn, (words, "")], columns, theme))
    elif live.rows:
        lines.append(line([(_progress(live), "")], columns, theme))
    return lines


def _slos(live: LiveView, columns: int, theme: Theme) -> list[str]:
    """A line for each SLO. If there are many, those that are missed come first, and the rest is counted."""
    entries = sorted(live.run.get("slo") or (), key=lambda entry: entry["state"] != "missed")
    shown = [line(_slo(entry, theme), columns, theme) for entry in entries[:_MOST_SLOS]]
    left = len(entries) - _MOST_SLOS
    return shown + ([line([_label(""), (f"and {left} more SLOs", "dim")], columns, theme)] if left > 0 else [])


def _search(live: LiveView, columns: int, theme: Theme) -> list[str]:
    """How far a search for the capacity has come."""
    if live.search is None:
        return []
    found = capacity.search_lines(live.search, live.run.get("asked_rate"), theme)
    return [line([_label(label), *spans], columns, theme) for label, spans in found]


def _missed(live: LiveView) -> str:
    """What is missed so far, for a line. A search tells it by trial."""
    if not live.missed or live.search is not None:
        return ""
    from gluten.slo.shown import missed_line  # here, because most runs have none

    return "".join(f"  SLO missed: {missed_line(entry)}" for entry in live.missed)


def _slo(entry: Map, theme: Theme) -> list[Span]:
    from gluten.slo.shown import notes, value  # here, because most runs have none

    at, style = {"holds": (0, "good"), "missed": (1, "bad")}.get(entry["state"], (2, "dim"))
    more = f"  {found}" if (found := notes(entry)) else ""
    return [_label("SLO"), (f"{theme.marks[at]} ", style), (entry["slo"], style), (f"  {value(entry)}{more}", "dim")]


def _over(task: Mapping[str, Any]) -> str:
    """The words for HTTP/2. A run of an earlier version does not know of it."""
    return f" (HTTP/2, {_counted(task['streams'], 'streams')} each)" if task.get("http2") else ""


def _counted(count: int | None, noun: str) -> str:
    """The count with its noun. None means elastic connections, or a thread for each core."""
    return f"elastic {noun}" if count is None and noun == "connections" else f"{count or 'all'} {noun}"


def _progress(live: LiveView) -> str:
    """`12s of 30s, 18s left`, and the share of the requests if their number is limited."""
    length, wanted = live.run.get("asked_duration"), live.run["task"].get("requests")
    most = "at most " if live.search is not None else ""
    words = [format_duration(live.elapsed) + (f" of {most}{format_duration(length)}" if length else "")]
    if wanted:
        count, noun = live.counted
        words.append(f"{count:,} of {wanted:,} {noun}")
    if length and not live.ended:
        words.append(f"{most}{format_duration(max(0.0, length - live.elapsed))} left")
    return ", ".join(words)


def _throughput(live: LiveView, row: Row, columns: int, theme: Theme) -> list[str]:
    run, asked = live.run, live.asked(row)
    # After the plan's end there is no asked rate: the rest of the requests are sent as fast as possible.
    short = asked is not None and asked > 0 and row["completed"] < 0.99 * asked
    spans: list[Span] = [_label("requests/s"), (f"{row['completed']:,}", "warn" if short else "bold")]
    spans += [(f" of {asked:,.6g} asked", "")] if asked else []
    if columns >= NARROW:
        spans.append((f" in the last second   {run['completed']:,} completed so far", "dim"))
    values = [one["completed"] for one in live.rows if one["second"] <= row["second"]]
    drawn = sparkline(values, columns - LABEL - 1, theme.blocks)
    return [line(spans, columns, theme), line([_label(""), (drawn, "line")], columns, theme)]


def _times(live: LiveView, row: Row, columns: int, theme: Theme) -> list[str]:
    """The percentiles of the response time, of the newest second and of the run so far."""
    keys = [key for key in _POINTS if columns >= NARROW or key != "p90"]
    whole = {"p50": live.run.get("p50"), "p99": live.run.get("p99"), "max": live.longest_response}
    table: Sequence[tuple[str, Map]] = (("last second", row), ("so far", whole))
    spans = [[_label("response"), ("".join(f"{_POINTS[key]:>{_COLUMN}}" for key in keys), "dim")]]
    for name, values in table:
        cells = [format_micros(values[key]) if values.get(key) is not None else "" for key in keys]
        spans.append([_label(name), ("".join(f"{cell:>{_COLUMN}}" for cell in cells), "")])
    return [line(one, columns, theme) for one in spans]


def _errors(live: LiveView) -> list[Span]:
    """The errors so far: failed requests by kind, and responses that are not good."""
    errors = errors_of(live.run)
    share = f" so far ({error_share(live.run):.2%})" if errors else ""
    return [_label("errors"), (f"{errors:,}{share}", "bad" if errors else ""), (_kinds(live, ": %s"), "")]


def _kinds(live: LiveView, form: str) -> str:
    """`timeout 10, reset 2, bad status 7`, put into `form`. Empty if there is no error."""
    word = word_of({**live.run, "status": live.status})
    kinds = [*live.errors.most_common(), (word, bad_status(live.run))]
    words = ", ".join(f"{kind} {times}" for kind, times in kinds if times)
    return form % words if words else ""


def _status(live: LiveView) -> list[list[Span]]:
    """The status codes so far, if there is any other than 2xx."""
    shown = _codes(live, "%s")
    return [[_label("status"), (shown, "")]] if shown else []


def _codes(live: LiveView, form: str) -> str:
    shown = codes(live.status)
    return form % shown if shown else ""


def _flight(live: LiveView, row: Row) -> list[Span]:
    dropped = live.run.get("dropped", 0)
    spans: list[Span] = [_label("in flight"), (f"{row['in_flight']:,} on {row['connections']:,} connections", "")]
    return [*spans, (f", {dropped:,} dropped so far", "warn")] if dropped else spans


def _sessions(live: LiveView, row: Row, columns: int, theme: Theme) -> list[str]:
    """What became of sessions, in two lines. A run without scenarios has none."""
    if live.sessions is None:
        return []
    found = zip(("sessions", ""), sessions.session_lines(live.sessions, row), strict=True)
    return [line([_label(label), *spans], columns, theme) for label, spans in found]


def _nodes(row: Row, columns: int, theme: Theme) -> list[str]:
    """The throughput and CPU of each node, for as many nodes as fit into one line."""
    if len(row["nodes"]) < 2:
        return []
    room = columns - LABEL - 1 - len("  and 999 more")
    spans: list[Span] = []
    for name, part in row["nodes"].items():
        text = f"{name} {format_count(part['completed'])}/s {part['cpu'] or 0:.0%}   "
        room -= width(text)
        if room < 0 and spans:
            break
        spans.append((text, ""))
    left = len(row["nodes"]) - len(spans)
    rest: list[Span] = [(f"and {left} more", "dim")] if left else []
    return [line([_label(f"{len(row['nodes'])} nodes"), *spans, *rest], columns, theme)]
