"""What a session of each scenario typically does, for a report: it does not depend on what happened. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gluten.plan.requests import workload_of
from gluten.task.task import Task

if TYPE_CHECKING:
    from gluten.workload.workload import Workload

Plain = dict[str, Any]
MOST_STEPS = 500
"""A report has at most so many steps of a scenario: its first ones."""


def with_steps(scenarios: Sequence[Plain], task: Task, workload: Workload | None = None) -> list[Plain]:
    """The report's entries of scenarios, each with its `steps`. A scenario that the file does not have has none.
    `workload` is what was read of the task's file before."""
    if not scenarios:
        return []
    found = _steps(workload or workload_of(task))
    return [entry | {"steps": found.get(entry["name"], [])} for entry in scenarios]


def _steps(workload: Workload) -> Mapping[str, list[Plain]]:
    from gluten.workload.scenarios.typical import typical_steps

    names = [request.name for request in workload.requests]
    return {
        scenario.name: [step._asdict() for step in typical_steps(scenario.do, names, MOST_STEPS)]
        for scenario in workload.scenarios
    }
