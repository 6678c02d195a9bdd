"""Calls the master for one gRPC call or stream. It waits no longer than the client does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import grpc

from gluten.net.rpc.hub_bridge import Call, HubBridge

T = TypeVar("T")


class HubCaller:
    """Calls the master from native threads. It never waits longer than the client does."""

    def __init__(self, bridge: HubBridge, timeout: float) -> None:
        self._bridge = bridge
        self._timeout = timeout

    def call(self, context: grpc.ServicerContext, function: Callable[[], T], timeout: float | None = None) -> T:
        """`timeout` is in place of the usual one."""
        left, most = context.time_remaining(), timeout or self._timeout
        return self._bridge(function, most if left is None else min(left, most))

    def for_stream(self, context: grpc.ServicerContext) -> StreamCaller:
        return StreamCaller(self._bridge, self._timeout, context)


class StreamCaller:
    """Calls the master for one stream. It releases the thread at once when the client has gone."""

    def __init__(self, bridge: HubBridge, timeout: float, context: grpc.ServicerContext) -> None:
        self._bridge = bridge
        self._timeout = timeout
        self._call: Call[Any] | None = None
        self.client_gone = not context.add_callback(self._leave)

    def call(self, function: Callable[[], T], wait: float = 0.0) -> T:
        self._call = call = self._bridge.start(function)
        if self.client_gone:  # it left between two calls
            call.abandon()
        try:
            return call.result(wait + self._timeout)
        finally:
            self._bridge.finish(call)

    def _leave(self) -> None:
        self.client_gone = True
        if self._call is not None:
            self._call.abandon()
