"""The big figures of a run as HTML: those of its page when it is over, in their order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gluten.report.compared_capacity import searched
from gluten.report.formats.markup import escape
from gluten.report.formats.session_text import dropped_share, sessions_of
from gluten.report.load_duration import loaded
from gluten.report.outcome import counts_of, error_share, errors_of, parts
from gluten.units import format_duration, format_micros

if TYPE_CHECKING:
    from gluten.documents import ReportDocument as Report

Plain = Mapping[str, Any]
WHOLE = "whole run"


@dataclass(frozen=True, slots=True)
class Tile:
    """A name and a value, with a note beside it and one under it. `scope`: of what the value is. `kind` colours it.
    `key` is how the page's styles know it."""

    name: str
    value: str
    beside: str = ""
    under: str = ""
    kind: str = ""
    scope: str = WHOLE
    key: str = ""


def drawn(tiles: Iterable[Tile], kind: str = "") -> str:
    """The tiles side by side."""
    return f'<dl class="{f"figures {kind}".strip()}">{"".join(map(_drawn, tiles))}</dl>'


def _drawn(tile: Tile) -> str:
    return (
        f'<div class="{f"figure {tile.kind}".strip()}" data-figure="{tile.key}">'
        f'<dt><span>{escape(tile.name)}</span><span class="scope">{escape(tile.scope)}</span></dt>'
        f'<dd>{escape(tile.value)}</dd><dd class="beside">{escape(tile.beside)}</dd>'
        f'<dd class="under">{escape(tile.under)}</dd></div>'
    )


def is_paced(report: Report) -> bool:
    """Whether requests or sessions were due by a schedule."""
    task = report["task"]
    return task.get("rate") is not None or bool(task.get("stages") or task.get("find_capacity"))


def run_tiles(report: Report) -> Iterator[Tile]:
    paced, rows = is_paced(report), loaded(report["seconds"])
    yield _speed(report)
    for point in ("p50", "p95", "p99"):
        yield _time(report, point)
    yield _errors(report)
    if paced:
        yield _dropped(report)
    yield _gauge("In flight", rows, "in_flight", "at the end of a second")
    yield Tile("Progress", f"{format_duration(round(report['duration'], 3))}", "of load", report["state"], key="time")
    yield _requests(report)
    if paced:
        yield _gauge("Backlog", rows, "backlog", "at the end of a second")
    yield _connections(report, rows)


def _speed(report: Report) -> Tile:
    asked, whole = report["task"].get("rate"), "over the whole search" if searched(report) else ""
    under = f"{asked:g} asked" if asked and sessions_of(report) is None and not whole else whole
    return Tile("Requests/s", f"{report['rate']:,.2f}", under=under)


def _time(report: Report, point: str) -> Tile:
    value: Any = report["response_time"].get(point)
    unknown = value is None or not report["requests"]["completed"]
    return Tile(f"Response {point}", "–" if unknown else format_micros(value))


def _errors(report: Report) -> Tile:
    counts = counts_of(report)
    found = errors_of(counts)
    share = f"{error_share(counts):.2%}" if found else ""
    return Tile("Errors", f"{found:,}", share, parts(counts), "bad" if found else "")


def _dropped(report: Report) -> Tile:
    sessions, requests = sessions_of(report), report["requests"]
    if sessions is not None:
        count, share, of = sessions["dropped"], dropped_share(sessions), "of the sessions that were due"
    else:
        count, of = requests["dropped"], "of those that were due"
        share = count / (requests["sent"] + count) if count else 0.0
    noted = {"beside": f"{share:.2%}", "under": of, "kind": "warn"} if count else {}
    return Tile("Dropped", f"{count:,}", **noted)


def _gauge(name: str, rows: list[Any], key: str, under: str) -> Tile:
    known = [row[key] for row in rows if row.get(key) is not None]
    return Tile(name, f"{max(known):,}" if known else "–", "at most", under)


def _requests(report: Report) -> Tile:
    requests = report["requests"]
    left = f"{requests['in_flight']:,} not answered at the end" if requests["in_flight"] else ""
    under = " · ".join(filter(None, (f"{requests['sent']:,} sent", left)))
    return Tile("Requests", f"{requests['completed']:,}", "answered", under)


def _connections(report: Report, rows: list[Any]) -> Tile:
    asked, used = report["task"].get("connections"), report.get("connections")
    named = "elastic" if asked is None else f"of {asked:,} asked"
    if used is None:
        return _gauge("Connections", rows, "connections", named)
    return Tile("Connections", f"{used['most']:,}", "open at most", f"{named} · {used['opened']:,} opened")


def session_tiles(sessions: Plain) -> Iterator[Tile]:
    """What became of the sessions."""
    begun, finished = sessions["begun"], sessions["finished"]
    yield Tile("Begun", f"{begun:,}", under=_planned(sessions))
    times = f"p50 {format_micros(sessions['time']['p50'])} · p99 {format_micros(sessions['time']['p99'])}"
    yield Tile("Finished", f"{finished:,}", f"{sessions['good']:,} good", times if finished else "")
    yield _unfinished("Ended", sessions["ended"], begun, "by a request that was not good", "bad")
    yield _unfinished("Cut", sessions["cut"], begun, "by the end of the run", "warn")
    yield Tile("At once", f"{sessions['most']:,}", "at most")


def _planned(sessions: Plain) -> str:
    if sessions["planned"] is None:
        return ""
    return f"of {sessions['planned']:,}, {sessions['dropped']:,} dropped ({dropped_share(sessions):.2%})"


def _unfinished(name: str, count: int, begun: int, why: str, kind: str) -> Tile:
    share = f"{count / begun:.2%}" if count and begun else ""
    return Tile(name, f"{count:,}", share, why, kind if count else "")
