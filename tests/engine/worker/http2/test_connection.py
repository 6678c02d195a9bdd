"""What a connection of HTTP/2 makes of its target's frames: answers, refusals, ends, and whatever is wrong."""

from __future__ import annotations

import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.engine.fault import Fault, unanswered
from gluten.engine.worker.http2.connection import MOST_IDLE
from tests.support.http2 import frames as f
from tests.support.http2.table import Answered, Table

RESET, END, GO_AWAY = f.RST_STREAM, f.END_STREAM, f.GOAWAY


def cuts(data: bytes, at: list[int]) -> list[bytes]:
    """The bytes in pieces."""
    places = sorted({min(place, len(data)) for place in at})
    return [data[begin:end] for begin, end in zip([0, *places], [*places, len(data)], strict=True)]


# What is answered.


def test_a_response_is_whole_at_the_end_of_its_stream() -> None:
    table = Table()
    owner = table.start()
    table.say(f.answer(1))
    assert owner.outcome == [Answered(200, 11, len(f.answer(1)))]
    assert owner.pieces[0] == b"HTTP/1.1 200 \r\ncontent-length: 11\r\n\r\n"


@given(st.lists(st.integers(0, 400), max_size=12))
def test_a_response_may_come_in_any_pieces(places: list[int]) -> None:
    table = Table()
    owners = [table.start() for _ in range(3)]
    table.say(*cuts(f.answer(5) + f.answer(1) + f.answer(3), places))
    assert [owner.outcome[0].status for owner in owners if isinstance(owner.outcome[0], Answered)] == [200] * 3


@given(st.integers(0, 40), st.booleans(), st.booleans(), st.integers(1, 30))
def test_padding_priority_and_continuation_change_nothing(pad: int, heads: bool, weighted: bool, cut: int) -> None:
    table = Table()
    owner = table.start()
    block = f.block(200, f.LENGTH)
    head = (b"\0\0\0\0\x10" if weighted else b"") + block
    flags = (f.WITH_PRIORITY if weighted else 0) | (f.PADDED if heads else 0)
    whole = f.padded(head, pad) if heads else head
    if heads or cut >= len(block):
        table.say(f.headers(1, whole, flags | f.END_HEADERS))
    else:
        split = len(head) - len(block) + cut
        table.say(f.headers(1, head[:split], flags), f.frame(f.CONTINUATION, f.END_HEADERS, 1, head[split:]))
    table.say(f.data(1, f.padded(f.BODY, pad), END | f.PADDED))
    assert isinstance(owner.outcome[0], Answered)
    assert owner.outcome[0][:2] == (200, 11)


def test_interim_responses_and_trailers_belong_to_the_response() -> None:
    table = Table()
    owner = table.start()
    hint, trailer = f.headers(1, f.block(103)), f.headers(1, f.literal(b"x-sum", b"1"), END | f.END_HEADERS)
    head = f.headers(1, f.block(200))
    table.say(hint, hint, head, f.data(1, b"abc"), trailer)
    assert owner.outcome == [Answered(200, 3, len(hint * 2 + head + trailer) + 9 + 3)]


def test_a_response_to_head_has_the_length_of_a_body_that_does_not_come() -> None:
    table = Table()
    owner = table.start(bodiless=True)
    table.say(f.headers(1, f.block(200, f.LENGTH), END | f.END_HEADERS))
    assert owner.outcome == [Answered(200, 0, len(f.headers(1, f.block(200, f.LENGTH))))]


def test_the_first_block_says_that_it_needs_no_table() -> None:
    table = Table()
    table.start()
    table.start()
    assert [frame.payload for frame in table.sent()] == [b"\x20\x82", b"\x82"]


