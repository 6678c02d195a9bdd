"""Sessions of HTTP/2: what is sent, awaited, sent again and counted."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.http2 import frames as f
from tests.support.http2.session_rig import Http2Rig

ENDLESS: dict[str, Any] = {}
COUNTED: dict[str, Any] = {"requests": 1000, "duration": None}


def answers(*streams: int) -> bytes:
    return b"".join(map(f.answer, streams))


@pytest.mark.parametrize("words", [ENDLESS, COUNTED], ids=["endless", "counted"])
def test_a_closed_loop_asks_again_after_each_response(words: dict[str, Any]) -> None:
    rig = Http2Rig(**words)
    for number in range(1, 41, 2):
        assert rig.asked() == [number]
        rig.say(f.answer(number))
    assert rig.delta.completed == 20
    assert rig.delta.read == 20 * len(f.answer(1))


@pytest.mark.parametrize("words", [ENDLESS, COUNTED], ids=["endless", "counted"])
def test_what_comes_in_one_read_is_answered_in_one_write(words: dict[str, Any]) -> None:
    rig = Http2Rig(10, **words)
    first = rig.asked()
    assert first == list(range(1, 21, 2))
    for _ in range(5):
        rig.say(answers(*first))
        first = rig.asked()
    assert first == list(range(101, 121, 2))
    assert (rig.delta.completed, rig.delta.in_flight) == (50, 10)


@settings(max_examples=40)
@given(st.integers(1, 6), st.integers(0, 1 << 30), st.booleans(), st.booleans())
def test_every_response_is_counted_once_in_whatever_order_it_comes(
    streams: int, seed: int, counted: bool, other: bool
) -> None:
    """Some at once, in any order, in pieces, mixed with other frames; some are others than those that came before. Now
    and then all deadlines are over."""
    draw = random.Random(seed)
    rig = Http2Rig(streams, **(COUNTED if counted else ENDLESS))
    open_, answered, late, broken = rig.asked(), 0, 0, 0
    again: list[int] = []
    for _ in range(12):
        for number in [number for number in open_ if draw.random() < 0.1]:
            # The second refusal of a request would make it wait.
            refused = number not in again and draw.random() < 0.5
            rig.say(f.reset(number, f.REFUSED_STREAM if refused else f.CANCEL))
            broken += not refused
            new = rig.asked()
            again += new if refused else []
            open_ = [one for one in open_ if one != number] + new
        if draw.random() < 0.1:
            rig.expire()
            late += len(open_)
            open_ = rig.asked()
        draw.shuffle(open_) if draw.random() < 0.5 else open_.sort()
        now, open_ = open_[: draw.randint(1, len(open_))], open_
        odd = [f.frame(f.PING, 0, 0, bytes(8)), f.settings(), f.window_update(0, 1), b""]
        body = b"other" if other and draw.random() < 0.3 else f.BODY
        data = b"".join(f.answer(number, body) for number in now) + draw.choice(odd)
        cut = draw.randint(0, len(data))
        rig.say(*filter(None, (data[:cut], data[cut:]) if draw.random() < 0.5 else (data,)))
        open_ = [number for number in open_ if number not in now] + rig.asked()
        answered += len(now)
        assert len(open_) == streams
        assert rig.delta.completed == answered
    rig.finish()
    rig.say(answers(*open_))
    assert (rig.delta.completed, rig.delta.in_flight, rig.left) == (answered + streams, 0, streams)
    assert rig.delta.errors == {kind: times for kind, times in (("timeout", late), ("stream", broken)) if times}


def test_the_bytes_are_those_of_the_frames() -> None:
    rig = Http2Rig()
    for number in range(1, 21, 2):
        rig.say(f.answer(number))
    frames = [frame for frame in rig.sent() if frame.kind == f.HEADERS]
    # Before the first one stands a byte that says that we keep no table.
    assert rig.delta.written == sum(9 + len(frame.payload) for frame in frames) - 1


def test_a_request_of_which_the_deadline_is_over_is_cancelled_alone() -> None:
    rig = Http2Rig(2, **COUNTED)
    assert rig.asked() == [1, 3]
    rig.expire()
    frames = rig.sent()
    assert [(frame.kind, frame.stream) for frame in frames if frame.kind == f.RST_STREAM] == [(3, 1), (3, 3)]
    assert [frame.stream for frame in frames if frame.kind == f.HEADERS] == [5, 7]
    rig.say(answers(1, 3, 5, 7))
    assert (rig.delta.completed, rig.delta.errors, len(rig.transports)) == (2, {"timeout": 2}, 1)


@settings(max_examples=30)
@given(st.integers(1, 5), st.integers(0, 1 << 30))
def test_at_a_rate_every_request_is_counted_once(streams: int, seed: int) -> None:
    draw, second, answered, late = random.Random(seed), 0.0, 0, 0
    rig = Http2Rig(streams, rate=10.0)
    open_: list[int] = []
    for _ in range(15):
        second += draw.random()
        rig.fire(second)
        open_ += rig.asked()
        if open_ and draw.random() < 0.1:
            rig.expire()
            late, open_ = late + len(open_), []
        for number in [number for number in open_ if draw.random() < 0.1]:
            rig.say(f.reset(number, f.CANCEL))
            late, open_ = late + 1, [one for one in open_ if one != number]
        draw.shuffle(open_)
        now, open_ = open_[: draw.randint(0, len(open_))], open_
        if now:
            rig.say(b"".join(map(f.answer, now)))
        open_ = [number for number in open_ if number not in now] + rig.asked()
        answered += len(now)
        delta = rig.delta
        assert (delta.completed, delta.in_flight, delta.failed) == (answered, len(open_), late)
        assert delta.sent <= int(10 * second) + 1
    assert rig.delta.written == sum(9 + len(frame.payload) for frame in rig.frames if frame.kind == f.HEADERS) - (
        answered + late > 0
    )


@pytest.mark.parametrize("words", [ENDLESS, COUNTED], ids=["endless", "counted"])
def test_what_a_goaway_refuses_goes_to_another_connection(words: dict[str, Any]) -> None:
    rig = Http2Rig(3, **words)
    for first in range(1, 31, 6):
        rig.say(answers(first, first + 2, first + 4))
    rig.say(f.goaway(33))
    assert len(rig.transports) == 2
    rig.greet()
    assert rig.asked() == [1]
    old = rig.transports[0]
    old.say(answers(31, 33))
    rig.hub(old.deliver)
    assert old.state.value == "closed"
    assert sorted(rig.asked()) == [3, 5]
    assert (rig.delta.completed, rig.delta.in_flight, rig.delta.errors) == (17, 3, {})
    assert rig.delta.opened == 2


def test_a_refused_stream_is_sent_again_at_first_at_once() -> None:
    rig = Http2Rig(**COUNTED)
    rig.say(f.reset(1, f.REFUSED_STREAM))
    assert rig.asked() == [1, 3]
    rig.say(f.answer(3))
    assert (rig.delta.sent, rig.delta.completed) == (2, 1)


def test_a_reset_fails_the_request() -> None:
    rig = Http2Rig(**COUNTED)
    rig.say(f.reset(1, f.INTERNAL_ERROR), f.answer(3))
    assert (rig.delta.errors, rig.delta.completed) == ({"stream": 1}, 1)


def test_the_end_of_a_connection_fails_what_is_in_flight_and_another_is_opened() -> None:
    rig = Http2Rig(2, **COUNTED)
    rig.say(answers(1, 3))
    rig.end()
    assert rig.delta.errors == {"closed": 2}
    rig.reconnect()
    assert rig.asked() == [1, 3]
    assert rig.delta.opened == 2


def test_no_more_streams_begin_than_the_target_allows() -> None:
    rig = Http2Rig(10, {f.MAX_CONCURRENT_STREAMS: 3}, **COUNTED)
    assert rig.asked() == [1, 3, 5]
    assert rig.recorders.connections.streams == 3
    rig.say(f.settings({f.MAX_CONCURRENT_STREAMS: 5}))
    assert rig.asked() == [7, 9]


@pytest.mark.parametrize("words", [ENDLESS, COUNTED], ids=["endless", "counted"])
def test_a_limit_that_is_lowered_in_mid_run_holds(words: dict[str, Any]) -> None:
    rig = Http2Rig(6, **words)
    for number in range(1, 61, 12):  # until the responses are known by their bytes
        assert rig.asked() == list(range(number, number + 12, 2))
        rig.say(answers(*range(number, number + 12, 2)))
    rig.say(f.settings({f.MAX_CONCURRENT_STREAMS: 2}))
    open_ = rig.asked()
    rig.say(answers(*open_[:4]))
    assert rig.asked() == []
    rig.say(answers(*open_[4:]))
    assert len(rig.asked()) == 2


def test_at_a_rate_a_stream_waits_for_the_pacer() -> None:
    rig = Http2Rig(2, rate=1.0)
    assert rig.asked() == []
    rig.fire(0.5)
    rig.fire(1.5)
    assert rig.asked() == [1, 3]
    for second in range(2, 12):
        rig.say(answers(*range(4 * second - 7, 4 * second - 3, 2)))
        rig.fire(2 * second + 0.5)
    delta = rig.delta
    assert (delta.completed, delta.in_flight) == (20, 2)
    assert len(delta.response) == 20
