"""Refuses gRPC requests that cannot be parsed, like any other wrong request.

For each such request grpc itself logs a traceback and never frees the call (1.85: 19 KB each). So parsing must not
fail. It returns `Malformed` instead, and the call ends before its handler gets it.

grpc also waits for a call's single request without a limit, on the thread that will serve it. So each method is served
as one that takes a stream, and its first message is read with a deadline.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import grpc

REQUEST_TIMEOUT = 30.0
"""Seconds for a call's whole request, of at most 4 MiB."""
NO_REQUEST = "the call ended without a request"
UNREADABLE = "the request cannot be parsed: is it of this method's type?"

if TYPE_CHECKING:
    Handler = grpc.RpcMethodHandler[Any, Any]  # generic only in grpc's type stubs


class Malformed:
    """Takes the place of a request that cannot be parsed."""


class Parsing(grpc.ServerInterceptor):
    """Wraps the parser and the handler of each method."""

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Handler | None],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        handler = continuation(handler_call_details)
        if handler is None or handler.request_deserializer is None:
            return handler
        make, serve = _as_stream(handler)
        checked = (
            _checked_stream_handler(serve)
            if handler.request_streaming
            else _checked_single_handler(serve, handler.response_streaming)
        )
        read = _never_failing(handler.request_deserializer)
        wrapped: Handler = make(checked, request_deserializer=read, response_serializer=handler.response_serializer)
        return wrapped


def first_request(requests: Iterator[Any], context: grpc.ServicerContext, seconds: float = REQUEST_TIMEOUT) -> Any:
    """The single request of a call. The call is cancelled if the request does not arrive within `seconds`."""
    limit = threading.Timer(seconds, context.cancel)
    limit.daemon = True
    limit.start()
    try:
        request = next(requests, None)
    finally:
        limit.cancel()
    if request is None:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, NO_REQUEST)
    return request


def _as_stream(handler: Any) -> tuple[Callable[..., Handler], Callable[..., Any]]:
    """Two functions: one makes a handler that takes a stream, the other is the original behaviour of `handler`."""
    if handler.request_streaming:
        if handler.response_streaming:
            return grpc.stream_stream_rpc_method_handler, handler.stream_stream
        return grpc.stream_unary_rpc_method_handler, handler.stream_unary
    if handler.response_streaming:
        return grpc.stream_stream_rpc_method_handler, handler.unary_stream
    return grpc.stream_unary_rpc_method_handler, handler.unary_unary


def _never_failing(parse: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    def read(raw: bytes) -> Any:
        try:
            return parse(raw)
        except Exception:
            return Malformed()

    return read


def _check(request: Any, context: grpc.ServicerContext) -> None:
    if isinstance(request, Malformed):
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, UNREADABLE)


def _checked_single_handler(serve: Callable[..., Any], streams: bool) -> Callable[..., Any]:
    def answer(requests: Iterator[Any], context: grpc.ServicerContext) -> Any:
        return serve(_checked_request(requests, context), context)

    def stream(requests: Iterator[Any], context: grpc.ServicerContext) -> Iterator[Any]:
        yield from serve(_checked_request(requests, context), context)

    return stream if streams else answer


def _checked_stream_handler(serve: Callable[..., Any]) -> Callable[..., Any]:
    def answer(requests: Iterator[Any], context: grpc.ServicerContext) -> Any:
        return serve(_checked_requests(requests, context), context)

    if pool := getattr(serve, "experimental_thread_pool", None):
        answer.experimental_thread_pool = pool  # type: ignore[attr-defined]
    return answer


def _checked_request(requests: Iterator[Any], context: grpc.ServicerContext) -> Any:
    request = first_request(requests, context)
    _check(request, context)
    return request


def _checked_requests(requests: Iterator[Any], context: grpc.ServicerContext) -> Iterator[Any]:
    for request in requests:
        _check(request, context)
        yield request
