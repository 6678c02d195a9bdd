"""What a workload file would do, for who writes one on a page. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gluten.task.task import Task

if TYPE_CHECKING:
    from gluten.workload.workload import Request


def plan_of(task: Task) -> dict[str, Any] | None:
    """The requests with their weights, and the files that the text names; None for a task that is one URL."""
    if not task.workload:
        return None
    from gluten.workload.mix import reduced  # here, because few tasks have a workload
    from gluten.workload.reader import of_task

    workload = of_task(task)
    weights, total = reduced(workload.weights), sum(workload.weights)
    requests = [_request(one, weight, total) for one, weight in zip(workload.requests, weights, strict=True)]
    feeds = [{"name": feed.name, "file": feed.file, "pick": feed.pick} for feed in workload.feeds]
    return {"block": sum(weights), "requests": requests, "feeds": feeds, "files": list(workload.files)}


def _request(request: Request, of_block: int, total: int) -> dict[str, Any]:
    return {
        "name": request.name,
        "method": request.method,
        "weight": request.weight,
        "of_block": of_block,
        "share": request.weight / total,
        "checks": len(request.checks),
    }
