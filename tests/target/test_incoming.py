"""Requests come out of the stream whole and in order, however it is cut."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.target.incoming import (
    HEAD,
    HTTP10,
    KEEP_ALIVE,
    MAX_HEAD,
    BadRequest,
    HeadParser,
    RequestReader,
    parse_head,
)

STREAM = (
    b"GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n"
    b"POST /p HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"
    b"\r\nPUT /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3;e=1\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: 1\r\n\r\n"
    b"HEAD /h HTTP/1.0\r\n\r\n"
)
WANTED = [("GET", "/a"), ("POST", "/p"), ("PUT", "/c"), ("HEAD", "/h")]


def read(pieces: list[bytes]) -> tuple[list[tuple[str, str]], int]:
    reader = RequestReader(HeadParser())
    requests = []
    for piece in pieces:
        reader.feed(piece)
        while (request := reader.next()) is not None:
            requests.append((request.method, request.path))
    return requests, reader.buffered


@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_where_the_stream_is_cut_does_not_matter(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(STREAM)]
    pieces = [STREAM[a:b] for a, b in itertools.pairwise(places)]
    assert read(pieces) == (WANTED, 0)


def test_byte_by_byte_is_the_same() -> None:
    assert read([bytes([byte]) for byte in STREAM]) == (WANTED, 0)


def test_a_large_body_is_not_kept() -> None:
    reader = RequestReader(HeadParser())
    reader.feed(b"POST / HTTP/1.1\r\nContent-Length: 3000000\r\n\r\n")
    for _ in range(3):
        assert reader.next() is None
        reader.feed(b"x" * 1_000_000)
    assert reader.next() is not None
    assert reader.buffered == 0


def test_a_request_that_expects_it_takes_continue_once() -> None:
    reader = RequestReader(HeadParser())
    reader.feed(b"POST / HTTP/1.1\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n")
    assert reader.next() is None
    assert reader.take_continue()
    assert not reader.take_continue()
    reader.feed(b"x")
    assert reader.next() is not None


@pytest.mark.parametrize(
    ("head", "flags"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", KEEP_ALIVE),
        (b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 0),
        (b"GET / HTTP/1.1\r\nCONNECTION: Foo, Close\r\n\r\n", 0),
        (b"GET / HTTP/1.0\r\n\r\n", HTTP10),
        (b"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", HTTP10 + KEEP_ALIVE),
        (b"HEAD / HTTP/1.1\r\n\r\n", HEAD + KEEP_ALIVE),
    ],
)
def test_the_flags_say_what_shapes_the_response(head: bytes, flags: int) -> None:
    assert parse_head(head).flags == flags


@pytest.mark.parametrize(
    ("stream", "status"),
    [
        (b"\x16\x03\x01\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\n\r\n", 400),
        (b"GET  / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: 1, 2\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400),
        (b"GET / HTTP/1.1\r\nA: " + b"a" * MAX_HEAD, 431),
    ],
)
def test_an_invalid_request_is_refused(stream: bytes, status: int) -> None:
    reader = RequestReader(HeadParser())
    reader.feed(stream)
    with pytest.raises(BadRequest) as caught:
        reader.next()
    assert caught.value.status == status


def test_the_memo_is_bounded() -> None:
    parser = HeadParser()
    for number in range(3000):
        assert parser.parse(b"GET /%d HTTP/1.1\r\n\r\n" % number).path == f"/{number}"
    assert len(parser._memo) <= 1024
