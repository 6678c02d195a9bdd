"""One request on a connection of HTTP/2, and what has come of its response: a stream. Pure."""

from __future__ import annotations

from typing import Protocol

from gluten.engine.fault import Fault
from gluten.engine.worker.http2.frames import CANCEL, ENHANCE_YOUR_CALM, HEAD_SIZE, StreamFault
from gluten.engine.worker.http2.request_block import Encoded
from gluten.engine.worker.http2.response_head import NO_LENGTH, Head
from gluten.stats.failure import MAX_BODY

HALF_WINDOW = 1 << 29
"""Half of what the target may send of a response before it hears from us."""
MAX_INTERIM = 100
"""Interim (1xx) responses before a final one; more is an attack on the client."""
MOST_KEPT = 4096
"""Pieces of a response that are kept for its checks, which look at bodies of up to 16 MiB."""
_SWITCHING = 101
_BODILESS = frozenset({204, 304})


class Owner(Protocol):
    """Whose request it is. All of it is called in the hub."""

    def answered(self, exchange: Exchange, now: float) -> None:
        """The response is whole."""

    def failed(self, fault: Fault) -> None:
        """There will be no whole response."""

    def recorded(self, now: float) -> None:
        """The response was known by its bytes, and is recorded."""

    def refused(self, why: str, soon: bool) -> None:
        """The target has not begun with the request: it may be sent again, at once where it gets on (`soon`)."""


class Exchange:
    """`number` of the stream; 0: it waits for one. `size`: bytes of the frames that came. `length`: bytes of the body.
    `pieces`: the head in the form of HTTP/1, and the begin of the body. `first`: when the first frame came.

    `slot`: that of the slot table. `whole`: the response is whole. `keeps`: its whole body is kept. `window`: how much
    of the request's body the target takes; `unsent` is what has not been sent of it. `granted`: when the body is so
    long the target is told that it may send more."""

    __slots__ = ("_interim", "bodiless", "first", "granted", "head", "keeps", "length", "max_body", "number", "owner",
                 "pieces", "request", "size", "slot", "unsent", "whole", "window")  # fmt: skip

    def __init__(self, owner: Owner, request: Encoded, keeps: bool, max_body: int, slot: int = 0) -> None:
        self.owner, self.request, self.keeps, self.max_body = owner, request, keeps, max_body
        self.bodiless, self.slot, self.whole = request.bodiless, slot, False
        self.number = self.size = self.length = self.window = self._interim = 0
        self.head: Head | None = None
        self.pieces: list[bytes] = []
        self.first, self.granted = 0.0, HALF_WINDOW
        self.unsent = memoryview(request.body)

    def begins(self, head: Head, size: int, last: bool, now: float) -> bool:
        """A header block of `size` bytes came. True: the response is whole. Raises `StreamFault`."""
        if not self.size:
            self.first = now
        self.size += size
        if self.head is not None:
            return self._trailers(head, last)
        if head.status < 200:
            return self._interims(head, last)
        self.head = head
        self.bodiless = self.bodiless or head.status in _BODILESS
        self.pieces.append(head.text)
        if head.length > self.max_body and not self.bodiless:
            raise self._too_long(head.length)
        return last and self._whole()

    def _trailers(self, head: Head, last: bool) -> bool:
        if head.status or not last:
            raise StreamFault("a second header block that is no trailers")
        return self._whole()

    def _interims(self, head: Head, last: bool) -> bool:
        self._interim += 1
        if not head.status or last or head.status == _SWITCHING:
            raise StreamFault(f"a response that begins with the status {head.status}" if head.status else "no :status")
        if self._interim > MAX_INTERIM:
            raise StreamFault(f"more than {MAX_INTERIM} interim (1xx) responses", ENHANCE_YOUR_CALM, "limit")
        return False

    def data(self, payload: bytes, size: int, last: bool) -> bool:
        """A part of the body came in a frame of `size` bytes. True: the response is whole. Raises `StreamFault`."""
        head = self.head
        if head is None:
            raise StreamFault("a body without a head")
        self.size += size
        count = len(payload)
        if count:
            self.length += count
            if self.length > self.max_body:
                raise self._too_long(self.length)
            if (self.keeps or self.length - count < MAX_BODY) and len(self.pieces) < MOST_KEPT:
                self.pieces.append(payload)
        return last and self._whole()

    def _whole(self) -> bool:
        head = self.head
        assert head is not None
        if self.length and self.bodiless:
            raise StreamFault(f"a body where {head.status} has none")
        if head.length not in (NO_LENGTH, self.length) and not self.bodiless:
            raise StreamFault(f"a body of {self.length} bytes, where content-length said {head.length}")
        return True

    def _too_long(self, size: int) -> StreamFault:
        return StreamFault(f"a body of {size} bytes is over --max-body {self.max_body}", CANCEL, "limit")


def wire_size(block: bytes, body: bytes, most: int) -> int:
    """The bytes of the frames that carry a request."""
    frames = max(1, -(-len(block) // most)) + -(-len(body) // most)
    return frames * HEAD_SIZE + len(block) + len(body)
