"""The live view of a run for a terminal, as lines. Pure: no clock, no terminal.

`frame` draws what a `LiveView` knows of the run, and `summary_line` gives it as one line.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gluten.report.outcome import codes, errors_of
from gluten.terminal import capacity, panels, sessions
from gluten.terminal.layout import GAP, beside, stack
from gluten.terminal.live_view import LiveView
from gluten.terminal.panels import kinds_of_errors
from gluten.terminal.terminal import Span, Theme, bar, justified, label, line, width
from gluten.units import format_count, format_duration, format_micros

if TYPE_CHECKING:
    from gluten.documents import Row

Map = Mapping[str, Any]

WIDE = 140
"""From this on there are two columns."""
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
            f"p50 {_time(row['p50'])}  p99 {_time(row['p99'])}  "
            f"so far errors {errors_of(run)}{kinds_of_errors(live, ' (%s)')}"
        )
        + _codes(live, "  status %s")
        + (sessions.summary(live.sessions, row) if live.sessions is not None else "")
        + (f"  {run['hint']}" if run.get("hint") else "")
        + (capacity.summary(live.search) if live.search is not None else "")
        + _missed(live)
    )


def _time(micros: float | None) -> str:
    """`-`: nothing was answered in that second."""
    return format_micros(micros) if micros else "-"


def frame(live: LiveView, columns: int, height: int, theme: Theme) -> list[str]:
    """The view as at most `height` lines of at most `columns` columns."""
    lines = [*_head(live, columns, theme), *_slos(live, columns, height, theme), *_search(live, columns, height, theme)]
    row = live.newest
    if row is not None:
        lines += ["", *_body(live, row, columns, max(0, height - len(lines) - 1), theme)]
    else:
        lines += stack(list(panels.events(live, theme)), columns, max(0, height - len(lines)))
    return lines[: max(1, height)]


def _body(live: LiveView, row: Row, columns: int, room: int, theme: Theme) -> list[str]:
    """What changes with each second, below each other. A wide window has two columns of it."""
    figures = list(panels.figures(live, row, theme, room))
    shares, told = list(panels.distributions(live, row, theme, room)), list(panels.events(live, theme))
    tables = list(panels.tables(live, theme))
    if columns < WIDE or not shares + tables:
        return stack([*figures, *shares, *told, *tables], columns, room)
    half = (columns - len(GAP)) // 2
    right = stack([*tables, *shares], columns - len(GAP) - half, room)
    return beside(stack([*figures, *told], half, room), right, half)


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


def _slos(live: LiveView, columns: int, height: int, theme: Theme) -> list[str]:
    """A line for each SLO. If there are many, those that are missed come first, and the rest is counted."""
    entries = sorted(live.run.get("slo") or (), key=lambda entry: entry["state"] != "missed")
    most = max(_MOST_SLOS, height // 5)
    shown = [line(_slo(entry, theme), columns, theme) for entry in entries[:most]]
    left = len(entries) - most
    return shown + ([line([label(""), (f"and {left} more SLOs", "dim")], columns, theme)] if left > 0 else [])


def _search(live: LiveView, columns: int, height: int, theme: Theme) -> list[str]:
    """How far a search for the capacity has come. A high window shows more of its trials."""
    if live.search is None:
        return []
    found = capacity.search_lines(live.search, live.run.get("asked_rate"), max(1, height // 5 - 4), theme)
    return [line([label(name), *spans], columns, theme) for name, spans in found]


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
    return [label("SLO"), (f"{theme.marks[at]} ", style), (entry["slo"], style), (f"  {value(entry)}{more}", "dim")]


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


def _codes(live: LiveView, form: str) -> str:
    shown = codes(live.status)
    return form % shown if shown else ""
