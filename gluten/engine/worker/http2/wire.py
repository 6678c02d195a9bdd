"""The bytes of one connection, over its transport: what comes in one read is answered in one write."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Protocol

from gevent.event import Event

from gluten.engine.fault import Fault, broken, unanswered
from gluten.engine.worker.http2.connection import OPENING, Connection
from gluten.engine.worker.http2.response_head import HeadMemory
from gluten.engine.worker.slots import SlotTable
from gluten.engine.worker.transport.transport import State, Transport

LARGE = 64 << 10
"""Bytes read at once. A TLS record is read whole: what stayed in OpenSSL's buffer would wake nobody."""
_LATE = "no SETTINGS of HTTP/2 within the deadline: the target is slow, or does not speak HTTP/2 on this port"


class Holder(Protocol):
    """Who uses the connection."""

    def settled(self, connection: Connection) -> None:
        """The target has said how much it takes."""

    def parted(self, connection: Connection) -> None:
        """No request begins on it any more."""


class Wire:
    """See `Outlet`. `slots` counts the connection while it is open."""

    __slots__ = ("_came", "_corked", "_counted", "_end_wait", "_holder", "_out", "_slots", "_transport", "connection")

    def __init__(self, transport: Transport, memory: HeadMemory, slots: SlotTable, holder: Holder) -> None:
        self._transport, self._slots, self._holder = transport, slots, holder
        self.connection = Connection(memory, self)
        self._came = Event()
        self._out: list[bytes] = []
        self._corked = self._counted = False
        self._end_wait: Callable[[], None] | None = None

    # In a greenlet.

    def open(self, seconds: float) -> None:
        """Connect, and wait for the target's first SETTINGS. Raises `Fault`."""
        until = monotonic() + seconds
        self._transport.connect(self.readable, seconds)
        try:
            self.write(OPENING)
            if not self._came.wait(max(0.0, until - monotonic())):
                raise Fault("timeout", _LATE)
            if not self.connection.usable:
                raise self.connection.fault
        except BaseException:
            self._transport.close()
            raise
        self._slots.connected(1)
        self._counted = True

    # In the hub.

    def readable(self) -> None:
        """The callback of the transport."""
        try:
            data = self._transport.recv(LARGE)
        except BlockingIOError:
            return None
        except OSError as error:
            return self._end(error)
        if not data:
            return self._end(None)
        self._corked = True
        try:
            self.connection.take(data, monotonic())
        finally:
            self._corked = False
        return self._flush()

    def _end(self, error: OSError | None) -> None:
        """The target has ended the connection, or it broke."""

        def fault(first: bool, begun: bool) -> Fault:
            return broken(error, "in the middle of a response") if begun else unanswered(error, first)

        self.connection.ended(fault)

    def _writable(self) -> None:
        self._end_waiting()
        self._flush()

    def _end_waiting(self) -> None:
        if self._end_wait is not None:
            self._end_wait()
            self._end_wait = None

    def _flush(self) -> None:
        """Send what is kept. An error is not told here: the next read tells it."""
        if self._end_wait is not None or self._transport.state is State.CLOSED:
            return
        while data := b"".join(self._out) or self.connection.more():
            self._out.clear()
            try:
                count = self._transport.send(data)
            except BlockingIOError:
                count = 0
            except OSError:
                return
            if count < len(data):
                self._out.append(data[count:])
                self._end_wait = self._transport.also_writable(self._writable)
                return

    # What the connection asks.

    def write(self, data: bytes) -> None:
        self._out.append(data)
        if not self._corked:
            self._flush()

    def settled(self) -> None:
        self._came.set()
        self._holder.settled(self.connection)

    def parted(self) -> None:
        self._holder.parted(self.connection)

    def over(self) -> None:
        self._flush()
        self._end_waiting()
        self._out.clear()
        self._transport.close()
        self._came.set()
        if self._counted:
            self._slots.disconnected()