def test_settings_are_acknowledged_and_pings_are_answered() -> None:
    table = Table()
    table.say(
        f.settings({f.HEADER_TABLE_SIZE: 0}), f.frame(f.PING, 0, 0, b"12345678"), f.frame(f.PING, 1, 0, b"12345678")
    )
    assert table.sent() == [f.Frame(f.SETTINGS, f.ACK, 0, b""), f.Frame(f.PING, f.ACK, 0, b"12345678")]


def test_what_nobody_knows_is_ignored() -> None:
    table = Table()
    owner = table.start()
    table.say(
        f.frame(0xBB, 3, 1, b"what"), f.frame(f.PRIORITY, 0, 1, b"\0\0\0\0\1"), f.settings({0x99: 7}), f.answer(1)
    )
    assert isinstance(owner.outcome[0], Answered)


def test_frames_of_a_stream_that_has_ended_are_thrown_away() -> None:
    table = Table()
    owner, other = table.start(), table.start()
    table.connection.cancel(table.connection.live[1])
    table.say(f.answer(1), f.reset(1, 0), f.window_update(1, 9), f.answer(3))
    assert (owner.outcome, type(other.outcome[0])) == ([], Answered)


# Streams and windows.


def test_no_more_streams_are_open_than_the_target_allows() -> None:
    table = Table({f.MAX_CONCURRENT_STREAMS: 2})
    for _ in range(4):
        table.start()
    assert [frame.stream for frame in table.sent()] == [1, 3]
    table.say(f.answer(1))
    assert [frame.stream for frame in table.sent()] == [5]
    table.say(f.settings({f.MAX_CONCURRENT_STREAMS: 9}))
    assert [frame.stream for frame in table.sent() if frame.stream] == [7]


@given(st.integers(0, 3000), st.lists(st.tuples(st.booleans(), st.integers(1, 900)), max_size=20), st.integers(0, 9))
def test_a_body_goes_no_faster_than_both_windows_allow(
    window: int, updates: list[tuple[bool, int]], change: int
) -> None:
    table = Table({f.INITIAL_WINDOW_SIZE: window})
    body = bytes(range(256)) * 10
    table.start(body)
    mine, sent = window, b""
    for number, (own, more) in enumerate([(True, 0), *updates]):
        if more:
            table.say(f.window_update(1 if own else 0, more))
            mine += more if own else 0
        if number == change:
            table.say(f.settings({f.INITIAL_WINDOW_SIZE: window + 100}))
            mine += 100
        data = [frame for frame in table.sent() if frame.kind == f.DATA]
        sent += b"".join(frame.payload for frame in data)
        assert len(sent) == min(mine, len(body))
        assert [frame.flags for frame in data if frame.flags] == [END] * (bool(data) and len(sent) == len(body))
    assert body.startswith(sent)


def test_a_body_is_cut_into_frames_of_the_size_that_the_target_takes() -> None:
    table = Table({f.MAX_FRAME_SIZE: 20000, f.INITIAL_WINDOW_SIZE: 1 << 20})
    table.start(bytes(45000))
    assert [len(frame.payload) for frame in table.sent()[1:]] == [20000, 20000, 5000]


def test_a_response_before_the_end_of_the_request_ends_both() -> None:
    table = Table({f.INITIAL_WINDOW_SIZE: 10})
    owner = table.start(bytes(100))
    table.sent()
    table.say(f.answer(1, status=413), f.window_update(1, 100))
    assert isinstance(owner.outcome[0], Answered)
    assert [(frame.kind, frame.stream) for frame in table.sent()] == [(RESET, 1)]


def test_a_cancelled_request_tells_the_target_and_what_was_not_sent() -> None:
    table = Table({f.INITIAL_WINDOW_SIZE: 10})
    table.start(bytes(100))
    assert table.connection.cancel(table.connection.live[1]) == 90
    assert table.sent()[-1] == f.Frame(RESET, 0, 1, struct.pack("!I", f.CANCEL))


# Refusals and ends.


