"""gRPC's standard health check (grpc.health.v1, only `Check`). It is the only method that needs no key.

grpc reads a request on the thread that will serve it, so a client that calls and sends nothing holds a thread. So the
check has a few threads of its own and a short timeout. It cannot use up the threads of calls that need a key.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2

from gluten.net.rpc.parsing import first_request

SERVICE = health.SERVICE_NAME
THREADS = 8
REQUEST_TIMEOUT = 2.0
"""Seconds for the request. A client sends it together with the call."""


class Health:
    """Answers `Check`. The service `name` is unknown to it until `serving`."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._servicer = health.HealthServicer()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="health")

    def add_to(self, server: grpc.Server) -> None:
        """Add `Check` to the server. `List` and `Watch` are optional and left out, because a watcher holds a thread."""
        pool, servicer = self._pool, self._servicer

        def check(requests: Iterator[Any], context: grpc.ServicerContext) -> Any:
            return servicer.Check(first_request(requests, context, REQUEST_TIMEOUT), context)

        check.experimental_thread_pool = pool  # type: ignore[attr-defined]
        kind = health_pb2.HealthCheckRequest.FromString, health_pb2.HealthCheckResponse.SerializeToString
        methods = {"Check": grpc.stream_unary_rpc_method_handler(check, *kind)}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, methods),))

    def serving(self) -> None:
        self._servicer.set(self._name, health_pb2.HealthCheckResponse.SERVING)

    def ending(self) -> None:
        """From now on, report that nothing is served."""
        self._servicer.enter_graceful_shutdown()

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
