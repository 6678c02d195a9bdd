"""At a rate the plan ends with the rows of a unique feed. Pure."""

from __future__ import annotations

from gluten.engine.parts import WorkerTask
from gluten.errors import RowsUsed
from gluten.plan.schedule import Schedule
from gluten.workload.sessions import rows_end


def used_by_plan(job: WorkerTask, schedule: Schedule) -> RowsUsed | None:
    """The feed whose rows the whole plan has used. None: its time or its number of sessions ends it first."""
    task, part = job.task, job.workload
    if part is None or task.sessions is None or schedule.limit != task.sessions or schedule.last() >= schedule.end:
        return None
    end = rows_end(part.workload, {name: len(rows) for name, rows in part.rows.items()})
    if end is None or task.sessions == task.requests:
        return None
    return RowsUsed(end.feed.name, len(part.rows[end.feed.name]), end.feed.at_end == "fail")
