"""What a target sends over HTTP/2, usual or not: it is taken as RFC 9113 says, or has the right kind of error."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from tests.support.http2.frames import (
    ACK,
    BODY,
    CANCEL,
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    ENHANCE_YOUR_CALM,
    GOAWAY,
    HEADERS,
    INITIAL_WINDOW_SIZE,
    INTERNAL_ERROR,
    LENGTH,
    MAX_FRAME_SIZE,
    NO_ERROR,
    PADDED,
    PING,
    PRIORITY,
    PUSH_PROMISE,
    SETTINGS,
    WINDOW_UPDATE,
    WITH_PRIORITY,
    answer,
    block,
    data,
    frame,
    headers,
    literal,
    padded,
    reset,
    settings,
    window_update,
)
from tests.support.http2.load import scripted
from tests.support.http2.peer import Peer, sending
from tests.support.rig import Rig

OPAQUE = b"12345678"
PLAIN = block(200, LENGTH)
LAST = END_HEADERS | END_STREAM


def split(stream: int, whole: bytes, parts: int) -> bytes:
    """A header block in so many frames."""
    step = -(-len(whole) // parts)
    pieces = [whole[at : at + step] for at in range(0, len(whole), step)]
    frames = [frame(HEADERS if not at else CONTINUATION, 0, stream, piece) for at, piece in enumerate(pieces)]
    last = bytearray(frames[-1])
    last[4] |= END_HEADERS
    return b"".join([*frames[:-1], bytes(last)])


GOOD: dict[str, Callable[[int], bytes]] = {
    "plain": answer,
    "no length": lambda s: headers(s, block()) + data(s, BODY, END_STREAM),
    "no body": lambda s: headers(s, block(204), LAST),
    "an empty body": lambda s: headers(s, block(200, (b"content-length", b"0"))) + data(s, b"", END_STREAM),
    "an end of its own": lambda s: headers(s, PLAIN) + data(s, BODY) + data(s, b"", END_STREAM),
    "a byte in each frame": lambda s: (
        headers(s, PLAIN) + b"".join(data(s, bytes([byte])) for byte in BODY) + data(s, b"", END_STREAM)
    ),
    "a few empty frames": lambda s: headers(s, PLAIN) + data(s, b"") * 5 + data(s, BODY, END_STREAM),
    "continuations": lambda s: split(s, PLAIN + literal(b"x-a", b"b" * 50), 7) + data(s, BODY, END_STREAM),
    "an empty continuation": lambda s: (
        frame(HEADERS, 0, s, PLAIN) + frame(CONTINUATION, END_HEADERS, s) + data(s, BODY, END_STREAM)
    ),
    "padding": lambda s: (
        frame(HEADERS, END_HEADERS | PADDED, s, padded(PLAIN, 9)) + data(s, padded(BODY, 200), END_STREAM | PADDED)
    ),
    "padding alone": lambda s: (
        headers(s, PLAIN) + data(s, padded(b"", 255), PADDED) + data(s, padded(BODY, 0), END_STREAM | PADDED)
    ),
    "a priority": lambda s: (
        frame(HEADERS, END_HEADERS | WITH_PRIORITY, s, b"\x80\0\0\0\x10" + PLAIN) + data(s, BODY, END_STREAM)
    ),
    "padding and a priority": lambda s: (
        frame(HEADERS, END_HEADERS | WITH_PRIORITY | PADDED, s, padded(b"\0\0\0\0\x10" + PLAIN, 3))
        + data(s, BODY, END_STREAM)
    ),
    "priorities": lambda s: (
        frame(PRIORITY, 0, s, b"\0\0\0\0\x10") + frame(PRIORITY, 0, s + 8, b"\0\0\0\1\0") + answer(s)
    ),
    "an interim answer": lambda s: headers(s, block(103, (b"link", b"</a.css>"))) + answer(s),
    "two interim answers": lambda s: headers(s, block(100)) + headers(s, block(103)) + answer(s),
    "trailers": lambda s: headers(s, PLAIN) + data(s, BODY) + headers(s, literal(b"x-sum", b"1"), LAST),
    "trailers without a body": lambda s: headers(s, block()) + headers(s, literal(b"x-sum", b"1"), LAST),
    "unknown frames": lambda s: frame(0xBB, 0xFF, s, b"x" * 100) + answer(s) + frame(0xBC, 0, 0),
    "an unknown setting": lambda s: settings({0x99: 7}) + answer(s),
    "an update of the table's size": lambda s: headers(s, b"\x20" + PLAIN) + data(s, BODY, END_STREAM),
    "a field for the table": lambda s: headers(s, b"\x88\x40\x01a\x01b") + data(s, BODY, END_STREAM),
    "Huffman's code": lambda s: headers(s, b"\x48\x82\x64\x02") + data(s, BODY, END_STREAM),  # 302, RFC 7541, C.4
    "a reset after the end": lambda s: answer(s) + reset(s, NO_ERROR),
    "more room": lambda s: window_update(0, 1000) + window_update(s, 1000) + answer(s) + window_update(s, 5),
    "a name with underscores": lambda s: headers(s, PLAIN + literal(b"x_a", b"\xc3\xa9")) + data(s, BODY, END_STREAM),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_valid_answer_is_completed(rig: Rig, name: str) -> None:
    outcome = scripted(rig, sending(GOOD[name]))
    assert outcome.total.errors == {}, outcome.total.samples
    assert outcome.total.completed == 4
    assert outcome.total.opened == 2, "a connection carries more than one request"


@pytest.mark.parametrize("name", GOOD)
def test_in_whatever_pieces_it_comes(rig: Rig, name: str) -> None:
    def script(peer: Peer, stream: int) -> None:
        whole = GOOD[name](stream)
        step = max(1, len(whole) // 20)
        for at in range(0, len(whole), step):
            peer.send(whole[at : at + step])
            peer.visit.pause(0.001)

    outcome = scripted(rig, script, requests=2, connections=1)
    assert outcome.total.errors == {}, outcome.total.samples


def long_frame(kind: int, stream: int) -> bytes:
    return frame(kind, END_HEADERS if kind == HEADERS else 0, stream, b"\x88" + b"x" * 16384)


PROMISE = struct.pack("!I", 2) + b"\x82\x86\x84"
OF_STREAMS: dict[str, Callable[[int], bytes]] = {
    "reset in place of headers": lambda s: reset(s, INTERNAL_ERROR),
    "reset after headers": lambda s: headers(s, PLAIN) + reset(s, CANCEL),
    "reset in the body": lambda s: headers(s, PLAIN) + data(s, b"hello") + reset(s, ENHANCE_YOUR_CALM),
    "reset with an unknown code": lambda s: reset(s, 0x1234),
}
WRONG: dict[str, Callable[[int], bytes]] = {
    "a body without headers": lambda s: data(s, BODY, END_STREAM),
    "a body that is too short": lambda s: headers(s, PLAIN) + data(s, b"hello", END_STREAM),
    "a body that is too long": lambda s: headers(s, PLAIN) + data(s, BODY + b"!", END_STREAM),
    "no body, and a length": lambda s: headers(s, PLAIN, LAST),
    "two lengths": lambda s: headers(s, PLAIN + literal(b"content-length", b"5")) + data(s, BODY, END_STREAM),
    "a length that is no number": lambda s: headers(s, block(200, (b"content-length", b"many"))) + data(s, BODY, 1),
    "no status": lambda s: headers(s, literal(b"x-a", b"b")) + data(s, BODY, END_STREAM),
    "two statuses": lambda s: headers(s, b"\x88\x88") + data(s, BODY, END_STREAM),
    "a status that is no number": lambda s: headers(s, literal(b":status", b"abc"), LAST),
    "a status of two digits": lambda s: headers(s, literal(b":status", b"20"), LAST),
    "a status behind a field": lambda s: headers(s, literal(b"x-a", b"b") + b"\x88") + data(s, BODY, END_STREAM),
    "a pseudo-header of requests": lambda s: headers(s, b"\x88" + literal(b":path", b"/"), LAST),
    "a name in capitals": lambda s: headers(s, b"\x88" + literal(b"X-A", b"b"), LAST),
    "an empty name": lambda s: headers(s, b"\x88" + literal(b"", b"b"), LAST),
    "a line break in a value": lambda s: headers(s, b"\x88" + literal(b"x-a", b"b\r\nc: d"), LAST),
    "switching protocols": lambda s: headers(s, block(101), LAST),
    "an interim answer as the end": lambda s: headers(s, block(103), LAST),
    "trailers that do not end it": lambda s: (
        headers(s, PLAIN) + data(s, BODY) + headers(s, literal(b"x-sum", b"1")) + data(s, b"", END_STREAM)
    ),
    "trailers with a status": lambda s: headers(s, PLAIN) + data(s, BODY) + headers(s, b"\x88", LAST),
    "an answer to a 204 with a body": lambda s: headers(s, block(204)) + data(s, BODY, END_STREAM),
    "a reference to an empty table": lambda s: headers(s, b"\x88\xbe", LAST),
    "a table that is larger than allowed": lambda s: headers(s, b"\x3f\xe1\x1f\x88", LAST),
    "half a header block": lambda s: headers(s, b"\x88\x00\x7fabc", LAST),
    "an endless integer": lambda s: headers(s, b"\xff" + b"\xff" * 20 + b"\x01", LAST),
    "a promise": lambda s: frame(PUSH_PROMISE, END_HEADERS, s, PROMISE) + answer(s),
    "a frame that is too long": lambda s: headers(s, PLAIN) + long_frame(DATA, s),
    "headers that are too long": lambda s: long_frame(HEADERS, s),
    "data on no stream": lambda s: data(0, BODY) + answer(s),
    "headers on no stream": lambda s: headers(0, PLAIN) + answer(s),
    "a stream of its own": lambda s: headers(2, PLAIN) + answer(s),
    "a stream that nobody opened": lambda s: headers(s + 100, PLAIN) + answer(s),
    "a reset of a stream that nobody opened": lambda s: reset(s + 100, CANCEL) + answer(s),
    "room for no stream": lambda s: window_update(s, 0) + answer(s),
    "no more room at all": lambda s: window_update(0, 0) + answer(s),
    "more room than there can be": lambda s: window_update(0, (1 << 31) - 1) * 2 + answer(s),
    "more room for a stream than there can be": lambda s: window_update(s, (1 << 31) - 1) * 2 + answer(s),
    "room in three bytes": lambda s: frame(WINDOW_UPDATE, 0, 0, b"abc") + answer(s),
    "half a setting": lambda s: frame(SETTINGS, 0, 0, b"abc") + answer(s),
    "settings of a stream": lambda s: frame(SETTINGS, 0, s) + answer(s),
    "an acknowledgement with settings": lambda s: frame(SETTINGS, ACK, 0, bytes(6)) + answer(s),
    "a window that cannot be": lambda s: settings({INITIAL_WINDOW_SIZE: 1 << 31}) + answer(s),
    "a frame size that cannot be": lambda s: settings({MAX_FRAME_SIZE: 1}) + answer(s),
    "a ping of seven bytes": lambda s: frame(PING, 0, 0, OPAQUE[:7]) + answer(s),
    "a ping of a stream": lambda s: frame(PING, 0, s, OPAQUE) + answer(s),
    "a goodbye of a stream": lambda s: frame(GOAWAY, 0, s, bytes(8)) + answer(s),
    "half a goodbye": lambda s: frame(GOAWAY, 0, 0, bytes(4)) + answer(s),
    "a continuation of nothing": lambda s: frame(CONTINUATION, END_HEADERS, s, PLAIN) + answer(s),
    "a header block that is interrupted": lambda s: frame(HEADERS, 0, s, PLAIN) + data(s, BODY, END_STREAM),
    "a continuation of another stream": lambda s: (
        frame(HEADERS, 0, s, PLAIN) + frame(CONTINUATION, END_HEADERS, s + 2, b"")
    ),
    "padding beyond the frame": lambda s: headers(s, PLAIN) + data(s, b"\x09abc", END_STREAM | PADDED),
    "padding of nothing": lambda s: headers(s, PLAIN) + data(s, b"", END_STREAM | PADDED),
    "half a priority": lambda s: frame(PRIORITY, 0, s, b"abc") + answer(s),
    "half a reset": lambda s: frame(3, 0, s, b"abc") + answer(s),
    "HTTP/1": lambda s: b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world",
    "noise": lambda s: b"\xff" * 200,
}
TOO_MUCH: dict[str, Callable[[int], bytes]] = {
    "a body beyond the limit": lambda s: (
        headers(s, block(200, (b"content-length", b"20000"))) + data(s, b"x" * 10_000) * 2
    ),
    "a body beyond the limit, without a length": lambda s: headers(s, block()) + data(s, b"x" * 10_000) * 2,
    "two thousand interim answers": lambda s: headers(s, block(103)) * 2000 + answer(s),
    "headers of 400 KB": lambda s: split(s, b"\x88" + literal(b"x-a", b"y" * 4000) * 100, 50) + data(s, BODY, 1),
}


@pytest.mark.parametrize("name", OF_STREAMS)
def test_a_stream_that_is_reset_fails_alone(rig: Rig, name: str) -> None:
    outcome = scripted(rig, sending(OF_STREAMS[name]))
    assert outcome.total.errors == {"stream": 4}, outcome.total.samples
    assert outcome.total.opened == 2, "its connection goes on"


@pytest.mark.parametrize("name", WRONG)
def test_what_breaks_the_rules_is_an_error_of_protocol(rig: Rig, name: str) -> None:
    outcome = scripted(rig, sending(WRONG[name]))
    assert outcome.total.errors == {"protocol": 4}, outcome.total.samples
    assert outcome.total.completed == 0


@pytest.mark.parametrize("name", TOO_MUCH)
def test_what_is_too_much_is_an_error_of_limits(rig: Rig, name: str) -> None:
    outcome = scripted(rig, sending(TOO_MUCH[name]), max_body=15_000)
    assert outcome.total.errors == {"limit": 4}, outcome.total.samples
