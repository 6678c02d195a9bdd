"""What HTTP/2 forbids in the requests of a workload file."""

from __future__ import annotations

from gluten.task.http2_rules import wrong_header, wrong_method
from gluten.workload.tables.source import Source
from gluten.workload.workload import Workload


def check_http2(source: Source, workload: Workload) -> None:
    """Raises `WorkloadError` for the first request that HTTP/2 cannot send."""
    for request in workload.requests:
        path = ("request", request.name)
        if why := wrong_method(request.method):
            raise source.error(path, why)
        for name, value in request.headers:
            if why := wrong_header(name, value.fixed or ""):
                raise source.error(path, why)
