"""The named requests of a task, and how many of a number of planned requests are of each name. Pure."""

from __future__ import annotations

from gluten.stats.request_stats import REQUEST
from gluten.task.task import Task


def request_names(task: Task) -> tuple[str, ...]:
    """The names of the requests, in the order of the workload file. A task that is one URL has one name."""
    return (REQUEST,)


def planned_requests(task: Task, planned: int) -> dict[str, int]:
    """How many of the first `planned` requests are of each name."""
    return {REQUEST: planned}
