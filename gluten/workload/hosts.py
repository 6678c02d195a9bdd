"""The hosts that a task asks, one by one: what a policy judges."""

from __future__ import annotations

from collections.abc import Iterator

from gluten.task.task import Task
from gluten.workload.reader import of_task


def by_host(task: Task) -> Iterator[Task]:
    """The task once for each host, with that host's URL. Raises `WorkloadError` where its file is wrong."""
    if not task.workload:
        yield task
        return
    for origin in of_task(task).origins:
        yield task._replace(url=f"{origin}/")
