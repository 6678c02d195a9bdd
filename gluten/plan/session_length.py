"""About how long a session of a task takes, before anything of it was measured. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gluten.task.task import Task

if TYPE_CHECKING:
    from gluten.workload.workload import Workload


def session_length(task: Task, workload: Workload | None) -> float:
    """In seconds; 0 without scenarios: a session is one request, of which nothing is known."""
    if workload is None or not workload.scenarios:
        return 0.0
    from gluten.workload.scenarios.length import mean_length  # here, because few tasks have a workload

    return mean_length(workload.scenarios).seconds
