"""The exit code of a run that is over: by its verdict, its SLOs, or what a search for the capacity has found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gluten.errors import InvalidRun, ThresholdMissed
from gluten.plan.run_state import BY_SLO
from gluten.report.verdict import INVALID

if TYPE_CHECKING:
    from gluten.documents import ReportDocument


def check_results(report: ReportDocument) -> None:
    """Raises InvalidRun or ThresholdMissed. Check what outranks that before."""
    found = report.get("capacity")
    if found is not None and found["holds"] is None:
        check_capacity(report)  # where nothing holds, that is the answer, whatever the verdict
    if report["verdict"]["value"] == INVALID:
        raise InvalidRun("the verdict is invalid: " + "; ".join(report["verdict"]["reasons"]))
    if found is not None:
        check_capacity(report)
    else:
        check_slos(report)


def check_slos(report: ReportDocument) -> None:
    """Raises ThresholdMissed if the run missed an SLO, or if one ended it."""
    if not report.get("slo"):
        return
    from gluten.slo.shown import failing  # here, because most runs have none

    lines = failing(report["slo"], bool(report["task"].get("slo_sure")))
    if lines:
        raise ThresholdMissed("; ".join(lines))
    if report.get("kind") == BY_SLO:
        raise ThresholdMissed(report["reason"])


def check_capacity(report: ReportDocument) -> None:
    """Raises ThresholdMissed if nothing holds, or less than was asked for; InvalidRun if the generators were the limit
    below what was asked for: then the target may hold it."""
    found, least = report["capacity"], report["task"].get("at_least")
    assert found is not None
    holds = found["holds"]
    if holds is not None and (least is None or holds >= least):
        return
    asked = "" if least is None else f"{least:g}/s were asked for: "
    if found["limit"] == "generator" and least is not None:
        raise InvalidRun(f"{asked}{found['text']}")
    raise ThresholdMissed(f"{asked}{found['text']}")
