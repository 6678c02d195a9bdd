"""What a task asks of a search for the capacity. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gluten.capacity.decision import REQUESTS, SESSIONS, SearchPlan
from gluten.plan.session_length import session_length
from gluten.slo.grammar import parse_all
from gluten.task.limits import SEARCH_DURATION
from gluten.task.task import Task

if TYPE_CHECKING:
    from gluten.workload.workload import Workload


def plan_of(task: Task, workload: Workload | None) -> SearchPlan:
    """`workload` is what the task's file says. Raises TaskError."""
    return SearchPlan(
        parse_all(task.slo),
        start=task.peak or 0.0,
        to=task.search_to,
        precision=task.precision,
        hold=task.hold,
        seconds=task.duration or SEARCH_DURATION,
        unit=SESSIONS if workload is not None and workload.scenarios else REQUESTS,
        session=session_length(task, workload),
        at_least=task.at_least,
    )
