"""Looks at the files of a task that this command itself will load."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gluten.task.policy import Policy
from gluten.task.task import Task

if TYPE_CHECKING:
    from gluten.cli.workload_file import WorkloadFile


def inspected(task: Task, file: WorkloadFile | None, policy: Policy, name: str) -> Task:
    """The task with what the rows of its feeds allow. Raises Refused for a host that the policy does not allow, and
    WorkloadError for a wrong row."""
    if file is None:
        policy.check(task, "this command")
        return task
    from gluten.store.files.feed_files import inspect  # here, because a URL needs no TOML

    found = inspect(task, file.paths.__getitem__, name)
    for one in found.hosts:
        policy.check(one, "this command")
    return task._replace(rows=found.rows, sessions=found.sessions)
