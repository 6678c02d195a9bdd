"""A response that comes in pieces, or in an odd form, is read to its last byte, or refused with the right kind."""

from __future__ import annotations

import io
from http.client import HTTPException, HTTPResponse
from itertools import pairwise
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluten.engine.fault import Fault
from gluten.engine.worker.http1.framing import CHUNKED, UNTIL_CLOSE, Framing
from gluten.engine.worker.http1.full_response import read_response
from gluten.engine.worker.http1.response import Responses
from tests.support.engine.responses import BASE, CHUNKS, MAX_BODY, mutated, oracle, taught, whole


class _Said:
    """A socket from which a response can be read."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, mode: str) -> io.BytesIO:
        return io.BytesIO(self._data)


def lenient(data: bytes) -> int | None:
    """The status of a whole response, by Python's own client, which takes bare line feeds and folded lines."""
    response = HTTPResponse(cast(Any, _Said(data)), method="GET")
    try:
        response.begin()
        response.read()
    except (HTTPException, ValueError):
        return None
    return response.status


# The patient way.
def in_pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[a:b] for a, b in pairwise(edges)] or [b""]


def outcome(pieces: list[bytes], method: str = "GET") -> tuple[Framing, int] | str:
    """What `read_response` says of these pieces and then the end; the fault's kind if there is one."""
    rest = [*pieces[1:], b""]
    try:
        return read_response(Responses(method, MAX_BODY), pieces[0], lambda: rest.pop(0))
    except Fault as fault:
        return fault.kind
    except IndexError:
        return "read past the end"


SAMPLES = [
    BASE, CHUNKS, b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + BASE, b"HTTP/1.0 200 OK\r\n\r\nuntil the end",
    CHUNKS[:-2] + b"A: b\r\n\r\n", b"HTTP/1.1 204 No Content\r\n\r\n", b"not HTTP at all\r\n\r\n",
    BASE[:-3], CHUNKS[:-3],
    CHUNKS.replace(b"5\r\n", b"zz\r\n"), BASE[:20],
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SAMPLES), st.lists(st.integers(0, 400), max_size=8))
def test_pieces_make_no_difference(data: bytes, cuts: list[int]) -> None:
    whole = outcome([data])
    assert whole != "read past the end"
    assert outcome(in_pieces(data, cuts)) == whole


@pytest.mark.parametrize("data", SAMPLES)
def test_byte_by_byte_makes_no_difference(data: bytes) -> None:
    assert outcome([data[at : at + 1] for at in range(len(data))]) == outcome([data])


def test_every_byte_read_is_counted() -> None:
    for data in SAMPLES[:6]:
        answer = outcome([data])
        assert not isinstance(answer, str)
        assert answer[1] == len(data)


@settings(max_examples=300, deadline=None)
@given(mutated(BASE) | mutated(CHUNKS), st.lists(st.integers(0, 400), max_size=4))
def test_what_the_patient_way_completes_another_parser_completes(data: bytes, cuts: list[int]) -> None:
    """llhttp, or where that is too strict Python's own client."""
    answer = outcome(in_pieces(data, cuts))
    if not isinstance(answer, str) and answer[0].length != UNTIL_CLOSE and not data.startswith(b"HTTP/1.1 1"):
        # What comes in a later piece is not this response's any more.
        verdict = oracle(data[: answer[1]])
        assert (verdict[0] if verdict else lenient(data[: answer[1]])) == answer[0].status


@pytest.mark.parametrize(("data", "kind"), [
    (b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 70_000, "limit"), (b"HTTP/1.1 200 OK\rX: y\n\n", "protocol"),
    (b"HTTP/1.1 102 Processing\r\n\r\n" * 101 + BASE, "limit"), (b"SSH-2.0-OpenSSH\r\n", "protocol"),
    (BASE + b"x", "protocol"), (CHUNKS + b"x", "protocol"), (b"", "read"), (b"HTTP/1", "read"),
])  # fmt: skip
def test_each_flaw_has_its_kind(data: bytes, kind: str) -> None:
    assert outcome([data]) == kind


