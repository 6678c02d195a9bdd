"""Authorizes each gRPC call, and chooses the threads that serve it. Hides grpc.

A call holds a thread while it waits. Viewers have threads of their own, so they cannot keep admins from giving
commands. One address may hold only a part of the viewers' threads, so viewers cannot keep out other viewers either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import grpc

from gluten.net.door import peername
from gluten.net.rpc.address_limits import AddressLimits
from gluten.net.rpc.auth import OPEN, Guard
from gluten.net.rpc.status import Status

if TYPE_CHECKING:
    Handler = grpc.RpcMethodHandler[Any, Any]  # generic only in grpc's type stubs


class RpcLimits(grpc.ServerInterceptor):
    """Asks `guard` before each call. The pool `viewers` serves the calls of viewers, within `address_limits`.

    `on_proven` is called with gRPC's name of the connection of each call that needs the key and has it.
    It must come before `Parsing`, because it needs the handlers that `Parsing` makes.
    """

    def __init__(
        self,
        guard: Guard,
        viewers: ThreadPoolExecutor,
        address_limits: AddressLimits,
        on_proven: Callable[[str], None] = lambda peer: None,
    ) -> None:
        self._guard, self._viewers, self._address_limits = guard, viewers, address_limits
        self._on_proven = on_proven

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Handler | None],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        details = handler_call_details
        judged = self._guard(details.method, metadata_of(details.invocation_metadata))
        if isinstance(judged, Status):
            return refusing(judged)
        handler = continuation(details)
        if handler is None or details.method == OPEN:
            return handler
        if judged == "viewer":
            handler = _for_viewers(handler, self._viewers, self._address_limits)
        return _proving(handler, self._on_proven)


def metadata_of(pairs: Any) -> dict[str, str | bytes]:
    return {str(key): value for key, value in pairs}


def refuse(context: grpc.ServicerContext, refusal: Status) -> None:
    context.set_trailing_metadata(tuple(refusal.trailer.items()))
    context.abort(grpc.StatusCode[refusal.code], refusal.text)


def acquire_for_call(address_limits: AddressLimits, context: grpc.ServicerContext, what: str) -> None:
    """Count one more of `what` for the caller's address until the call ends. At the limit, abort the call."""
    address = peername.address_in(context.peer())
    if not address_limits.acquire(address):
        text = f"{address_limits.each} {what} from one address are the limit of this master: try again later"
        context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, text)
    if not context.add_callback(partial(address_limits.release, address)):
        address_limits.release(address)


def _proving(handler: Any, on_proven: Callable[[str], None]) -> Handler:
    """The same handler. It first calls `on_proven` with gRPC's name of the caller's connection."""
    serve = handler.stream_stream or handler.stream_unary

    def answer(requests: Iterator[Any], context: grpc.ServicerContext) -> Any:
        on_proven(context.peer())
        return serve(requests, context)

    return _replaced(handler, answer, getattr(serve, "experimental_thread_pool", None))


def _for_viewers(handler: Any, pool: ThreadPoolExecutor, address_limits: AddressLimits) -> Handler:
    """The same handler, served by the pool and limited for each address."""
    serve = handler.stream_stream or handler.stream_unary

    def answer(requests: Iterator[Any], context: grpc.ServicerContext) -> Any:
        acquire_for_call(address_limits, context, "calls at once")
        return serve(requests, context)

    return _replaced(handler, answer, pool)


def _replaced(handler: Any, answer: Any, pool: ThreadPoolExecutor | None) -> Handler:
    """The handler with `answer` in place of its function, which `pool` serves."""
    if pool is not None:
        answer.experimental_thread_pool = pool
    form = grpc.stream_stream_rpc_method_handler if handler.stream_stream else grpc.stream_unary_rpc_method_handler
    made: Handler = form(answer, handler.request_deserializer, handler.response_serializer)
    return made


def refusing(refusal: Status) -> Handler:
    """A handler that ends each call with this status."""

    def abort(_requests: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        refuse(context, refusal)
        yield from ()

    # A stream's handler is called before a request arrives, so a stranger's request is not waited for.
    return grpc.stream_stream_rpc_method_handler(abort)
