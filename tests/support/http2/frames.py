"""The bytes of HTTP/2's frames and of plain header blocks, for servers that send what they should not (RFC 9113, 7541).

answer(1)                                    a good answer on stream 1
headers(1, block(200, b"x: y")) + data(1, b"hello", END_STREAM)
"""

from __future__ import annotations

import struct
from typing import NamedTuple

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM = ACK = 0x1
END_HEADERS, PADDED, WITH_PRIORITY = 0x4, 0x8, 0x20
NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, FLOW_CONTROL_ERROR = range(4)
REFUSED_STREAM, CANCEL, COMPRESSION_ERROR, CONNECT_ERROR, ENHANCE_YOUR_CALM = 0x7, 0x8, 0x9, 0xA, 0xB
HEADER_TABLE_SIZE, ENABLE_PUSH, MAX_CONCURRENT_STREAMS, INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE, MAX_HEADER_LIST = range(
    1, 7
)
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
BODY = b"hello world"


class Frame(NamedTuple):
    """One frame as it was read."""

    kind: int
    flags: int
    stream: int
    payload: bytes


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return struct.pack("!I", len(payload))[1:] + bytes([kind, flags]) + struct.pack("!I", stream) + payload


def settings(values: dict[int, int] | None = None, flags: int = 0) -> bytes:
    return frame(SETTINGS, flags, 0, b"".join(struct.pack("!HI", *pair) for pair in (values or {}).items()))


def literal(name: bytes, value: bytes) -> bytes:
    """A field of a header block: neither indexed nor kept in a table, its texts as they are."""
    return b"\x00" + _text(name) + _text(value)


def block(status: int = 200, *fields: tuple[bytes, bytes]) -> bytes:
    """A header block that needs no table of the receiver's: `:status` by its name's index, all else literal."""
    known = {200: b"\x88", 204: b"\x89", 206: b"\x8a", 304: b"\x8b", 400: b"\x8c", 404: b"\x8d", 500: b"\x8e"}
    head = known.get(status) or b"\x08" + _text(b"%d" % status)
    return head + b"".join(literal(*field) for field in fields)


def _text(value: bytes) -> bytes:
    return _integer(len(value), 7) + value


def _integer(value: int, bits: int) -> bytes:
    """An integer with a prefix of so many bits (RFC 7541, 5.1)."""
    most = (1 << bits) - 1
    if value < most:
        return bytes([value])
    found, value = [most], value - most
    while value >= 128:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])


def headers(stream: int, fields: bytes, flags: int = END_HEADERS) -> bytes:
    return frame(HEADERS, flags, stream, fields)


def data(stream: int, payload: bytes, flags: int = 0) -> bytes:
    return frame(DATA, flags, stream, payload)


def padded(payload: bytes, padding: int) -> bytes:
    return bytes([padding]) + payload + bytes(padding)


def reset(stream: int, code: int) -> bytes:
    return frame(RST_STREAM, 0, stream, struct.pack("!I", code))


def goaway(last: int, code: int = NO_ERROR, text: bytes = b"") -> bytes:
    return frame(GOAWAY, 0, 0, struct.pack("!II", last, code) + text)


def window_update(stream: int, more: int) -> bytes:
    return frame(WINDOW_UPDATE, 0, stream, struct.pack("!I", more))


LENGTH = (b"content-length", b"%d" % len(BODY))


def answer(stream: int, body: bytes = BODY, status: int = 200, fields: tuple[tuple[bytes, bytes], ...] = ()) -> bytes:
    """A good answer."""
    length = (b"content-length", b"%d" % len(body))
    return headers(stream, block(status, length, *fields)) + data(stream, body, END_STREAM)
