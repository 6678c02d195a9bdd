"""A place for a connection, which several streams share: it is opened when one of them needs it."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from gevent.event import Event

from gluten.engine.fault import Fault
from gluten.engine.worker.http2.connection import Connection
from gluten.engine.worker.http2.express import Known, express
from gluten.engine.worker.http2.request_block import RequestEncoder
from gluten.engine.worker.http2.response_head import HeadMemory
from gluten.engine.worker.http2.wire import Wire
from gluten.engine.worker.http_session import SessionContext
from gluten.engine.worker.slots import SlotTable
from gluten.engine.worker.transport.transport import Transport


class Shared:
    """What all connections of a worker share. `slots` counts them, `streams` use each at most. `known`: what is known
    of the responses of a task that is one URL."""

    __slots__ = ("encoders", "known", "memory", "slots", "streams")

    def __init__(self, slots: SlotTable, streams: int) -> None:
        self.slots, self.streams, self.memory = slots, streams, HeadMemory()
        self.known: Known | None = None
        self.encoders = {scheme: RequestEncoder(scheme) for scheme in ("http", "https")}


class _Attempt:
    """An attempt of one greenlet to open the connection. `fault`: why it failed."""

    __slots__ = ("done", "fault")

    def __init__(self) -> None:
        self.done = Event()
        self.fault: Fault | None = None


class Link:
    """`current` is the connection on which requests begin; None: there is none. Requests on an earlier one may still be
    in flight. `users`: how many streams use it. `opened` is called with how many streams the target allows at once."""

    __slots__ = ("_attempt", "_make", "_opened", "_scheme", "_shared", "current", "encoder", "users")

    def __init__(
        self, make: Callable[[], Transport], scheme: str, shared: Shared, opened: Callable[[int], None]
    ) -> None:
        self._make, self._shared, self._opened = make, shared, opened
        self._scheme, self.encoder = scheme, shared.encoders[scheme]
        self.current: Connection | None = None
        self.users = 0
        self._attempt: _Attempt | None = None

    # In a greenlet.

    def connect(self, seconds: float) -> None:
        """Wait for the connection; open it if nobody does so already. Raises `Fault`."""
        until = monotonic() + seconds
        while self.current is None:
            if self._attempt is None:
                self._open(max(0.0, until - monotonic()))
            else:
                self._join(self._attempt, until - monotonic())

    def _join(self, attempt: _Attempt, seconds: float) -> None:
        """Wait for the greenlet that opens the connection. If it was stopped, the caller opens it."""
        if not attempt.done.wait(max(0.0, seconds)):
            raise Fault("timeout", "no connection within the deadline")
        if attempt.fault is not None:
            raise attempt.fault

    def _open(self, seconds: float) -> None:
        self._attempt = attempt = _Attempt()
        wire = Wire(self._make(), self._shared.memory, self._shared.slots, self)
        try:
            wire.open(seconds)
            self.current = wire.connection
            if self._shared.known is not None:
                wire.watch(express(wire, self._shared.known))
        except Fault as fault:
            attempt.fault = fault
            raise
        finally:
            self._attempt = None
            attempt.done.set()
        self._opened(wire.connection.peer.streams)

    # In the hub.

    def hasten(self, context: SessionContext) -> None:
        """All requests of the worker are the same."""
        if self._shared.known is None:
            request = self.encoder.encode(context.request)
            self._shared.known = Known(context, request, self._shared.streams, self._scheme == "https")

    def settled(self, connection: Connection) -> None:
        if self.current is connection:
            self._opened(connection.peer.streams)

    def parted(self, connection: Connection) -> None:
        if self.current is connection:
            self.current = None

    def leave(self) -> None:
        """One stream less uses it. The last one ends the connection."""
        self.users -= 1
        if not self.users and self.current is not None:
            self.current.close()
