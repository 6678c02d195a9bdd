"""The named requests of a task, and how many of a number of planned requests are of each name. Pure.

A workload's file is read each time. So ask once a report, not once a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gluten.stats.request_stats import REQUEST
from gluten.task.task import Task

if TYPE_CHECKING:
    from gluten.workload.workload import Request


def request_names(task: Task) -> tuple[str, ...]:
    """The names of the requests, in the order of the workload file. A task that is one URL has one name."""
    return tuple(request.name for request in _requests(task)) if task.workload else (REQUEST,)


def planned_requests(task: Task, planned: int) -> dict[str, int]:
    """How many of the first `planned` requests are of each name."""
    if not task.workload:
        return {REQUEST: planned}
    from gluten.workload.mix import Mix  # here, because few tasks have a workload

    requests = _requests(task)
    counts = Mix([request.weight for request in requests], task.seed).counts(0, planned)
    return {request.name: count for request, count in zip(requests, counts, strict=True)}


def _requests(task: Task) -> Sequence[Request]:
    from gluten.workload.reader import of_task  # here, because few tasks have a workload

    return of_task(task).requests
