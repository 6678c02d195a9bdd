"""Runs side by side by the names of their scenarios. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from gluten.documents import ReportDocument as Report

_NOTHING: Mapping[str, Any] = {
    **dict.fromkeys(("finished", "ended", "good"), 0),
    **dict.fromkeys(("mean", "p50", "p90", "p99", "p99_9", "max"), 0),
}


def shared_scenarios(reports: Sequence[Report]) -> list[str]:
    """The scenarios that all runs have, in the first one's order."""
    first, *others = ([entry["name"] for entry in run.get("by_scenario", ())] for run in reports)
    return [name for name in first if all(name in names for names in others)]


def of_scenario(report: Report, name: str) -> Report:
    """The report as if its run had sent nothing but the sessions of this scenario, as far as two runs are compared: one
    that finished stands for an answer, one that a request ended for a failed one."""
    entry: Mapping[str, Any] = next(entry for entry in report["by_scenario"] if entry["name"] == name)
    length = report["duration"]
    counts = _as_requests(entry) | {"planned": entry["planned"], "dropped": entry["dropped"]}
    rows = [
        {**row, **_as_requests({**_NOTHING, **row.get("by_scenario", {}).get(name, {})})} for row in report["seconds"]
    ]
    own = {"rate": entry["finished"] / length if length else 0.0, "response_time": entry["time"], "status": {}}
    return cast("Report", {**report, **own, "requests": counts, "seconds": rows})


def _as_requests(sessions: Mapping[str, Any]) -> dict[str, Any]:
    return dict(sessions) | {"completed": sessions["finished"], "failed": sessions["ended"], "status": None}