def test_a_refused_stream_may_be_sent_again() -> None:
    table = Table()
    owner = table.start()
    table.say(f.reset(1, f.REFUSED_STREAM))
    assert owner.outcome == ["refused: the target refused the stream"]


def test_a_reset_is_a_failure() -> None:
    table = Table()
    owner, late = table.start(), table.start()
    table.say(f.reset(1, f.INTERNAL_ERROR), f.headers(3, f.block()), f.reset(3, f.REFUSED_STREAM))
    assert owner.fault == "stream: the target reset the stream: INTERNAL_ERROR"
    assert late.fault == "stream: the target reset the stream: REFUSED_STREAM"


def test_goaway_refuses_what_came_later_and_ends_the_connection_with_the_rest() -> None:
    table = Table({f.MAX_CONCURRENT_STREAMS: 2})
    first, second, third = table.start(), table.start(), table.start()
    table.say(f.goaway(1))
    assert (first.outcome, second.outcome) == ([], ["refused: the target goes away"])
    assert third.outcome == ["refused: the connection ends"]
    assert table.told[-1] == "parted"
    table.say(f.answer(1))
    assert isinstance(first.outcome[0], Answered)
    assert table.told[-1] == "over"


def test_a_second_goaway_may_refuse_more() -> None:
    table = Table()
    first, second = table.start(), table.start()
    table.say(f.goaway(0x7FFFFFFF))
    assert not second.outcome
    table.say(f.goaway(1))
    assert (first.outcome, second.outcome) == ([], ["refused: the target goes away"])


def test_streams_are_used_up_in_the_end() -> None:
    table = Table()
    table.connection.next = 0x7FFFFFFF
    owner = table.start()
    assert not table.connection.usable
    table.say(f.answer(0x7FFFFFFF))
    assert isinstance(owner.outcome[0], Answered)
    assert table.told[-1] == "over"


def test_the_end_of_the_connection_fails_what_is_in_flight() -> None:
    table = Table()
    first, second = table.start(), table.start()
    table.say(f.goaway(3, f.ENHANCE_YOUR_CALM), f.headers(3, f.block()))
    table.connection.ended(lambda first, begun: Fault("read", "begun") if begun else unanswered(None, first))
    told = "; it said GOAWAY before: ENHANCE_YOUR_CALM"
    assert first.fault == f"read: the target closed the connection without an answer{told}"
    assert second.fault == f"read: begun{told}"


# What is wrong.

RIGHT = f.block(200, f.LENGTH)
STREAM_FAULTS = [
    (f.headers(1, f.block(200, (b"X-Upper", b"1"))), "protocol: a header that HTTP/2 forbids"),
    (f.headers(1, f.block(200, (b"x", b"a\r\nb"))), "protocol: a header that HTTP/2 forbids"),
    (f.headers(1, f.block(200, (b"x", b"a\0b"))), "protocol: a header that HTTP/2 forbids"),
    (f.headers(1, f.block(200, (b"x", b" a"))), "protocol: a header that HTTP/2 forbids"),
    (f.headers(1, f.block(200, (b"connection", b"close"))), "protocol: the header connection"),
    (f.headers(1, f.literal(b"x", b"1")), "protocol: no :status"),
    (f.headers(1, b"\x88\x88"), "protocol: a header block with other pseudo-headers"),
    (f.headers(1, b"\x88\x82"), "protocol: a header block with other pseudo-headers"),
    (f.headers(1, f.literal(b"x", b"1") + b"\x88"), "protocol: a header block with other pseudo-headers"),
    (f.headers(1, f.literal(b":status", b"20")), "protocol: the status"),
    (f.headers(1, f.block(101)), "protocol: a response that begins with the status 101"),
    (f.headers(1, f.block(103), END | f.END_HEADERS), "protocol: a response that begins with the status 103"),
    (f.headers(1, f.block(200, (b"content-length", b"-1"))), "protocol: a header block with a content-length"),
    (f.headers(1, f.block(200, f.LENGTH, (b"content-length", b"3"))), "protocol: a header block with a content-length"),
    (f.headers(1, RIGHT, END | f.END_HEADERS), "protocol: a body of 0 bytes, where content-length said 11"),
    (f.headers(1, RIGHT) + f.data(1, b"short", END), "protocol: a body of 5 bytes, where content-length said 11"),
    (f.headers(1, f.block(204)) + f.data(1, b"x", END), "protocol: a body where 204 has none"),
    (f.headers(1, f.block()) + f.headers(1, f.block()), "protocol: a second header block that is no trailers"),
    (f.headers(1, f.block()) + f.headers(1, f.block(), END | f.END_HEADERS), "protocol: a second header block"),
    (f.data(1, b"x"), "protocol: a body without a head"),
    (f.headers(1, f.block(103)) * 101, "limit: more than 100 interim"),
    (f.headers(1, f.block(200, (b"content-length", b"1048577"))), "limit: a body of 1048577 bytes is over"),
    (f.headers(1, f.block()) + f.data(1, bytes(16384)) * 65, "limit: a body of 1064960 bytes is over"),
    (f.window_update(1, 0), "protocol: a WINDOW_UPDATE by nothing"),
    (f.window_update(1, 0x7FFFFFFF), "protocol: a window that grows beyond"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "fault"), STREAM_FAULTS)
