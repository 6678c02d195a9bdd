"""A connection of HTTP/2 whose target is the test: no socket, no greenlet."""

from __future__ import annotations

from typing import NamedTuple

from gluten.engine.fault import Fault
from gluten.engine.worker.http2.connection import Connection
from gluten.engine.worker.http2.exchange import Exchange
from gluten.engine.worker.http2.request_block import Encoded
from gluten.engine.worker.http2.response_head import HeadMemory
from tests.support.http2.frames import Frame, settings

NOW = 100.0


class Answered(NamedTuple):
    """A whole response, as its owner sees it."""

    status: int
    length: int
    size: int


class Owner:
    """Keeps what it is told: the outcome of one request."""

    def __init__(self) -> None:
        self.outcome: list[Answered | Fault | str] = []
        self.pieces: list[bytes] = []

    def answered(self, exchange: Exchange, now: float) -> None:
        assert exchange.head is not None
        self.pieces = exchange.pieces
        self.outcome.append(Answered(exchange.head.status, exchange.length, exchange.size))

    def recorded(self, now: float) -> None:
        raise AssertionError("nothing is known here")

    def failed(self, fault: Fault) -> None:
        self.outcome.append(fault)

    def refused(self, why: str, soon: bool) -> None:
        self.outcome.append(f"refused: {why}")

    @property
    def fault(self) -> str:
        """`kind: text` of its fault; empty: it has none."""
        (found,) = self.outcome or [""]
        return f"{found.kind}: {found}" if isinstance(found, Fault) else ""


class Table:
    """`connection` with the test's target, which has sent its first settings."""

    def __init__(self, offered: dict[int, int] | None = None, max_body: int = 1 << 20, greet: bool = True) -> None:
        self.connection = Connection(HeadMemory(), self)
        self.max_body = max_body
        self.told: list[str] = []
        self._sent = b""
        if greet:
            self.say(settings(offered))
            self.sent()

    def write(self, data: bytes) -> None:
        self._sent += data

    def settled(self) -> None:
        self.told.append("settled")

    def parted(self) -> None:
        self.told.append("parted")

    def over(self) -> None:
        self.told.append("over")

    def start(self, body: bytes = b"", block: bytes = b"\x82", bodiless: bool = False, keeps: bool = False) -> Owner:
        """A request begins."""
        owner = Owner()
        self.connection.start(Exchange(owner, Encoded(block, body, bodiless), keeps, self.max_body))
        return owner

    def say(self, *pieces: bytes) -> None:
        """The target sends the pieces."""
        for piece in pieces:
            self.connection.take(piece, NOW)

    def sent(self) -> list[Frame]:
        """The frames that were sent since this was asked last."""
        data, found = self._sent + self.connection.more(), []
        self._sent = b""
        while data:
            size = int.from_bytes(data[:3], "big")
            found.append(Frame(data[3], data[4], int.from_bytes(data[5:9], "big"), data[9 : 9 + size]))
            data = data[9 + size :]
        return found
