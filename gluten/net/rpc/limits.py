"""The guard before every gRPC call, and the threads that serve who was let in. Hides grpc.

Viewers have threads of their own: a call holds one while it waits, and who may only look must not keep commands from
those who have the key. Nor from other viewers: one address has a share of these threads, and is told so beyond it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import grpc

from gluten.net.door import peername
from gluten.net.rpc.address_limits import AddressLimits
from gluten.net.rpc.auth import Guard
from gluten.net.rpc.status import Status

if TYPE_CHECKING:
    Handler = grpc.RpcMethodHandler[Any, Any]  # generic in grpc's types alone


class RpcLimits(grpc.ServerInterceptor):
    """Asks the guard before every call, and has the pool `viewers` serve those of viewers, of which one address has
    `shares`. To be asked before `Parsing`, whose handlers take streams."""

    def __init__(self, guard: Guard, viewers: ThreadPoolExecutor, address_limits: AddressLimits) -> None:
        self._guard, self._viewers, self._address_limits = guard, viewers, address_limits

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
        return (
            _shared(handler, self._viewers, self._address_limits)
            if found == "viewer" and handler is not None
            else handler
        )


def metadata_of(pairs: Any) -> dict[str, str | bytes]:
    return {str(key): value for key, value in pairs}


def refuse(context: grpc.ServicerContext, refusal: Status) -> None:
    context.set_trailing_metadata(tuple(refusal.trailer.items()))
    context.abort(grpc.StatusCode[refusal.code], refusal.text)


def take_place(address_limits: AddressLimits, context: grpc.ServicerContext, what: str) -> None:
    """One more of `what` for the caller's address until the call has ended, however it ends; else end the call."""
    address = peername.address_in(context.peer())
    if not address_limits.take(address):
        text = f"{address_limits.each} {what} from one address are the most that this master serves: try again later"
        context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, text)
    if not context.add_callback(partial(address_limits.give, address)):
        address_limits.give(address)


def _shared(handler: Any, pool: ThreadPoolExecutor, address_limits: AddressLimits) -> Handler:
    """The same, served by the pool, as far as the address has a share of it left."""
    serve = handler.stream_stream or handler.stream_unary

    def answer(requests: Iterator[Any], context: grpc.ServicerContext) -> Any:
        take_place(address_limits, context, "calls at once")
        return serve(requests, context)

    answer.experimental_thread_pool = pool  # type: ignore[attr-defined]
    form = grpc.stream_stream_rpc_method_handler if handler.stream_stream else grpc.stream_unary_rpc_method_handler
    made: Handler = form(answer, handler.request_deserializer, handler.response_serializer)
    return made


def _turned_away(refusal: Status) -> Handler:
    def abort(_requests: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        refuse(context, refusal)
        yield from ()

    # A stream's handler is called before any request is there: what strangers send is not even waited for.
    return grpc.stream_stream_rpc_method_handler(abort)