def test_what_is_wrong_on_one_stream_fails_that_one(data: bytes, fault: str) -> None:
    table = Table()
    owner, other = table.start(b"b" * 100), table.start()
    table.sent()
    table.say(data, f.answer(3))
    assert owner.fault.startswith(fault)
    assert isinstance(other.outcome[0], Answered)
    assert RESET in [frame.kind for frame in table.sent() if frame.stream == 1]


BOMB = f.headers(1, b"\x88" + b"\x90" * 4000)
CONNECTION_FAULTS = [
    (b"\0\x40\1" + f.data(1, b"")[3:] + bytes(20000), "protocol: a frame of 16385 bytes"),
    (f.settings({f.ENABLE_PUSH: 1}), "protocol: a server's SETTINGS that allow pushes"),
    (f.settings({f.INITIAL_WINDOW_SIZE: 1 << 31}), "protocol: a window of more than"),
    (f.settings({f.MAX_FRAME_SIZE: 100}), "protocol: a SETTINGS_MAX_FRAME_SIZE of 100"),
    (f.frame(f.SETTINGS, 0, 1), "protocol: a SETTINGS frame on a stream"),
    (f.frame(f.SETTINGS, 0, 0, b"12345"), "protocol: a SETTINGS frame with a part"),
    (f.frame(f.SETTINGS, f.ACK, 0, bytes(6)), "protocol: an acknowledgement of SETTINGS"),
    (f.frame(f.PING, 0, 0, b"1"), "protocol: a frame of 1 bytes, where it must have 8"),
    (f.frame(f.PING, 0, 1, bytes(8)), "protocol: a PING on a stream"),
    (f.frame(f.RST_STREAM, 0, 1, b"1"), "protocol: a frame of 1 bytes"),
    (f.frame(f.GOAWAY, 0, 0, b"1"), "protocol: a GOAWAY frame"),
    (f.frame(f.PRIORITY, 0, 0, bytes(5)), "protocol: a PRIORITY frame without a stream"),
    (f.window_update(0, 0), "protocol: a WINDOW_UPDATE by nothing"),
    (f.window_update(0, 0x7FFFFFFF), "protocol: a window that grows beyond"),
    (f.frame(f.PUSH_PROMISE, f.END_HEADERS, 1, bytes(4) + b"\x82"), "protocol: a PUSH_PROMISE"),
    (f.answer(2), "protocol: a frame of stream 2, which nobody has opened"),
    (f.answer(99), "protocol: a frame of stream 99, which nobody has opened"),
    (f.reset(99, 0), "protocol: a frame of stream 99"),
    (f.data(0, b"x"), "protocol: a frame of stream 0"),
    (f.data(1, b"\x09x", f.PADDED), "protocol: a frame has more padding than bytes"),
    (f.data(1, b"", f.PADDED), "protocol: a padded frame without"),
    (f.frame(f.CONTINUATION, f.END_HEADERS, 1, RIGHT), "protocol: a header block that is interrupted"),
    (f.headers(1, RIGHT, 0) + f.data(1, b"x"), "protocol: a header block that is interrupted"),
    (f.headers(1, RIGHT, 0) + f.headers(1, RIGHT), "protocol: a header block that is interrupted"),
    (f.headers(1, b"\x88", 0) + f.frame(f.CONTINUATION, 4, 3, b""), "protocol: a CONTINUATION of another stream"),
    (f.headers(1, b"\xff\xff\xff\xff\xff\xff"), "protocol: the target's header block is wrong"),
    (f.headers(1, b"\x88\xbe"), "protocol: the target's header block is wrong"),  # of a table that we do not keep
    (f.headers(1, b"\x3f\xe1\x1f\x88"), "protocol: the target's header block is wrong"),  # a table of 4096 bytes
    (f.headers(1, f.block(200, *[(b"a", b"1")] * 257)), "limit: more than 256 headers"),
    (BOMB, "limit: more than 256 headers"),
    (f.headers(1, b"\x88", 0) + f.frame(f.CONTINUATION, 0, 1, b"") * 100, "limit: a header block of more than"),
    (f.headers(1, b"\x88", 0) + f.frame(f.CONTINUATION, 0, 1, bytes(16384)) * 5, "limit: a header block of more than"),
    (f.frame(f.PING, 0, 0, bytes(8)) * (MOST_IDLE + 1), "limit: 10000 frames in a row"),
    (f.settings() * (MOST_IDLE + 1), "limit: 10000 frames in a row"),
    (f.headers(1, f.block()) + f.data(1, b"") * (MOST_IDLE + 1), "limit: 10000 frames in a row"),
    (f.frame(f.PRIORITY, 0, 1, bytes(5)) * (MOST_IDLE + 1), "limit: 10000 frames in a row"),
    (f.window_update(1, 1) * (MOST_IDLE + 1), "limit: 10000 frames in a row"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "fault"), CONNECTION_FAULTS)
