"""Responses that are known by their bytes: pages of frames, and units that are found in whatever order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gluten.engine.worker.http2.pages import Pages, Sheet
from gluten.engine.worker.http2.unit import SMALL, unit_in
from tests.support.http2 import frames as f

STREAMS = st.integers(0, (1 << 30) - 400).map(lambda number: 2 * number + 1)
RESPONSE = f.headers(9, f.block(200, f.LENGTH)) + f.data(9, f.BODY, f.END_STREAM)


def of(number: int, pieces: int = 1) -> bytes:
    """The response on a stream, its body in so many frames."""
    parts = [f.data(number, b"x" * 7) for _ in range(pieces - 1)]
    return f.headers(number, f.block(200)) + b"".join(parts) + f.data(number, b"y", f.END_STREAM)


@given(st.lists(st.tuples(STREAMS, st.integers(1, 300)), min_size=1, max_size=6), st.integers(1, 3))
def test_a_page_has_what_would_be_sent_on_each_stream(asked: list[tuple[int, int]], pieces: int) -> None:
    starts = [0, *range(10, 10 + 16 * (pieces - 1) + 1, 16)]
    pages = Pages(Sheet(of(1, pieces), starts))
    for number, count in asked:
        assert pages.frames(number, count) == b"".join(of(number + 2 * at, pieces) for at in range(count))


@given(st.lists(STREAMS, min_size=1, max_size=30), st.integers(1, 4))
def test_known_responses_are_found_in_any_order(numbers: list[int], pieces: int) -> None:
    unit = unit_in(of(7, pieces) + b"what follows")
    assert unit is not None
    assert unit.size == len(of(7, pieces))
    assert unit.window == 7 * (pieces - 1) + 1
    assert unit.numbers(b"".join(of(number, pieces) for number in numbers)) == tuple(numbers)


@given(st.integers(0, len(RESPONSE) - 1), st.integers(1, 255), st.integers(1, 3))
def test_other_bytes_are_not_taken_for_a_known_response(place: int, change: int, count: int) -> None:
    unit = unit_in(RESPONSE)
    assert unit is not None
    data = bytearray(RESPONSE * count)
    data[place] ^= change
    found = unit.numbers(bytes(data))
    heads = {*range(5, 9), *range(len(RESPONSE) - 15, len(RESPONSE) - 11)}
    assert found is None or (place in heads and found[0] != 9)


def test_the_frames_of_a_response_have_to_agree_on_their_stream() -> None:
    unit = unit_in(RESPONSE)
    assert unit is not None
    other = RESPONSE[:-15] + b"\0\0\0\x0b" + RESPONSE[-11:]
    assert unit.numbers(other) is None
    assert unit.numbers(RESPONSE) == (9,)


def test_what_is_no_whole_response_in_its_usual_form_makes_no_unit() -> None:
    block = f.block(200)
    odd = [
        b"",
        RESPONSE[:-1],
        f.data(9, b"x", f.END_STREAM),
        f.headers(9, block, f.END_HEADERS | f.PADDED) + f.data(9, b"", f.END_STREAM),
        f.headers(9, block, 0) + f.frame(f.CONTINUATION, f.END_HEADERS | f.END_STREAM, 9),
        f.headers(9, block) + f.data(11, b"", f.END_STREAM),
        f.headers(9, block) + f.headers(9, block, f.END_HEADERS | f.END_STREAM),
        f.headers(9, block) + f.frame(f.PING, 0, 0, bytes(8)) + f.data(9, b"", f.END_STREAM),
        f.headers(9, block) + f.data(9, bytes(SMALL), f.END_STREAM),
    ]
    assert [unit_in(data) for data in odd] == [None] * len(odd)
    assert unit_in(f.headers(9, block, f.END_HEADERS | f.END_STREAM)) is not None
