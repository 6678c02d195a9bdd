"""The bodies of requests, which go no faster than the target's windows allow (RFC 9113, 5.2, 6.9). Pure."""

from __future__ import annotations

from collections.abc import Iterable

from gluten.engine.worker.http2.exchange import Exchange
from gluten.engine.worker.http2.frames import (
    DATA,
    END_STREAM,
    FLOW_CONTROL_ERROR,
    MAX_WINDOW,
    ConnectionFault,
    StreamFault,
    frame,
)
from gluten.engine.worker.http2.peer import FIRST_WINDOW, Peer

MOST = 256 << 10
"""How many bytes of frames are made at once. What the kernel does not take of them is kept in memory."""


class Upload:
    """Of one connection. `window`: how much the target takes of all bodies together."""

    __slots__ = ("_blocked", "_peer", "window")

    def __init__(self, peer: Peer) -> None:
        self._peer, self.window = peer, FIRST_WINDOW
        self._blocked: dict[int, Exchange] = {}

    def __bool__(self) -> bool:
        """Whether a body waits."""
        return bool(self._blocked)

    def begin(self, exchange: Exchange) -> bytes:
        """The first frames of a body. What is left waits."""
        exchange.window = self._peer.window
        self._blocked[exchange.number] = exchange
        return self._frames(exchange, MOST)

    def drop(self, exchange: Exchange) -> int:
        """Send nothing more of it. Returns how many bytes are left."""
        self._blocked.pop(exchange.number, None)
        return len(exchange.unsent)

    def go_on(self) -> bytes:
        """More frames, of whatever body may go on."""
        found, size = [], 0
        for exchange in list(self._blocked.values()):
            found.append(self._frames(exchange, MOST - size))
            size += len(found[-1])
            if size >= MOST or self.window <= 0:
                break
        return b"".join(found)

    def _frames(self, exchange: Exchange, most: int) -> bytes:
        found = []
        while (count := min(exchange.window, self.window, self._peer.frame, len(exchange.unsent))) > 0 and most > 0:
            piece, exchange.unsent = exchange.unsent[:count], exchange.unsent[count:]
            exchange.window -= count
            self.window -= count
            most -= count
            found.append(frame(DATA, 0 if exchange.unsent else END_STREAM, exchange.number, piece))
        if not exchange.unsent:
            del self._blocked[exchange.number]
        return b"".join(found)

    def widen(self, increment: int) -> None:
        """The target takes more of all bodies. Raises `ConnectionFault`."""
        self.window += increment
        if not increment or self.window > MAX_WINDOW:
            raise ConnectionFault(_wrong(increment), FLOW_CONTROL_ERROR)

    def change(self, exchanges: Iterable[Exchange], by: int) -> None:
        """The windows of all streams change. They may become negative. Raises `ConnectionFault`."""
        for exchange in exchanges:
            exchange.window += by
            if exchange.window > MAX_WINDOW:
                raise ConnectionFault(_wrong(by), FLOW_CONTROL_ERROR)


def widen(exchange: Exchange, increment: int) -> None:
    """The target takes more of one body. Raises `StreamFault`."""
    exchange.window += increment
    if not increment or exchange.window > MAX_WINDOW:
        raise StreamFault(_wrong(increment), FLOW_CONTROL_ERROR)


def _wrong(increment: int) -> str:
    return "a window that grows beyond 2^31-1 bytes" if increment else "a WINDOW_UPDATE by nothing"
