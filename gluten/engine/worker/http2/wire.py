"""The bytes of one connection, over its transport: what comes in one read is answered in one write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Protocol

from gevent.event import Event

from gluten.engine.fault import Fault, broken, unanswered
from gluten.engine.worker.http2.connection import OPENING, Connection
from gluten.engine.worker.http2.response_head import HeadMemory
from gluten.engine.worker.slots import SlotTable
from gluten.engine.worker.transport.transport import ReadCallback, State, Transport

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
    """See `Outlet`. `out` is kept until it can be sent. `slots` counts the connection while it is open."""

    __slots__ = ("_came", "_corked", "_counted", "_end_wait", "_holder", "_slots", "connection", "out", "transport")

    def __init__(self, transport: Transport, memory: HeadMemory, slots: SlotTable, holder: Holder) -> None:
        self.transport, self._slots, self._holder = transport, slots, holder
        self.connection = Connection(memory, self)
        self._came = Event()
        self.out: list[bytes] = []
        self._corked = self._counted = False
        self._end_wait: Callable[[], None] | None = None

    @property
    def waits(self) -> bool:
        """Whether what is kept waits until the kernel takes more."""
        return self._end_wait is not None

    # In a greenlet.

    def open(self, seconds: float) -> None:
        """Connect, and wait for the target's first SETTINGS. Raises `Fault`."""
        until = monotonic() + seconds
        self.transport.connect(self.readable, seconds)
        try:
            self.write(OPENING)
            if not self._came.wait(max(0.0, until - monotonic())):
                raise Fault("timeout", _LATE)
            if not self.connection.usable:
                raise self.connection.fault
        except BaseException:
            self.transport.close()
            raise
        self._slots.connected(1)
        self._counted = True

    # In the hub.

    def readable(self) -> None:
        """The callback of the transport."""
        try:
            data = self.transport.recv(LARGE)
        except OSError as error:
            return self.broken(error)
        return self.received(data, monotonic())

    def received(self, data: bytes, now: float) -> None:
        """Bytes were read; b"" is the target's orderly end."""
        if not data:
            return self._end(None)
        self._corked = True
        try:
            self.connection.take(data, now)
        finally:
            self._corked = False
        return self._flush()

    def broken(self, error: OSError) -> None:
        """A read failed. With BlockingIOError there was nothing to read."""
        if not isinstance(error, BlockingIOError):
            self._end(error)

    @contextmanager
    def corked(self) -> Iterator[None]:
        """What is written meanwhile goes in one piece."""
        self._corked = True
        try:
            yield
        finally:
            self._corked = False
        self._flush()

    def watch(self, callback: ReadCallback) -> None:
        """From now on it is `callback` that reads."""
        self.transport.watch(callback)

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
        if self._end_wait is not None or self.transport.state is State.CLOSED:
            return
        while data := b"".join(self.out) or self.connection.more():
            self.out.clear()
            try:
                count = self.transport.send(data)
            except BlockingIOError:
                count = 0
            except OSError:
                return
            if count < len(data):
                self.out.append(data[count:])
                self._end_wait = self.transport.also_writable(self._writable)
                return

    # What the connection asks.

    def write(self, data: bytes) -> None:
        self.out.append(data)
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
        self.out.clear()
        self.transport.close()
        self._came.set()
        if self._counted:
            self._slots.disconnected()
