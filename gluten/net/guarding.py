"""The guard before every gRPC call, and the threads that serve who was let in. Hides grpc.

Viewers have threads of their own: a call holds one while it waits, and who may only look must not keep commands from
those who have the key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import grpc

from gluten.net.access import Guard
from gluten.net.status import Status

if TYPE_CHECKING:
    Handler = grpc.RpcMethodHandler[Any, Any]  # generic in grpc's types alone


class Guarding(grpc.ServerInterceptor):
    """Asks the guard before every call, and has the pool `viewers` serve those of viewers. To be asked before
    `Parsing`, whose handlers are made for one call."""

    def __init__(self, guard: Guard, viewers: ThreadPoolExecutor) -> None:
        self._guard, self._viewers = guard, viewers

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Handler | None],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        details = handler_call_details
        found = self._guard(details.method, metadata_of(details.invocation_metadata))
        if isinstance(found, Status):
            return _turned_away(found)
        handler = continuation(details)
        if found == "viewer" and handler is not None:
            _serve_on(handler, self._viewers)
        return handler


def metadata_of(pairs: Any) -> dict[str, str | bytes]:
    return {str(key): value for key, value in pairs}


def refuse(context: grpc.ServicerContext, refusal: Status) -> None:
    context.set_trailing_metadata(tuple(refusal.trailer.items()))
    context.abort(grpc.StatusCode[refusal.code], refusal.text)


def _serve_on(handler: Any, pool: ThreadPoolExecutor) -> None:
    serve = handler.stream_stream or handler.stream_unary
    serve.experimental_thread_pool = pool


def _turned_away(refusal: Status) -> Handler:
    def abort(_requests: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        refuse(context, refusal)
        yield from ()

    # A stream's handler is called before any request is there: what strangers send is not even waited for.
    return grpc.stream_stream_rpc_method_handler(abort)
