"""The hosts that a task asks, one by one: what a policy judges."""

from __future__ import annotations

from collections.abc import Iterator

from gluten.task.task import Task
from gluten.workload.reader import of_task
from gluten.workload.workload import Workload


def by_host(task: Task) -> Iterator[Task]:
    """The task once for each host, with that host's URL. Raises `WorkloadError` where its file is wrong."""
    if task.workload:
        yield from hosts_of(task, of_task(task))
    else:
        yield task


def hosts_of(task: Task, workload: Workload) -> Iterator[Task]:
    """The same, with the task's workload that is read already."""
    for origin in workload.origins:
        yield task._replace(url=f"{origin}/")
