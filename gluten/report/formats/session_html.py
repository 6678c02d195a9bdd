"""Sessions in the HTML report: their figures, tables by scenario and of groups, and typical sessions as waterfalls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gluten.report.formats.markup import escape, panel, part, table
from gluten.report.formats.session_text import (
    GROUP_HEAD,
    SCENARIO_HEAD,
    group_cells,
    scenario_cells,
    sessions_of,
)
from gluten.report.formats.tiles import drawn, session_tiles
from gluten.report.waterfall import Bar, length, waterfall
from gluten.units import format_micros

Plain = Mapping[str, Any]
MOST_STEPS = 100
"""A waterfall has at most so many bars."""


def session_panel(report: Plain) -> list[str]:
    """The panel of a run with scenarios, else none."""
    sessions = sessions_of(report)
    if sessions is None:
        return []
    scenarios, groups = report.get("by_scenario", ()), report.get("groups", ())
    parts = [drawn(session_tiles(sessions), "paced inner")]
    parts.append(_figures("Scenario", SCENARIO_HEAD, [scenario_cells(entry) for entry in scenarios]))
    if groups:
        parts.append(part("Groups", _figures("Group", GROUP_HEAD, [group_cells(entry) for entry in groups])))
    falls = [
        _scenario(entry, waterfall(entry["steps"], report["by_request"])) for entry in scenarios if "steps" in entry
    ]
    if falls:
        parts.append(part("A typical session", f'<p class="muted">{_EXPLAINED}</p>{"".join(falls)}'))
    return [panel("Sessions", "".join(parts), "sessions")]


def _time(entry: Plain, point: str) -> str:
    return format_micros(entry["time"][point]) if entry["finished"] else "–"


_EXPLAINED = (
    "The median of each request, the mean of each pause. A step of ×2.5 comes two and a half times in a session, on "
    "average."
)


def _figures(name: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    words = [word if word in _POINTS else word.capitalize() for word in head[1:]]
    return table([name, *words], rows, "h" + "n" * len(words))


_POINTS = ("p50", "p90", "p99", "max")


def _scenario(entry: Plain, bars: Sequence[Bar]) -> str:
    whole = length(bars)
    rows = "".join(_row(bar, whole) for bar in bars[:MOST_STEPS])
    more = '<p class="muted">and more steps</p>' if len(bars) > MOST_STEPS else ""
    measured = f"; measured to the last byte: {_time(entry, 'p50')}" if entry["finished"] else ""
    about = f"<small>about {_seconds(whole)} with all pauses{measured}</small>"
    title = f'<h4 class="wraps">{escape(entry["name"])} {about}</h4>'
    return f'<section class="part">{title}<table class="fall"><tbody>{rows}</tbody></table>{more}</section>'


def _row(bar: Bar, whole: float) -> str:
    name, kind = ("pause", ' class="pause"') if bar.name is None else (escape(bar.name), "")
    times = "" if bar.times == 1 else f"× {bar.times:.3g}"
    each = "–" if bar.each is None else _seconds(bar.each)
    cells = f'<td class="num">{times}</td><td class="track">{_track(bar, whole)}</td><td class="num">{each}</td>'
    return f'<tr{kind}><th scope="row" class="clip">{name}</th>{cells}</tr>'


def _track(bar: Bar, whole: float) -> str:
    """The bar within the session. It is wide enough to be seen."""
    width = max(0.3, 100 * bar.length / whole) if whole else 0.3
    start = min(100 * bar.start / whole, 100 - width) if whole else 0.0
    return (
        '<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect x="{start:.2f}" width="{width:.2f}" height="10"/></svg>'
    )


def _seconds(seconds: float) -> str:
    return format_micros(seconds * 1e6)
