"""Runs side by side by the names of their requests. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from gluten.report.compared_capacity import searched
from gluten.stats import request_stats
from gluten.stats.request_stats import REQUEST

if TYPE_CHECKING:
    from gluten.documents import ReportDocument as Report

_NOTHING: Mapping[str, Any] = {
    **dict.fromkeys((*request_stats.COUNTS, "good"), 0),
    **dict.fromkeys(("mean", "p50", "p90", "p95", "p99", "p99_9", "max"), 0),
    "status": {},
    "errors": {},
}


def shared_names(reports: Sequence[Report]) -> list[str]:
    """The named requests that all runs have, in the first one's order. Runs of one URL have none, and times of a search
    are not compared."""
    if any(map(searched, reports)):
        return []
    first, *others = ([entry["name"] for entry in run.get("by_request", ())] for run in reports)
    shared = [name for name in first if all(name in names for names in others)]
    return [] if shared == [REQUEST] else shared


def of_request(report: Report, name: str) -> Report:
    """The report as if its run had sent nothing but the requests of this name, as far as two runs are compared."""
    entry: Mapping[str, Any] = next(entry for entry in report["by_request"] if entry["name"] == name)
    counts = {key: entry[key] for key in ("planned", "sent", "completed", "good", "failed", "in_flight", "dropped")}
    own = {key: entry[key] for key in ("rate", "status", "errors", "response_time", "service_time")}
    rows = [{**row, **_NOTHING, **row.get("by_request", {}).get(name, {})} for row in report["seconds"]]
    return cast("Report", {**report, **own, "requests": counts, "seconds": rows})
