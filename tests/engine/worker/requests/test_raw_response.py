"""A response is taken apart as the parser that found it sound has read it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.engine.worker.http1.framing import CHUNKED
from gluten.engine.worker.http1.full_response import read_response
from gluten.engine.worker.http1.response import Responses
from gluten.engine.worker.requests.raw_response import dechunked, headers_of, parted, response_of

HEAD = b"HTTP/1.1 200 OK\r\nX-A: one\r\nx-a:  two \r\nContent-Length: 5"


def test_the_head_and_the_body_are_parted_at_the_blank_line() -> None:
    assert parted(HEAD + b"\r\n\r\nhe\r\n\r\nllo") == (HEAD, b"he\r\n\r\nllo")
    assert parted(b"\r\n" + HEAD.replace(b"\r\n", b"\n") + b"\n\nhello") == (HEAD.replace(b"\r\n", b"\n"), b"hello")
    assert parted(HEAD) == (HEAD, b"")


def test_interim_responses_are_left_out_but_101_is_final() -> None:
    interim = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    assert parted(b"HTTP/1.1 100 Continue\r\n\r\n" + interim + HEAD + b"\r\n\r\nhello") == (HEAD, b"hello")
    assert parted(b"HTTP/1.1 101 Switching\r\n\r\nws") == (b"HTTP/1.1 101 Switching", b"ws")


def test_headers_keep_their_order_and_their_bytes() -> None:
    assert headers_of(HEAD) == [("X-A", "one"), ("x-a", "two"), ("Content-Length", "5")]
    assert headers_of(b"HTTP/1.1 200\r\nA: \xc3\xa9\r\nB: \xe9\r\nodd") == [("A", "é"), ("B", "é")]


@given(st.lists(st.binary(min_size=1, max_size=300), max_size=6), st.sampled_from([b"\r\n", b";a=b\r\n"]))
def test_the_data_of_chunks_is_joined(parts: list[bytes], line: bytes) -> None:
    body = b"".join(b"%x%b%b\r\n" % (len(part), line, part) for part in parts) + b"0\r\nTrailer: x\r\n\r\n"
    assert dechunked(body) == b"".join(parts)


@given(st.lists(st.binary(min_size=1, max_size=100), max_size=4), st.integers(0, 5))
def test_what_the_parser_takes_is_taken_apart_whole(parts: list[bytes], interim: int) -> None:
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    data = (
        b"HTTP/1.1 103 x\r\n\r\n" * interim
        + b"HTTP/1.1 201 Made\r\nTransfer-Encoding: chunked\r\nA: b\r\n\r\n"
        + chunks
    )

    def no_more() -> bytes:
        raise AssertionError("it is whole")

    framing, size = read_response(Responses("GET", 1 << 20), data, no_more)
    assert (framing.length, size) == (CHUNKED, len(data))
    response = response_of(framing.status, data, chunked=True)
    assert (response.status, response.body) == (201, b"".join(parts))
    assert response.header("a") == ["b"]


@pytest.mark.parametrize("odd", [b"", b"zz", b"5\r\nab", b"5", b"\r\n\r\n", b"-1\r\n"])
def test_bytes_that_are_cut_off_give_what_there_is(odd: bytes) -> None:
    assert dechunked(odd) in (b"", b"ab")
    assert response_of(200, odd, chunked=True).status == 200
