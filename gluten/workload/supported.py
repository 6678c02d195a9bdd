"""What a task may ask for before the engine can do it. A field that would have no effect is refused, not ignored."""

from __future__ import annotations

from gluten.errors import TaskError
from gluten.task.task import Task

_NOT_YET = {
    "slo": "slo: this version judges no SLO: leave it out",
    "slo_sure": "slo-sure: this version judges no SLO: leave it out",
}


def check_supported(task: Task) -> None:
    """Raises TaskError for the first thing that this version cannot do."""
    for name, message in _NOT_YET.items():
        if getattr(task, name):
            raise TaskError(name, message)
