"""A connection that speaks HTTP/2 (RFC 9113): what its frames mean.

It knows no greenlet and no clock: bytes come by `take`, and go to its `Outlet`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from gluten.engine.fault import Fault
from gluten.engine.worker.http1.response import MAX_HEAD
from gluten.engine.worker.http2 import frames
from gluten.engine.worker.http2.exchange import HALF_WINDOW, Exchange
from gluten.engine.worker.http2.frames import (
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    FRAME_SIZE_ERROR,
    HEADERS,
    MAX_FRAME,
    MAX_ID,
    PADDED,
    ConnectionFault,
    StreamFault,
)
from gluten.engine.worker.http2.header_block import HeaderBlock
from gluten.engine.worker.http2.peer import LIST_SIZE, PUSH, TABLE_SIZE, WINDOW, check_settings
from gluten.engine.worker.http2.request_block import NO_TABLE
from gluten.engine.worker.http2.response_head import Head, HeadMemory, HeadReader
from gluten.engine.worker.http2.stream_table import Outlet, StreamTable
from gluten.engine.worker.http2.upload import widen
from gluten.task.http2_rules import NOT_SPOKEN

WINDOW_SIZE = 2 * HALF_WINDOW
"""Bytes that the target may send before it hears from us, of each response and of all together."""
OPENING = (
    frames.PREFACE
    + frames.settings({TABLE_SIZE: 0, PUSH: 0, WINDOW: WINDOW_SIZE, LIST_SIZE: MAX_HEAD})
    + frames.window_update(0, WINDOW_SIZE - 65535)
)
MOST_IDLE = 10_000
"""Frames in a row that bring no response further: they cost some ten milliseconds."""

_unpack = frames.HEAD.unpack_from
_PLAIN_HEADERS = (END_HEADERS, END_HEADERS | END_STREAM)


class Connection(StreamTable):
    """`take` is given what comes. `rest` is the part of a frame that came last, `unheard` how many bytes of
    bodies came of which the target has not been told that they are read."""

    def __init__(self, memory: HeadMemory, outlet: Outlet) -> None:
        super().__init__(outlet)
        self.heads = HeadReader(memory)
        self.rest = b""
        self._block: HeaderBlock | None = None
        self._idle = 0
        self.unheard = 0

    def take(self, data: bytes, now: float) -> None:
        """Bytes of the target came."""
        try:
            self._take(self.rest + data if self.rest else data, now)
        except ConnectionFault as fault:
            self.fail(fault, fault.code)

    def _take(self, data: bytes, now: float) -> None:
        size, at, live = len(data), 0, self.live
        while size - at >= 9:
            high, low, kind, flags, number = _unpack(data, at)
            length = high << 8 | low
            if length > MAX_FRAME or not self.ready:
                self._look(data, length, kind, flags)
            begin = at + 9
            at = begin + length
            if at > size:
                self.rest = data[begin - 9 :]
                return
            number &= MAX_ID
            exchange = live.get(number)
            if exchange is None or self._block is not None or kind > HEADERS:
                self._other(kind, flags, number, data[begin:at], now)
            else:
                exchange.number = number
                self._bring(exchange, kind, flags, data[begin:at], now)
            if self.closed:
                self.rest = b""
                return
        self.rest = data[at:]

    def _bring(self, exchange: Exchange, kind: int, flags: int, payload: bytes, now: float) -> None:
        """A frame brings a response further."""
        if kind == DATA:
            self._data(exchange, payload, flags, now)
        elif flags in _PLAIN_HEADERS:
            last = flags & END_STREAM > 0
            self._begins(exchange, self.heads.find(payload), payload, len(payload) + 9, last, now)
        else:
            self._other(HEADERS, flags, exchange.number, payload, now)

    def _look(self, data: bytes, length: int, kind: int, flags: int) -> None:
        """A frame is too long, or the first one came. Raises `ConnectionFault`."""
        if not self.ready and (kind != frames.SETTINGS or flags & frames.ACK):
            raise ConnectionFault(NOT_SPOKEN)
        if length > MAX_FRAME:
            raise ConnectionFault(f"a frame of {length} bytes, where {MAX_FRAME} are allowed", FRAME_SIZE_ERROR)

    def more(self) -> bytes:
        data = super().more()
        if data:
            self._idle = 0  # a body that goes on is no flood: it has an end
        return data

    def heard(self, length: int) -> None:
        """`length` bytes of the window of all responses are used up."""
        self.unheard += length
        if self.unheard >= HALF_WINDOW:
            self._write(frames.window_update(0, self.unheard))
            self.unheard = 0

    def _begins(self, exchange: Exchange, head: Head | None, block: bytes, size: int, last: bool, now: float) -> None:
        self._idle = 0
        try:
            if head is None or head.fault:
                head = self.heads.read(block)
            if exchange.begins(head, size, last, now):
                self._finish(exchange, now)
        except StreamFault as fault:
            self._refuse(exchange, fault)

    def _data(self, exchange: Exchange, payload: bytes, flags: int, now: float) -> None:
        size = len(payload)
        self.heard(size)
        if flags & PADDED:
            payload = frames.unpadded(payload, flags, DATA)
        if payload:
            self._idle = 0
        else:
            self._idles()
        try:
            if exchange.data(payload, size + 9, flags & END_STREAM > 0):
                self._finish(exchange, now)
            elif exchange.length >= exchange.granted:
                exchange.granted += HALF_WINDOW
                self._write(frames.window_update(exchange.number, HALF_WINDOW))
        except StreamFault as fault:
            self._refuse(exchange, fault)

    def _refuse(self, exchange: Exchange, fault: StreamFault) -> None:
        """The target has broken the rules on one stream."""
        self.cancel(exchange, fault.code)
        exchange.owner.failed(fault)

    def _other(self, kind: int, flags: int, number: int, payload: bytes, now: float) -> None:
        """What brings no response further, or has an unusual form."""
        self._idles()
        if (self._block is None) == (kind == CONTINUATION):
            raise ConnectionFault("a header block that is interrupted, or goes on without a begin")
        if kind in (HEADERS, CONTINUATION):
            self._part_of_block(kind, flags, number, payload, now)
        elif kind in _TAKERS:
            _TAKERS[kind](self, flags, number, payload)

    def _idles(self) -> None:
        """A frame brings no response further. Raises `ConnectionFault`."""
        self._idle += 1
        if self._idle > MOST_IDLE:
            raise ConnectionFault(
                f"{MOST_IDLE} frames in a row that bring no response further", frames.ENHANCE_YOUR_CALM, "limit"
            )

    def _part_of_block(self, kind: int, flags: int, number: int, payload: bytes, now: float) -> None:
        if kind == HEADERS:
            self._stray(number)
            self._block = HeaderBlock(number, flags & END_STREAM > 0)
            payload = frames.unpadded(payload, flags, kind)
        block = self._block
        assert block is not None
        block.add(number, payload)
        if flags & END_HEADERS:
            self._block = None
            exchange = self.live.get(number)
            if exchange is not None:
                exchange.number = number
                self._begins(exchange, None, block.whole, block.size, block.last, now)
            elif not self.heads.stateless:
                self._read_stray(block.whole)

    def _read_stray(self, block: bytes) -> None:
        """A block of a stream that has ended: it may put something into the target's table."""
        with suppress(StreamFault):
            self.heads.read(block)

    def _stray(self, number: int) -> None:
        """A frame of a stream that may have ended just now. Raises `ConnectionFault`."""
        if not number & 1 or number >= self.next:
            raise ConnectionFault(f"a frame of stream {number}, which nobody has opened")

    def _stray_data(self, flags: int, number: int, payload: bytes) -> None:
        self._stray(number)
        self.heard(len(payload))

    def _reset(self, flags: int, number: int, payload: bytes) -> None:
        code = _number(payload, 4)
        self._stray(number)
        exchange = self.live.get(number)
        if exchange is None:
            return
        self._take_back(exchange, number)
        if code == frames.REFUSED_STREAM and exchange.head is None:
            exchange.owner.refused("the target refused the stream", False)
        else:
            exchange.owner.failed(Fault("stream", f"the target reset the stream: {frames.name_of(code)}"))
        self.settle()

    def _settings(self, flags: int, number: int, payload: bytes) -> None:
        if not check_settings(flags, number, payload):
            return
        self._upload.change(self.live.values(), self.peer.take(payload))
        self.prefix = NO_TABLE
        self._write(frames.frame(frames.SETTINGS, frames.ACK, 0))
        self.ready = True
        self._outlet.settled()
        self.settle()

    def _push(self, flags: int, number: int, payload: bytes) -> None:
        raise ConnectionFault("a PUSH_PROMISE, which our SETTINGS forbid")

    def _ping(self, flags: int, number: int, payload: bytes) -> None:
        _number(payload, 8)
        if number:
            raise ConnectionFault("a PING on a stream")
        if not flags & frames.ACK:
            self._write(frames.frame(frames.PING, frames.ACK, 0, payload))

    def _goaway(self, flags: int, number: int, payload: bytes) -> None:
        if number or len(payload) < 8:
            raise ConnectionFault("a GOAWAY frame on a stream, or a part of one", FRAME_SIZE_ERROR)
        last, code = frames.LONG.unpack_from(payload)
        if code:
            self._farewell = f"; it said GOAWAY before: {frames.name_of(code)}"
        self._part()
        refused = [item for item in self.live.items() if item[0] > last & MAX_ID]
        gets_on = self.answered or len(refused) < len(self.live)
        for number, exchange in refused:
            self._take_back(exchange, number)
            exchange.owner.refused("the target goes away", gets_on)
        self.settle()

    def _widen(self, flags: int, number: int, payload: bytes) -> None:
        increment = _number(payload, 4) & MAX_ID
        if not number:
            return self._upload.widen(increment)
        self._stray(number)
        exchange = self.live.get(number)
        if exchange is not None:
            try:
                widen(exchange, increment)
            except StreamFault as fault:
                self._refuse(exchange, fault)
        return None

    def _priority(self, flags: int, number: int, payload: bytes) -> None:
        _number(payload, 5)
        if not number:
            raise ConnectionFault("a PRIORITY frame without a stream")


def _number(payload: bytes, size: int) -> int:
    """What a frame says that has so many bytes. Raises `ConnectionFault`."""
    if len(payload) != size:
        raise ConnectionFault(f"a frame of {len(payload)} bytes, where it must have {size}", FRAME_SIZE_ERROR)
    return int.from_bytes(payload, "big")


_TAKERS: dict[int, Callable[[Connection, int, int, bytes], None]] = {
    DATA: Connection._stray_data,
    frames.RST_STREAM: Connection._reset,
    frames.SETTINGS: Connection._settings,
    frames.PUSH_PROMISE: Connection._push,
    frames.PING: Connection._ping,
    frames.GOAWAY: Connection._goaway,
    frames.WINDOW_UPDATE: Connection._widen,
    frames.PRIORITY: Connection._priority,
}
