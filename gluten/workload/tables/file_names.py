"""`@FILE` in a workload: a file beside it."""

from __future__ import annotations

from gluten.errors import WorkloadError
from gluten.task.limits import MAX_FILE_NAME
from gluten.workload.templates.environment import expand_env
from gluten.workload.templates.values import Scope


def file_of(value: str, scope: Scope) -> str:
    """The name behind the @. Raises `WorkloadError`."""
    name = expand_env(value[1:], scope.env)
    if not 0 < len(name) <= MAX_FILE_NAME or "\0" in name:
        raise WorkloadError("@ names no file: write @FILE, such as @order.json")
    return name
