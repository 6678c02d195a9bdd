"""Runs side by side by the names of their scenarios. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from gluten.report.compared_capacity import searched
from gluten.report.sessions import rate_of

if TYPE_CHECKING:
    from gluten.documents import ReportDocument as Report

_TIMES = ("mean", "p50", "p90", "p95", "p99", "p99_9", "max")


def shared_scenarios(reports: Sequence[Report]) -> list[str]:
    """The scenarios that all runs have, in the first one's order. Times of a search are not compared."""
    if any(map(searched, reports)):
        return []
    first, *others = ([entry["name"] for entry in run.get("by_scenario", ())] for run in reports)
    return [name for name in first if all(name in names for names in others)]


def of_scenario(report: Report, name: str) -> Report:
    """The report as if the sessions of this scenario were its requests, as far as two runs are compared.

    What is compared is how many finished a second, how long they took, and the share of those that finished or ended
    which were not good.
    """
    entry: Mapping[str, Any] = next(entry for entry in report["by_scenario"] if entry["name"] == name)
    counts = _counts(entry) | {"planned": entry["planned"], "sent": entry["begun"], "in_flight": 0}
    own = {"rate": rate_of(report, name), "response_time": entry["time"], "requests": counts}
    rows = [{**row, **_second(row.get("by_scenario", {}).get(name))} for row in report["seconds"]]
    return cast("Report", {**report, **own, "status": {}, "errors": {}, "seconds": rows})


def _counts(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "completed": entry["finished"],
        "failed": entry["ended"],
        "good": entry["good"],
        "dropped": entry["dropped"],
    }


def _second(found: Mapping[str, Any] | None) -> dict[str, Any]:
    """The scenario in a second. None: nothing became of its sessions then."""
    if found is None:
        return dict.fromkeys(("completed", "failed", "good", "dropped", *_TIMES), 0) | {"status": {}, "errors": {}}
    return _counts(found) | {name: found.get(name) for name in _TIMES} | {"status": {}, "errors": {}}
