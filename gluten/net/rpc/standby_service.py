"""The gRPC service of a master that stands by: it answers each call with the address of the active master."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import gevent
import grpc

from gluten.errors import StandsBy
from gluten.net import unixpath
from gluten.net.rpc.auth import Guard
from gluten.net.rpc.limits import metadata_of, refusing
from gluten.net.rpc.status import Status, from_error

if TYPE_CHECKING:
    from gluten.net.rpc.limits import Handler

THREADS = 8
_OPTIONS = (("grpc.so_reuseport", 0), ("grpc.max_concurrent_streams", 50), ("grpc.max_connection_idle_ms", 60_000))


class StandbyService:
    """A gRPC server on the unix socket `path`. `active` returns HOST:PORT of the active master, or an empty text.

    `guard` tells who has the key: nobody else learns the address. Make, start and stop it in the hub's thread.
    """

    def __init__(self, path: str, guard: Guard, active: Callable[[], str]) -> None:
        self._path = unixpath.check(path)
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="grpc-standby")
        self._server = grpc.server(self._pool, handlers=[_Redirecting(guard, active)], options=_OPTIONS)

    def start(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)
        self._server.add_insecure_port(f"unix:{self._path}")
        self._server.start()

    def stop(self) -> None:
        gevent.get_hub().threadpool.apply(self._server.stop(0.0).wait, (2.0,))
        self._pool.shutdown(wait=False, cancel_futures=True)


class _Redirecting(grpc.GenericRpcHandler):  # type: ignore[misc,unused-ignore]
    def __init__(self, guard: Guard, active: Callable[[], str]) -> None:
        self._guard, self._active = guard, active

    def service(self, handler_call_details: Any) -> Handler:
        details = handler_call_details
        judged = self._guard(details.method, metadata_of(details.invocation_metadata))
        return refusing(judged if isinstance(judged, Status) else standing_by(self._active()))


def standing_by(active: str) -> Status:
    where = f"the active one is at {active}" if active else "no other is known to be active yet: try again"
    return from_error(StandsBy(f"it stands by; {where}", active))