LENGTH, HELLO = b"Content-Length: 5\r\n", b"\r\nhello"


CODING, HELLOS = b"Transfer-Encoding: chunked\r\n", b"\r\n5\r\nhello\r\n0\r\n\r\n"


LINE = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize("data", [
    b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", b"HTTP/1.1 200 OK\r\nContent-Length: 5\n\r\nhello",
    b"HTTP/1.1 200 OK\nContent-Length: 5\r\n\nhello", b"HTTP/1.1 200 OK\nX: y\r\nContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.1  200 OK\r\n" + LENGTH + HELLO, b"HTTP/1.1 200\r\n" + LENGTH + HELLO,
    b"HTTP/1.1 200 \xc3\xa9\xff\r\n" + LENGTH + HELLO,
    LINE + b"X: a\r\n b\r\n\tc\r\n" + LENGTH + HELLO, LINE + b"X: a\r\n \r\n" + LENGTH + HELLO,
    LINE + b"Content-Length:\r\n 5\r\n" + HELLO, b"HTTP/1.1 200 OK\nX: a\n b\nContent-Length: 5\n\nhello",
    LINE + LENGTH + LENGTH + HELLO, LINE + b"Content-Length: 5, 5\r\n" + HELLO,
    LINE + b"content-length:5\r\n" + HELLO, LINE + b"Content-Length: \t5\t \r\n" + HELLO,
    LINE + b"X: \xc3\xa9\xff\ta\r\nY:\r\n" + LENGTH + HELLO,
    b"\r\n" + LINE + LENGTH + HELLO, b"\n\r\n\r\n" + LINE + LENGTH + HELLO, LINE + LENGTH + HELLO + b"\r\n",
    b"HTTP/1.1 100 Continue\n\n\r\n" + LINE + LENGTH + HELLO,
    LINE + CODING + HELLOS + b"\r\n", LINE + b"transfer-encoding: CHUNKED \t\r\n" + HELLOS,
    LINE + b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n" + HELLOS,
    LINE + b"Transfer-Encoding: gzip,\r\n chunked,\r\n" + HELLOS, LINE + b"Transfer-Encoding: , chunked\r\n" + HELLOS,
    LINE + CODING + b"\r\n5 ; a = b\r\nhello\r\n0 \r\n\r\n", LINE + CODING + b"\r\n5;\x80=(\r\nhello\r\n0;x\r\n\r\n",
    LINE + CODING + b"\r\n00000000000000000005\r\nhello\r\n000\r\n\r\n",
    LINE + CODING + b"\r\n5\r\nhello\r\n0\r\nX: 1\n\n", LINE + CODING + b"\r\n5\r\nhello\r\n0\r\n\n",
    LINE + CODING + b"Trailer: X\r\n\r\n5\r\nhello\r\n0\r\nX: 1\r\n 2\r\nY: 3\r\n\r\n",
])  # fmt: skip
def test_what_wrk_or_curl_takes_is_taken_in_any_pieces(data: bytes) -> None:
    """To the byte, whatever the pieces, and again when the memory knows the head."""
    answer = outcome([data])
    assert not isinstance(answer, str), answer
    framing, size = answer
    assert (framing.status, framing.keepalive, size) == (200, True, len(data))
    assert framing.length in (5, CHUNKED)
    for cut in range(1, len(data)):
        found = outcome([data[:cut], data[cut:]])
        # What comes after the last byte of the body is another read's.
        assert found in (answer, (framing, size - 1), (framing, size - 2)), cut
    responses = taught(data)
    assert read_response(responses, data, lambda: b"") == answer
    assert whole(responses, data) in (None, framing)


