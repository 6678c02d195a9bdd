"""What a task sends by name: its requests, scenarios and groups, and how many of a plan are of each name. Pure.

A workload's file is read each time, which may take seconds, unless `workload` is what was read of it before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from gluten.stats.request_stats import REQUEST
from gluten.task.task import Task

if TYPE_CHECKING:
    from gluten.workload.scenarios.steps import Scenario
    from gluten.workload.workload import Request, Workload


class Names(NamedTuple):
    """All names of a task's figures, each list in the order of the workload file."""

    requests: tuple[str, ...] = (REQUEST,)
    scenarios: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    @property
    def figures(self) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """What an SLO can be about."""
        return self.requests, self.scenarios, self.groups


def names_of(task: Task, workload: Workload | None = None) -> Names:
    """The file is read once for all of them."""
    if not task.workload:
        return Names()
    workload = workload or workload_of(task)
    return Names(_names(workload.measured), _names(workload.scenarios), workload.groups)


def request_names(task: Task) -> tuple[str, ...]:
    """The names of the requests, in the order of the workload file. A task that is one URL has one name. Those that
    setup and teardown alone send are in no figure."""
    return _names(workload_of(task).measured) if task.workload else (REQUEST,)


def scenario_names(task: Task) -> tuple[str, ...]:
    """In the order of the workload file; none where a session is one request."""
    return _names(workload_of(task).scenarios) if task.workload else ()


def group_names(task: Task) -> tuple[str, ...]:
    """In the order of the workload file."""
    return workload_of(task).groups if task.workload else ()


def planned_requests(task: Task, planned: int, workload: Workload | None = None) -> dict[str, int]:
    """How many of the first `planned` requests are of each name. Nothing with scenarios: what a session sends is not
    known before."""
    if not task.workload:
        return {REQUEST: planned}
    workload = workload or workload_of(task)
    return {} if workload.scenarios else _planned(workload, workload.requests, planned)


def planned_sessions(task: Task, planned: int, workload: Workload | None = None) -> dict[str, int]:
    """How many of the first `planned` sessions are of each scenario. Nothing without scenarios."""
    if not task.workload:
        return {}
    workload = workload or workload_of(task)
    return _planned(workload, workload.scenarios, planned) if workload.scenarios else {}


def _planned(workload: Workload, named: Sequence[Request | Scenario], planned: int) -> dict[str, int]:
    from gluten.workload.mix import Mix  # here, because few tasks have a workload

    counts = Mix([one.weight for one in named], workload.seed).counts(0, planned)
    return {one.name: count for one, count in zip(named, counts, strict=True) if one.weight}


def _names(named: Sequence[Request | Scenario]) -> tuple[str, ...]:
    return tuple(one.name for one in named)


def workload_of(task: Task) -> Workload:
    """Read the task's workload file. Raises WorkloadError."""
    from gluten.workload.reader import of_task  # here, because few tasks have a workload

    return of_task(task)