def test_what_is_wrong_with_the_connection_ends_it(data: bytes, fault: str) -> None:
    table = Table()
    owner, other = table.start(), table.start()
    table.say(data, f.answer(3))
    assert owner.fault.startswith(fault)
    assert other.fault == owner.fault
    assert table.told[-2:] == ["parted", "over"]
    assert table.sent()[-1].kind == GO_AWAY


@pytest.mark.parametrize(
    "data", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x15\x03\x01\0\2\2\x46 what", f.answer(1), f.settings(flags=1)]
)
def test_a_target_that_does_not_begin_with_settings_does_not_speak_http2(data: bytes) -> None:
    table = Table(greet=False)
    table.say(data)
    assert str(table.connection.fault) == "the target does not speak HTTP/2 on this port: leave out --http2"
    assert table.told == ["parted", "over"]


@given(st.binary(max_size=300), st.integers(0, 1000))
def test_whatever_comes_is_answered_once_at_most(noise: bytes, seed: int) -> None:
    """Frames of a good target with bytes changed."""
    table, draw = Table(), random.Random(seed)
    owners = [table.start(b"x" * 10) for _ in range(3)]
    good = bytearray(f.answer(1) + f.settings({3: 5}) + f.answer(3) + f.goaway(5) + f.answer(5))
    for byte in noise:
        good[draw.randrange(len(good))] = byte
    table.say(bytes(good))
    table.connection.ended(lambda first, begun: unanswered(None, first))
    assert all(len(owner.outcome) == 1 for owner in owners)
