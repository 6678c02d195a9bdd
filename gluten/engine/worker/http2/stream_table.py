"""What is in flight on a connection of HTTP/2: requests begin, wait for a stream, end, fail, or are refused. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

from gluten.engine.fault import Fault
from gluten.engine.worker.http2 import frames
from gluten.engine.worker.http2.exchange import Exchange, wire_size
from gluten.engine.worker.http2.pages import Pages
from gluten.engine.worker.http2.peer import Peer
from gluten.engine.worker.http2.request_block import NO_TABLE
from gluten.engine.worker.http2.upload import Upload


class Outlet(Protocol):
    """Where a connection sends, and whom it tells."""

    def write(self, data: bytes) -> None:
        """Send bytes, now or soon."""

    def settled(self) -> None:
        """The target's SETTINGS came."""

    def parted(self) -> None:
        """No request begins any more."""

    def over(self) -> None:
        """The connection has done its last."""


class StreamTable:
    """`live`: what is in flight, by the number of its stream; `waiting` has what the target has no stream for yet.
    `next`: the number of the next stream, `last` that of the last one that may be. `usable`: a request may begin.
    `requests`: the frames of the only request; None: there are several, or it has a body. `prefix`: with what the next
    header block begins. `ready`: the target's first SETTINGS came. `answered`: a response was whole. `fault`: why the
    connection ended."""

    def __init__(self, outlet: Outlet) -> None:
        self._outlet, self._write = outlet, outlet.write
        self.peer = Peer()
        self._upload = Upload(self.peer)
        self.live: dict[int, Exchange] = {}
        self.waiting: deque[Exchange] = deque()
        self.next, self.last = 1, frames.MAX_ID
        self.requests: Pages | None = None
        self.usable = True
        self.ready = self.closed = self.answered = False
        self.fault = Fault("connect", "the target ended the connection at once")
        self.prefix = NO_TABLE
        self._farewell = ""

    # Requests.

    def start(self, exchange: Exchange) -> None:
        """Send a request, or keep it until there is a stream for it."""
        if len(self.live) >= self.peer.streams or self.waiting:
            self.waiting.append(exchange)
        else:
            self._begin(exchange)

    def _begin(self, exchange: Exchange) -> None:
        number, block, body = self.next, exchange.request.block, exchange.request.body
        self.next = number + 2
        exchange.number = number
        self.live[number] = exchange
        if self.prefix:
            block, self.prefix = self.prefix + block, b""
        data = frames.headers(number, block, not body, self.peer.frame)
        self._write(data + self._upload.begin(exchange) if body else data)
        if self.next > self.last:
            self._part()

    def begins_at_once(self) -> bool:
        """Whether a request of `requests` can begin now, as all of them do but the first."""
        return (
            self.requests is not None
            and not (self.prefix or self.waiting)
            and len(self.live) < self.peer.streams
            and self.next < self.last
        )

    def begin_again(self, exchange: Exchange) -> None:
        """The request of `requests` begins. See `begins_at_once`."""
        assert self.requests is not None
        number = self.next
        self.next = number + 2
        self.live[number] = exchange
        self._write(self.requests.frames(number, 1))

    @property
    def uploads(self) -> bool:
        """Whether a body waits to be sent on."""
        return bool(self._upload)

    def more(self) -> bytes:
        """What can be sent of bodies now. To be asked when everything else was sent."""
        return self._upload.go_on() if self._upload else b""

    def cancel(self, exchange: Exchange, code: int = frames.CANCEL) -> int:
        """Nobody waits for the response any more. Returns how many bytes of the request were never sent."""
        unsent, number = self._upload.drop(exchange), self._number_of(exchange)
        if number:
            del self.live[number]
            self._write(frames.rst_stream(number, code))
            self.settle()
        elif exchange in self.waiting:
            self.waiting.remove(exchange)
            unsent = wire_size(exchange.request.block, exchange.request.body, self.peer.frame)
        return unsent

    def _number_of(self, exchange: Exchange) -> int:
        """Its stream; 0: it has none. Where responses are known by their bytes, only `live` knows."""
        if self.live.get(exchange.number) is exchange:
            return exchange.number
        return next((number for number, one in self.live.items() if one is exchange), 0)

    def settle(self) -> None:
        """A stream has ended: another one may begin, or the connection has done its last."""
        while self.waiting and len(self.live) < self.peer.streams and self.usable:
            self._begin(self.waiting.popleft())
        if not self.usable and not self.live:
            self.close()

    def _finish(self, exchange: Exchange, now: float) -> None:
        """A response is whole."""
        self.answered = exchange.whole = True
        del self.live[exchange.number]
        if exchange.unsent:
            self._upload.drop(exchange)
            self._write(frames.rst_stream(exchange.number, frames.NO_ERROR))
        exchange.owner.answered(exchange, now)
        if self.waiting or not self.usable:
            self.settle()

    def _take_back(self, exchange: Exchange, number: int) -> None:
        """The target has ended the stream."""
        del self.live[number]
        exchange.number = number
        self._upload.drop(exchange)

    # The end.

    def _part(self) -> None:
        """No request begins any more. What is in flight goes on."""
        if self.usable:
            self.usable, self.last = False, 0
            self._outlet.parted()
            waiting, self.waiting = self.waiting, deque()
            for exchange in waiting:
                exchange.owner.refused("the connection ends", True)

    def close(self, code: int = frames.NO_ERROR) -> None:
        """End it. What is in flight stays so."""
        if not self.closed:
            if self.ready:
                self._write(frames.goaway(code))
            self.closed = True
            self._part()
            self._outlet.over()

    def fail(self, fault: Fault, code: int = frames.NO_ERROR) -> None:
        """The target has broken the rules: all that is in flight fails."""
        failed, self.live, self.fault = list(self.live.values()), {}, fault
        self.close(code)
        for exchange in failed:
            exchange.owner.failed(fault)

    def ended(self, fault_of: Callable[[bool, bool], Fault]) -> None:
        """The target has ended it, or it broke. `fault_of` gives the fault of a request by whether it was among the
        connection's first ones, and whether a part of its response has come."""
        failed, self.live, self.fault = list(self.live.values()), {}, self._said(fault_of(True, False))
        self.close()
        for exchange in failed:
            exchange.owner.failed(self._said(fault_of(not self.answered, exchange.head is not None)))

    def _said(self, fault: Fault) -> Fault:
        return Fault(fault.kind, f"{fault}{self._farewell}") if self._farewell else fault
