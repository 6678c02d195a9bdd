"""What became of sessions, for people: a summary, tables by scenario and of groups.

A run without scenarios has none of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gluten.report.formats.table import align
from gluten.units import format_micros

Plain = Mapping[str, Any]
_POINTS = ("p50", "p90", "p99", "max")
SCENARIO_HEAD = ("name", "begun", "finished", "ended", "cut", "dropped", "good", *_POINTS)
"""The figures of a scenario. The times are those of finished sessions."""
GROUP_HEAD = ("name", "times", *_POINTS)
OUTCOMES = ("finished", "ended", "cut")
"""What became of sessions that are over."""


def sessions_of(report: Plain) -> Plain | None:
    """The figures of all sessions. None: a run without scenarios, or of an earlier version."""
    found: Plain | None = report.get("sessions")
    return found


def session_lines(report: Plain) -> Iterator[str]:
    """What became of the sessions, then a table by scenario, and one of the groups."""
    sessions = sessions_of(report)
    if sessions is None:
        return
    yield f"Sessions: {', '.join(_counts(sessions))}; at most {sessions['most']} at once"
    if sessions["finished"]:
        times = ", ".join(f"{point} {format_micros(sessions['time'][point])}" for point in _POINTS)
        yield f"Session time: {times}"
    yield "By scenario:"
    yield from _aligned(SCENARIO_HEAD, [scenario_cells(entry) for entry in report.get("by_scenario", ())])
    if groups := report.get("groups"):
        yield "Groups:"
        yield from _aligned(GROUP_HEAD, [group_cells(entry) for entry in groups])


def _counts(sessions: Plain) -> Iterator[str]:
    """`planned 100, begun 98, finished 90 …`. What is rare is left out where there is none."""
    if sessions["planned"] is not None:
        yield f"planned {sessions['planned']}"
    yield from (f"{name} {sessions[name]}" for name in ("begun", *OUTCOMES))
    if sessions["active"]:
        yield f"under way {sessions['active']}"
    if sessions["planned"] is not None:
        yield f"dropped {sessions['dropped']} ({dropped_share(sessions):.2%})"
    yield f"good {sessions['good']}"


def dropped_share(sessions: Plain) -> float:
    """The share of the planned sessions that never began, 0 to 1."""
    return float(sessions["dropped"] / sessions["planned"]) if sessions["planned"] else 0.0


def scenario_cells(entry: Plain) -> list[str]:
    """The cells of one scenario: `SCENARIO_HEAD`."""
    counts = ("begun", *OUTCOMES, "dropped", "good")
    return [entry["name"], *(str(entry[name]) for name in counts), *_times(entry, entry["finished"])]


def group_cells(entry: Plain) -> list[str]:
    """The cells of one group: `GROUP_HEAD`."""
    return [entry["name"], str(entry["count"]), *_times(entry, entry["count"])]


def _times(entry: Plain, count: int) -> list[str]:
    return [format_micros(entry["time"][point]) if count else "-" for point in _POINTS]


def _aligned(head: tuple[str, ...], rows: list[list[str]]) -> Iterator[str]:
    return align([head, *rows], "<" + ">" * (len(head) - 1))
