"""What HTTP/2 forbids in the requests of a workload file."""

from __future__ import annotations

from gluten.task.http2_rules import wrong_header, wrong_method
from gluten.workload.tables.source import Source
from gluten.workload.workload import Workload


def check_http2(source: Source, workload: Workload, streams: int) -> None:
    """Raises `WorkloadError` for the first request that HTTP/2 cannot send, and for a scenario whose sessions have
    connections of their own, where connections have so many streams."""
    for index, scenario in enumerate(workload.scenarios):
        if scenario.fresh and streams > 1:
            why = f"new: each session has connections of its own, so {streams} streams have none to share"
            raise source.error(("scenario", index, "connection"), why)
    for request in workload.requests:
        path = ("request", request.name)
        if why := wrong_method(request.method):
            raise source.error(path, why)
        for name, value in request.headers:
            if why := wrong_header(name, value.fixed or ""):
                raise source.error(path, why)
