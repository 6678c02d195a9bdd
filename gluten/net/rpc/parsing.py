"""gRPC requests that cannot be parsed are refused as any other wrong request.

grpc itself logs a traceback for each and never frees the call (1.85: 19 KB each), so parsing must not fail: it gives a
mark instead, on which the call is ended before its handler sees it.

grpc also waits for a call's one request on the thread that will serve it, as long as the client likes. So every method
is served as one that takes a stream, of which the first message is asked for, with a deadline.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import grpc

PATIENCE = 30.0
"""Seconds for a call's whole request, of at most 4 MiB."""
NONE = "the call ended without a request"
TEXT = "the request cannot be parsed: is it of this method's type?"

if TYPE_CHECKING:
    Handler = grpc.RpcMethodHandler[Any, Any]  # generic in grpc's types alone


class Malformed:
    """Stands for a request that could not be parsed."""


class Parsing(grpc.ServerInterceptor):
    """Wraps every method's parser."""

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Handler | None],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        handler = continuation(handler_call_details)
        if handler is None or handler.request_deserializer is None:
            return handler
        make, serve = _form(handler)
        checked = _checking_all(serve) if handler.request_streaming else _checking(serve, handler.response_streaming)
        read = _reading(handler.request_deserializer)
        wrapped: Handler = make(checked, request_deserializer=read, response_serializer=handler.response_serializer)
        return wrapped


def first(requests: Iterator[Any], context: grpc.ServicerContext, seconds: float = PATIENCE) -> Any:
    """The request of a call that has one. A call whose request is not here in time is ended."""
    limit = threading.Timer(seconds, context.cancel)
    limit.daemon = True
    limit.start()
    try:
        request = next(requests, None)
    finally:
        limit.cancel()
    if request is None:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, NONE)
    return request


def _form(handler: Any) -> tuple[Callable[..., Handler], Callable[..., Any]]:
    """What makes a handler that answers as this one and takes a stream, and what serves its calls."""
    if handler.request_streaming:
        if handler.response_streaming:
            return grpc.stream_stream_rpc_method_handler, handler.stream_stream
        return grpc.stream_unary_rpc_method_handler, handler.stream_unary
    if handler.response_streaming:
        return grpc.stream_stream_rpc_method_handler, handler.unary_stream
    return grpc.stream_unary_rpc_method_handler, handler.unary_unary


def _reading(parse: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    def read(raw: bytes) -> Any:
        try:
            return parse(raw)
        except Exception:
            return Malformed()

    return read


def _check(request: Any, context: grpc.ServicerContext) -> None:
    if isinstance(request, Malformed):
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, TEXT)


def _checking(serve: Callable[..., Any], streams: bool) -> Callable[..., Any]:
    def answer(requests: Iterator[Any], context: grpc.ServicerContext) -> Any:
        return serve(_checked_one(requests, context), context)

    def stream(requests: Iterator[Any], context: grpc.ServicerContext) -> Iterator[Any]:
        yield from serve(_checked_one(requests, context), context)

    return stream if streams else answer


def _checking_all(serve: Callable[..., Any]) -> Callable[..., Any]:
    def answer(requests: Iterator[Any], context: grpc.ServicerContext) -> Any:
        return serve(_checked(requests, context), context)

    if pool := getattr(serve, "experimental_thread_pool", None):
        answer.experimental_thread_pool = pool  # type: ignore[attr-defined]
    return answer


def _checked_one(requests: Iterator[Any], context: grpc.ServicerContext) -> Any:
    request = first(requests, context)
    _check(request, context)
    return request


def _checked(requests: Iterator[Any], context: grpc.ServicerContext) -> Iterator[Any]:
    for request in requests:
        _check(request, context)
        yield request