@pytest.mark.parametrize("data", [
    LINE + b"Content-Length: 5\r\nContent-Length: 6\r\n" + HELLO, LINE + b"Content-Length: 5, 6\r\n" + HELLO,
    LINE + b"Content-Length: 1\r\n 5\r\n" + HELLO, LINE + b"Content-Length : 5\r\n" + HELLO,
    LINE + b" X: a\r\n" + LENGTH + HELLO, LINE + LENGTH + CODING + HELLOS, LINE + b"X: a\x00b\r\n" + LENGTH + HELLO,
    LINE + b"X: a\rb\r\n" + LENGTH + HELLO, LINE + b"XYZ\r\n" + LENGTH + HELLO, LINE + LENGTH + HELLO + b"\r\nx",
    LINE + CODING + b"\r\n5\nhello\r\n0\r\n\r\n", LINE + CODING + b"\r\n5\r\nhello0\r\n\r\n",
    LINE + CODING + b"\r\n5\r\nhello\r\n0\r\nX\r\n\r\n", LINE + CODING + b"\r\n5\r\nhello\r\n0\r\nX: a\rb\r\n\r\n",
    LINE + CODING + b"\r\n-5\r\nhello\r\n0\r\n\r\n", b"HTTP/1.1\t200 OK\r\n" + LENGTH + HELLO,
])  # fmt: skip
def test_what_neither_takes_is_refused_in_any_pieces(data: bytes) -> None:
    assert outcome([data]) == "protocol"
    for cut in range(1, len(data) - 3):
        assert outcome([data[:cut], data[cut:]]) == "protocol", cut


@pytest.mark.parametrize(
    "head",
    [
        b"Upgrade: websocket\r\nConnection: Upgrade\r\n",
        b"",
        LENGTH,
        b"Upgrade: x\r\nConnection: upgrade\r\n" + CODING,
    ],
)
@pytest.mark.parametrize("after", [b"", b"\x81\x05hello", b"HTTP/1.1 200 OK\r\n"])
@pytest.mark.parametrize("before", [b"", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_switching_protocols_is_a_final_answer(head: bytes, after: bytes, before: bytes) -> None:
    """What follows belongs to the other protocol, and the connection with it."""
    data = before + b"HTTP/1.1 101 Switching Protocols\r\n" + head + b"\r\n" + after
    assert outcome([data]) == (Framing(101, 0, False), len(data))


def test_a_tunnel_is_a_final_answer_too() -> None:
    data = b"HTTP/1.1 200 Connection established\r\n\r\nwhatever"
    assert outcome([data], "CONNECT") == (Framing(200, 0, False), len(data))
    assert outcome([LINE.replace(b"200 OK", b"407 No") + LENGTH + HELLO], "CONNECT") == (Framing(407, 5, True), 43)


@settings(max_examples=300, deadline=None)
@given(mutated(CHUNKS), st.lists(st.integers(0, 400), max_size=4))
def test_a_chunked_body_that_llhttp_completes_is_completed(data: bytes, cuts: list[int]) -> None:
    verdict = oracle(data)
    if verdict is not None and verdict[0] >= 200:
        answer = outcome(in_pieces(data, cuts))
        assert not isinstance(answer, str), answer
        assert answer[0].status == verdict[0]


@pytest.mark.parametrize(("data", "kind"), [
    (b"5;" + b"x" * 70_000, "limit"), (b"5\r\nhello\r\n0\r\nX: " + b"y" * 70_000, "limit"), (b"100001\r\n", "limit"),
    (b"5\r\nhello\r\n0\r\n" + b"".join(b"X-%d: y\r\n" % number for number in range(257)) + b"\r\n", "limit"),
    (b"f" * 30 + b"\r\n", "limit"), (b"\r\n" * 40_000, "protocol"), (b"5\r\nhel", "read"),
    (b"5\r\nhello\r\n0\r\n", "read"),
])  # fmt: skip
def test_a_chunked_body_has_limits(data: bytes, kind: str) -> None:
    assert outcome([LINE + CODING + b"\r\n", data]) == kind
