"""The streams of a load: which of them share connections, and how many there are."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from gluten.engine.worker.http2.idle_streams import IdleStreams
from gluten.engine.worker.http2.link import Link, Shared
from gluten.engine.worker.http2.stream_transport import Streams
from gluten.engine.worker.recording.recorder import Connections
from gluten.engine.worker.slots import SlotTable
from gluten.engine.worker.thread import LoadThread, Paced
from gluten.engine.worker.transport.transport import MakeTransport

AddStream = Callable[[LoadThread, Streams], object]
"""Begins one more client of the thread. Its session uses these transports."""


class StreamGroups:
    """`most` streams use each connection. `make` makes its transport, `scheme_of` gives the host's scheme."""

    def __init__(
        self,
        most: int,
        make: MakeTransport,
        scheme_of: Callable[[int], str],
        connections: Connections,
        slots: SlotTable,
        add: AddStream,
    ) -> None:
        self._most, self._make, self._scheme_of, self._add = most, make, scheme_of, add
        self._connections = connections
        self._shared = Shared(slots, most)

    def begin(self, thread: LoadThread) -> Streams:
        """What makes the transports of the first stream of a connection. Others follow when the target allows them."""
        if self._most > 1 and isinstance(thread, Paced) and not isinstance(thread.idle, IdleStreams):
            thread.idle = IdleStreams()
        group = StreamGroup(self._make_link, self._most, partial(self._add, thread), self._connections.allowed)
        return group.streams()

    def _make_link(self, host: int, opened: Callable[[int], None]) -> Link:
        return Link(partial(self._make, host), self._scheme_of(host), self._shared, opened)


class StreamGroup:
    """The streams that share a connection to each host. `add` adds one of them. `fewer` is told of a target that allows
    fewer than `most`."""

    __slots__ = ("_add", "_count", "_fewer", "_links", "_make", "_most")

    def __init__(
        self,
        make: Callable[[int, Callable[[int], None]], Link],
        most: int,
        add: Callable[[Streams], object],
        fewer: Callable[[int], None],
    ) -> None:
        self._make, self._most, self._add, self._fewer = make, most, add, fewer
        self._count = 0
        self._links: dict[int, Link] = {}

    def streams(self) -> Streams:
        self._count += 1
        return Streams(self._link, self)

    def _link(self, host: int) -> Link:
        if host not in self._links:
            self._links[host] = self._make(host, self._opened)
        return self._links[host]

    def _opened(self, allowed: int) -> None:
        """The target allows so many streams on a connection."""
        if allowed < self._most:
            self._fewer(allowed)
        while self._count < min(self._most, allowed):
            self._add(self.streams())
