"""What a workload file would do, for who writes one on a page. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gluten.task.task import Task

if TYPE_CHECKING:
    from gluten.workload.scenarios.steps import Scenario
    from gluten.workload.workload import Request

Map = dict[str, Any]


def plan_of(task: Task) -> dict[str, Any] | None:
    """What sessions are, with their weights, and the files that the text names; None for a task that is one URL.

    A session is one of `scenarios`, or without scenarios one of `requests`: only those have a weight then."""
    if not task.workload:
        return None
    from gluten.workload.mix import reduced  # here, because few tasks have a workload
    from gluten.workload.reader import of_task

    workload = of_task(task)
    weights, total = reduced(workload.weights), sum(workload.weights)
    shares = {
        session.name: {"weight": session.weight, "of_block": weight, "share": session.weight / total}
        for session, weight in zip(workload.sessions, weights, strict=True)
    }
    return {
        "block": sum(weights),
        "requests": [_request(one, None if workload.scenarios else shares[one.name]) for one in workload.measured],
        "scenarios": [_scenario(one, shares[one.name]) for one in workload.scenarios],
        "feeds": [{"name": feed.name, "file": feed.file, "pick": feed.pick} for feed in workload.feeds],
        "files": list(workload.files),
    }


def _request(request: Request, share: Map | None) -> Map:
    plain = {"name": request.name, "method": request.method, "checks": len(request.checks)}
    return plain | (share or {"weight": None, "of_block": None, "share": None})


def _scenario(scenario: Scenario, share: Map) -> Map:
    """`requests` and `seconds` (its estimated length) are of one session, on average."""
    from gluten.workload.scenarios.length import length_of

    length = length_of(scenario)
    return {"name": scenario.name, **share, "requests": length.requests, "seconds": length.seconds}
