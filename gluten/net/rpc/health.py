"""gRPC's own health check (grpc.health.v1, `Check` alone), the one thing that strangers may call.

grpc reads a request on the thread that will serve it: who calls and then says nothing holds on to one. So the check has
a few threads of its own, which nobody can take from the calls that need a key, and little time.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2

from gluten.net.rpc.parsing import first

SERVICE = health.SERVICE_NAME
THREADS = 8
PATIENCE = 2.0
"""Seconds for the request, which a client sends along with the call."""


class Health:
    """What a server says of itself by `Check`: nothing of the service `name`, until it is `serving`."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._known = health.HealthServicer()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="health")

    def add_to(self, server: grpc.Server) -> None:
        """`List` and `Watch` are not offered: they are optional, and a watcher holds a thread."""
        pool, known = self._pool, self._known

        def check(requests: Iterator[Any], context: grpc.ServicerContext) -> Any:
            return known.Check(first(requests, context, PATIENCE), context)

        check.experimental_thread_pool = pool  # type: ignore[attr-defined]
        kind = health_pb2.HealthCheckRequest.FromString, health_pb2.HealthCheckResponse.SerializeToString
        methods = {"Check": grpc.stream_unary_rpc_method_handler(check, *kind)}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, methods),))

    def serving(self) -> None:
        self._known.set(self._name, health_pb2.HealthCheckResponse.SERVING)

    def ending(self) -> None:
        """From now on nothing here serves."""
        self._known.enter_graceful_shutdown()

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
