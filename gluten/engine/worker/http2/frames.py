"""The frames of HTTP/2 (RFC 9113, sections 4 and 6): their numbers, and the bytes of those that a client sends."""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct

from gluten.engine.fault import Fault

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)

END_STREAM = ACK = 0x1
END_HEADERS, PADDED, WEIGHTED = 0x4, 0x8, 0x20

NO_ERROR, PROTOCOL_ERROR, _INTERNAL, FLOW_CONTROL_ERROR, _SLOW, STREAM_CLOSED, FRAME_SIZE_ERROR, REFUSED_STREAM = range(
    8
)
CANCEL, COMPRESSION_ERROR, _CONNECT, ENHANCE_YOUR_CALM = range(8, 12)
_CODES = (
    "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED",
    "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM",
    "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
)  # fmt: skip

HEAD = Struct(">HBBBI")
"""Of a frame: its length in two parts, its type, its flags, its stream."""
HEAD_SIZE = 9
SHORT, LONG = Struct(">I"), Struct(">II")
MAX_FRAME = 1 << 14
"""Bytes of a frame's payload, on both sides, as long as nobody has said otherwise. We never do."""
MAX_WINDOW = MAX_ID = (1 << 31) - 1
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


class ConnectionFault(Fault):
    """The target has broken the protocol, or a limit, so the connection ends. `code` is what the target is told."""

    def __init__(self, text: str, code: int = PROTOCOL_ERROR, kind: str = "protocol") -> None:
        super().__init__(kind, text)
        self.code = code


class StreamFault(Fault):
    """The same of one stream. The connection goes on."""

    def __init__(self, text: str, code: int = PROTOCOL_ERROR, kind: str = "protocol") -> None:
        super().__init__(kind, text)
        self.code = code


def name_of(code: int) -> str:
    """An error code in words."""
    return _CODES[code] if code < len(_CODES) else f"error code {code}"


def frame(kind: int, flags: int, stream: int, payload: bytes | memoryview = b"") -> bytes:
    size = len(payload)
    return HEAD.pack(size >> 8, size & 0xFF, kind, flags, stream) + payload


def settings(values: dict[int, int]) -> bytes:
    return frame(SETTINGS, 0, 0, b"".join(Struct(">HI").pack(key, value) for key, value in values.items()))


def window_update(stream: int, increment: int) -> bytes:
    return frame(WINDOW_UPDATE, 0, stream, SHORT.pack(increment))


def rst_stream(stream: int, code: int) -> bytes:
    return frame(RST_STREAM, 0, stream, SHORT.pack(code))


def goaway(code: int) -> bytes:
    """We have taken no stream of the target: it may open none."""
    return frame(GOAWAY, 0, 0, LONG.pack(0, code))


def headers(stream: int, block: bytes, last: bool, most: int) -> bytes:
    """The frames of a header block: one, and more where it is longer than a frame may be. `last`: no body follows."""
    flags = END_STREAM if last else 0
    if len(block) <= most:
        return frame(HEADERS, flags | END_HEADERS, stream, block)
    pieces = list(_pieces(block, most))
    return (
        frame(HEADERS, flags, stream, pieces[0])
        + b"".join(frame(CONTINUATION, 0, stream, piece) for piece in pieces[1:-1])
        + frame(CONTINUATION, END_HEADERS, stream, pieces[-1])
    )


def _pieces(block: bytes, most: int) -> Iterator[bytes]:
    for at in range(0, len(block), most):
        yield block[at : at + most]


def unpadded(payload: bytes, flags: int, kind: int) -> bytes:
    """What a frame of this kind carries, without padding and priority. Raises `ConnectionFault`."""
    padding, begin = 0, 0
    if flags & PADDED:
        if not payload:
            raise ConnectionFault("a padded frame without the length of its padding", FRAME_SIZE_ERROR)
        padding, begin = payload[0], 1
    if kind == HEADERS and flags & WEIGHTED:
        begin += 5
    if begin + padding > len(payload):
        raise ConnectionFault("a frame has more padding than bytes")
    return payload[begin : len(payload) - padding]
