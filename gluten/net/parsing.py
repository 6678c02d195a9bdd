"""gRPC requests that cannot be parsed are refused as any other wrong request.

grpc itself logs a traceback for each and never frees the call (1.85: 19 KB each), so parsing must not fail: it gives a
mark instead, on which the call is ended before its handler sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import grpc

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


def _form(handler: Any) -> tuple[Callable[..., Handler], Callable[..., Any]]:
    """What makes a handler of this kind, and what serves its calls."""
    if handler.request_streaming:
        if handler.response_streaming:
            return grpc.stream_stream_rpc_method_handler, handler.stream_stream
        return grpc.stream_unary_rpc_method_handler, handler.stream_unary
    if handler.response_streaming:
        return grpc.unary_stream_rpc_method_handler, handler.unary_stream
    return grpc.unary_unary_rpc_method_handler, handler.unary_unary


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
    def answer(request: Any, context: grpc.ServicerContext) -> Any:
        _check(request, context)
        return serve(request, context)

    def stream(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        _check(request, context)
        yield from serve(request, context)

    return stream if streams else answer


def _checking_all(serve: Callable[..., Any]) -> Callable[..., Any]:
    def answer(requests: Iterator[Any], context: grpc.ServicerContext) -> Any:
        return serve(_checked(requests, context), context)

    return answer


def _checked(requests: Iterator[Any], context: grpc.ServicerContext) -> Iterator[Any]:
    for request in requests:
        _check(request, context)
        yield request
