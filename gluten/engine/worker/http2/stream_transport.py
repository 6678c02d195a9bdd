"""A stream as senders see it: a transport that takes whole requests, in the form of HTTP/1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from gluten.engine.worker.http2.connection import Connection
from gluten.engine.worker.http2.exchange import Exchange, Owner, wire_size
from gluten.engine.worker.http2.link import Link
from gluten.engine.worker.http_session import SessionContext
from gluten.engine.worker.transport.transport import Count, ReadCallback, Recv, State, unconnected

_OPEN, _CLOSED = State.OPEN, State.CLOSED


class StreamOwner(Owner, Protocol):
    """The session whose requests it sends."""

    @property
    def keeps(self) -> bool:
        """Whether the body of the next response is kept."""

    @property
    def max_body(self) -> int: ...

    @property
    def slot(self) -> int: ...

    def began(self, exchange: Exchange, connection: Connection, written: int) -> None:
        """A request is on its way, in so many bytes more than its form of HTTP/1 has."""


class Streams:
    """Makes the transports of one session, one for each host. `group`: the sessions that share their connections."""

    __slots__ = ("_links", "group", "owner")

    owner: StreamOwner

    def __init__(self, links: Callable[[int], Link], group: object) -> None:
        self._links, self.group = links, group

    def hasten(self, context: SessionContext) -> Link:
        """The task is one URL: all requests are the same. Returns the link to its host."""
        link = self._links(0)
        link.hasten(context)
        return link

    def __call__(self, host: int) -> StreamTransport:
        return StreamTransport(self._links(host), self)


class StreamTransport:
    """See `Transport`. What comes is the business of the session, so nothing is read here. `send` takes all."""

    __slots__ = ("_joined", "_link", "_streams")

    shared = True
    recv: Recv = staticmethod(unconnected)
    fill: Count = staticmethod(unconnected)
    discard: Count = staticmethod(unconnected)

    def __init__(self, link: Link, streams: Streams) -> None:
        self._link, self._streams = link, streams
        self._joined = False

    @property
    def state(self) -> State:
        return _CLOSED if self._link.current is None or not self._joined else _OPEN

    def connect(self, callback: ReadCallback, seconds: float | None = None) -> None:
        if not self._joined:
            self._joined = True
            self._link.users += 1
        self._link.connect(seconds or 0.0)

    def send(self, request: Any) -> int:
        owner, connection, encoded = self._streams.owner, self._link.current, self._link.encoder.encode(request)
        assert connection is not None
        exchange = Exchange(owner, encoded, owner.keeps, owner.max_body, owner.slot)
        more = wire_size(encoded.block, encoded.body, connection.peer.frame) - len(request)
        owner.began(exchange, connection, more)
        connection.start(exchange)
        return len(request)

    def close(self) -> None:
        """This stream needs the connection no more."""
        if self._joined:
            self._joined = False
            self._link.leave()

    def dial(self, callback: ReadCallback) -> None:
        raise NotImplementedError("a stream cannot be dialled: its connection is waited for")

    def watch(self, callback: ReadCallback) -> None:
        """Nobody reads from a stream."""

    def pause(self) -> None:
        """What comes before a request is the connection's business."""

    def resume(self) -> None:
        """See `pause`."""

    def when_writable(self, wake: Callable[[], None]) -> Callable[[], None]:
        raise NotImplementedError("a stream takes whole requests")

    also_writable = when_writable

    def hang_up(self) -> None:
        self.close()
