"""The exit code of a run that missed an SLO."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gluten.errors import ThresholdMissed
from gluten.plan.run_state import BY_SLO

if TYPE_CHECKING:
    from gluten.documents import ReportDocument


def check_slos(report: ReportDocument) -> None:
    """Raises ThresholdMissed if the run missed an SLO, or if one ended it. Check what outranks that before."""
    if not report.get("slo"):
        return
    from gluten.slo.shown import failing  # here, because most runs have none

    lines = failing(report["slo"], bool(report["task"].get("slo_sure")))
    if lines:
        raise ThresholdMissed("; ".join(lines))
    if report.get("kind") == BY_SLO:
        raise ThresholdMissed(report["reason"])
