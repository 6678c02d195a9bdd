"""A run as it goes, for a terminal: updates in, lines out. Pure: no clock, no terminal.

`Live` takes what `Client.watch` gives (the update maps of `cluster/master/views`), `frame` draws it, `plain` says it in
one line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from gluten.plan.run_state import FINAL
from gluten.report.load_duration import loaded
from gluten.report.outcome import bad_status, codes, error_share, errors_of
from gluten.terminal.terminal import Look, Span, apart, bar, line, spark, width
from gluten.units import format_count, format_duration, format_micros

Map = Mapping[str, Any]

LABEL = 12
NARROW = 64
"""Columns below which what is less important is left out."""
_POINTS = {"p50": "p50", "p90": "p90", "p99": "p99", "max": "max"}
_COLUMN = 10


class Live:
    """What is known of a run so far. Rows that come again replace what they said before."""

    def __init__(self) -> None:
        self.run: Map = {}
        self.event: Map = {}
        self._rows: dict[int, dict[str, Any]] = {}

    def take(self, update: Map) -> None:
        """`update` has the maps `run`, `rows` and, if there are any, `events`."""
        self.run = update["run"]
        for row in update["rows"]:
            self._rows[row["second"]] = dict(row)
            # Of a run of hours only the newest seconds' nodes are shown: the others' would take the memory.
            old = self._rows.get(row["second"] - 5)
            if old is not None:
                old["nodes"] = {}
        for event in update.get("events", ()):
            self.event = event

    @property
    def rows(self) -> list[Map]:
        """The whole seconds of load, in their order: not what is answered after the end."""
        length = self.run.get("duration") or self.run.get("asked_duration")
        rows = loaded(self._rows[at] for at in sorted(self._rows))
        return [row for row in rows if not length or row["second"] + 1 <= length]

    @property
    def newest(self) -> Map | None:
        """The newest second of which every node has told."""
        rows = self.rows
        if len(rows) > 1 and len(rows[-1]["nodes"]) < len(rows[-2]["nodes"]) and not self.over:
            return rows[-2]
        return rows[-1] if rows else None

    @property
    def errors(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for row in self._rows.values():
            found.update(row["errors"])
        return found

    @property
    def most(self) -> int | None:
        """The longest response time so far, of the answers after the end, too."""
        return max((row["max"] for row in self._rows.values()), default=None)

    @property
    def status(self) -> Counter[str]:
        """Responses by status code."""
        found: Counter[str] = Counter()
        for row in self._rows.values():
            found.update(row.get("status", {}))
        return found

    @property
    def over(self) -> bool:
        return self.run.get("state") in FINAL

    @property
    def elapsed(self) -> float:
        """Seconds of load, by what has been heard of."""
        rows = self.rows
        return float(rows[-1]["second"] + 1) if rows else 0.0

    @property
    def share(self) -> float | None:
        """How much of the run is done, 0 to 1; None where nobody can know."""
        shares = []
        if self.run.get("asked_duration"):
            shares.append(self.elapsed / self.run["asked_duration"])
        if self.run["task"].get("requests"):
            shares.append((self.run["completed"] + self.run["failed"]) / self.run["task"]["requests"])
        return min(1.0, max(shares)) if shares else None


def plain(live: Live) -> str:
    """One line, for logs."""
    run, row = live.run, live.newest
    name = f"run {run['number']}: " if run["number"] else ""
    if row is None:
        waits = f", {run['queue']} before it" if run.get("queue") else ""
        return f"{name}{run['state']}{waits}"
    asked = f" of {format_count(row['asked'])}" if row["asked"] else ""
    return (
        (
            f"{name}{_progress(live)}  last second {format_count(row['completed'])}{asked} requests/s  "
            f"p50 {format_micros(row['p50'])}  p99 {format_micros(row['p99'])}  "
            f"so far errors {errors_of(run)}{_kinds(live, ' (%s)')}"
        )
        + _codes(live, "  status %s")
        + (f"  {run['hint']}" if run.get("hint") else "")
    )


def frame(live: Live, columns: int, height: int, look: Look) -> list[str]:
    """The view in at most `height` lines of at most `columns`."""
    lines = _head(live, columns, look)
    row = live.newest
    if row is not None:
        lines += ["", *_throughput(live, row, columns, look), *_times(live, row, columns, look)]
        lines += [line(spans, columns, look) for spans in (_errors(live), *_status(live), _flight(live, row))]
        if run_hint := live.run.get("hint"):
            lines.append(line([_label("waiting"), (run_hint, "warn")], columns, look))
        lines += _nodes(row, columns, look)
    if live.event.get("text"):
        second = live.event.get("second")
        when = f"{format_duration(second)}: " if second is not None else ""
        lines.append(line([_label("event"), (f"{when}{live.event['text']}", "")], columns, look))
    return lines[: max(1, height)]


def _label(text: str) -> Span:
    return f"{text:<{LABEL}} ", "dim"


def _head(live: Live, columns: int, look: Look) -> list[str]:
    run = live.run
    name = look.dot.join(part for part in (f"run {run['number']}" if run["number"] else "", run["name"]) if part)
    task = run["task"]
    size = f"{_counted(task['threads'], 'threads')}, {_counted(task['connections'], 'connections')}"
    first = [("GLuTEN ", "bold"), (name or size, "bold")] + ([(look.dot + size, "dim")] if name else [])
    state = {"running": "good", "failed": "bad"}.get(run["state"], "warn")
    waits = f" ({run['queue']} before it)" if run.get("queue") else ""
    lines = [apart(first, (run["state"] + waits, state), columns, look)]
    lines.append(line([(f"{task['method']} {run['url']}", "")], columns, look))
    if live.share is not None and (live.rows or run["state"] == "running"):
        words = _progress(live)
        room = columns - width(words) - 2
        drawn = [*bar(live.share, room, look), ("  ", "")] if room > 7 else []
        lines.append(line([*drawn, (words, "")], columns, look))
    elif live.rows:
        lines.append(line([(_progress(live), "")], columns, look))
    return lines


def _counted(count: int | None, noun: str) -> str:
    """None: as many as are needed; of threads, as many as there are cores."""
    return f"elastic {noun}" if count is None and noun == "connections" else f"{count or 'all'} {noun}"


def _progress(live: Live) -> str:
    """`12s of 30s, 18s left`, or by requests, whichever ends it first."""
    length, wanted = live.run.get("asked_duration"), live.run["task"].get("requests")
    words = [format_duration(live.elapsed) + (f" of {format_duration(length)}" if length else "")]
    if wanted:
        words.append(f"{live.run['completed'] + live.run['failed']:,} of {wanted:,} requests")
    if length and not live.over:
        words.append(f"{format_duration(max(0.0, length - live.elapsed))} left")
    return ", ".join(words)


def _throughput(live: Live, row: Map, columns: int, look: Look) -> list[str]:
    run, asked = live.run, row["asked"]
    # After the end of its plan a number of requests is sent as fast as the connections allow: nothing is asked.
    short = bool(asked) and row["completed"] < 0.99 * asked
    spans: list[Span] = [_label("requests/s"), (f"{row['completed']:,}", "warn" if short else "bold")]
    spans += [(f" of {asked:,.6g} asked", "")] if asked else []
    if columns >= NARROW:
        spans.append((f" in the last second   {run['completed']:,} completed so far", "dim"))
    values = [one["completed"] for one in live.rows if one["second"] <= row["second"]]
    drawn = spark(values, columns - LABEL - 1, look.blocks)
    return [line(spans, columns, look), line([_label(""), (drawn, "line")], columns, look)]


def _times(live: Live, row: Map, columns: int, look: Look) -> list[str]:
    """The newest second's percentiles of the response time, and the run's so far."""
    keys = [key for key in _POINTS if columns >= NARROW or key != "p90"]
    whole = {"p50": live.run.get("p50"), "p99": live.run.get("p99"), "max": live.most}
    table: Sequence[tuple[str, Map]] = (("last second", row), ("so far", whole))
    spans = [[_label("response"), ("".join(f"{_POINTS[key]:>{_COLUMN}}" for key in keys), "dim")]]
    for name, values in table:
        cells = [format_micros(values[key]) if values.get(key) is not None else "" for key in keys]
        spans.append([_label(name), ("".join(f"{cell:>{_COLUMN}}" for cell in cells), "")])
    return [line(one, columns, look) for one in spans]


def _errors(live: Live) -> list[Span]:
    """Of the run so far, what is not good: failed, by kind, and answered with a bad status."""
    errors = errors_of(live.run)
    share = f" so far ({error_share(live.run):.2%})" if errors else ""
    return [_label("errors"), (f"{errors:,}{share}", "bad" if errors else ""), (_kinds(live, ": %s"), "")]


def _kinds(live: Live, form: str) -> str:
    """`timeout 10, reset 2, bad status 7`, as `form` says; nothing where there is no error."""
    kinds = [*live.errors.most_common(), ("bad status", bad_status(live.run))]
    words = ", ".join(f"{kind} {times}" for kind, times in kinds if times)
    return form % words if words else ""


def _status(live: Live) -> list[list[Span]]:
    """The status codes so far, where there is any but 2xx."""
    shown = _codes(live, "%s")
    return [[_label("status"), (shown, "")]] if shown else []


def _codes(live: Live, form: str) -> str:
    shown = codes(live.status)
    return form % shown if shown else ""


def _flight(live: Live, row: Map) -> list[Span]:
    dropped = live.run.get("dropped", 0)
    spans: list[Span] = [_label("in flight"), (f"{row['in_flight']:,} on {row['connections']:,} connections", "")]
    return [*spans, (f", {dropped:,} dropped so far", "warn")] if dropped else spans


def _nodes(row: Map, columns: int, look: Look) -> list[str]:
    """Each node's throughput and CPU, as many as fit into one line."""
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
    return [line([_label(f"{len(row['nodes'])} nodes"), *spans, *rest], columns, look)]
