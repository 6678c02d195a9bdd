"""Sessions in the HTML report: their figures, tables by scenario and of groups, and typical sessions as waterfalls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gluten.report.formats.markup import escape, table
from gluten.report.formats.session_text import (
    GROUP_HEAD,
    SCENARIO_HEAD,
    dropped_share,
    group_cells,
    scenario_cells,
    sessions_of,
)
from gluten.report.waterfall import Bar, length, waterfall
from gluten.units import format_micros

Plain = Mapping[str, Any]
MOST_STEPS = 100
"""A waterfall has at most so many bars."""


def session_figures(report: Plain) -> list[tuple[str, str, str]]:
    """(name, value, note) of each figure of the sessions. A run without scenarios has none."""
    sessions = sessions_of(report)
    if sessions is None:
        return []
    return [
        ("Sessions", f"{sessions['begun']:,}", f"begun{_planned(sessions)}"),
        ("Finished", f"{sessions['finished']:,}", f"{sessions['good']:,} good"),
        ("Ended", f"{sessions['ended']:,}", "by a request that was not good"),
        ("Cut", f"{sessions['cut']:,}", "by the end of the run"),
        ("At once", f"{sessions['most']:,}", "sessions, at most"),
        ("Session time", _time(sessions, "p50"), f"median, p99 {_time(sessions, 'p99')}"),
    ]


def _planned(sessions: Plain) -> str:
    if sessions["planned"] is None:
        return ""
    return f" of {sessions['planned']:,}, {sessions['dropped']:,} dropped ({dropped_share(sessions):.2%})"


def _time(entry: Plain, point: str) -> str:
    return format_micros(entry["time"][point]) if entry["finished"] else "–"


def session_tables(report: Plain) -> Iterator[tuple[str, str]]:
    """(title, HTML) of each table of sessions."""
    if sessions_of(report) is None:
        return
    scenarios, groups = report.get("by_scenario", ()), report.get("groups", ())
    yield "By scenario", _figures(SCENARIO_HEAD, [scenario_cells(entry) for entry in scenarios])
    if groups:
        yield "Groups", _figures(GROUP_HEAD, [group_cells(entry) for entry in groups])
    drawn = [
        _scenario(entry, waterfall(entry["steps"], report["by_request"])) for entry in scenarios if "steps" in entry
    ]
    if drawn:
        yield "A typical session", f'<p class="none">{_EXPLAINED}</p>{"".join(drawn)}'


_EXPLAINED = (
    "The median of each request, the mean of each pause. A step of ×2.5 comes two and a half times in a session, on "
    "average."
)


def _figures(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return table(head, rows, "h" + "n" * (len(head) - 1))


def _scenario(entry: Plain, bars: Sequence[Bar]) -> str:
    whole = length(bars)
    rows = "".join(_row(bar, whole) for bar in bars[:MOST_STEPS])
    more = '<p class="none">and more steps</p>' if len(bars) > MOST_STEPS else ""
    measured = f"; measured to the last byte: {_time(entry, 'p50')}" if entry["finished"] else ""
    title = f"<h3>{escape(entry['name'])} <small>about {_seconds(whole)} with all pauses{measured}</small></h3>"
    return f'{title}<div class="scroll"><table class="fall"><tbody>{rows}</tbody></table></div>{more}'


def _row(bar: Bar, whole: float) -> str:
    name, kind = ("pause", "pause") if bar.name is None else (escape(bar.name), "request")
    times = "" if bar.times == 1 else f"×{bar.times:.3g}"
    each = "–" if bar.each is None else _seconds(bar.each)
    cells = f'<td class="n">{times}</td><td class="track">{_track(bar, whole)}</td><td class="n">{each}</td>'
    return f'<tr class="{kind}"><th scope="row">{name}</th>{cells}</tr>'


def _track(bar: Bar, whole: float) -> str:
    """The bar within the session. It is wide enough to be seen."""
    width = max(0.3, 100 * bar.length / whole) if whole else 0.3
    start = min(100 * bar.start / whole, 100 - width) if whole else 0.0
    colour = "s9" if bar.name is None else "s0"
    return (
        '<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="bar {colour}" x="{start:.2f}" width="{width:.2f}" height="10"/></svg>'
    )


def _seconds(seconds: float) -> str:
    return format_micros(seconds * 1e6)
