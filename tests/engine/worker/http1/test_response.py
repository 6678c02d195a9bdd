"""What the quick ways say of a response is what llhttp says, or nothing. Nothing is ever guessed."""

from __future__ import annotations

import io
from http.client import HTTPException, HTTPResponse
from itertools import pairwise
from typing import Any, cast

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gluten.engine.fault import Fault
from gluten.engine.worker.http1.full_response import read_response
from gluten.engine.worker.http1.parser import Parser
from gluten.engine.worker.http1.response import CHUNKED, UNTIL_CLOSE, Framing, Responses

MAX_BODY = 1 << 20
BASE = (
    b"HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 22:54:00 GMT\r\nX-Request-Id: 0123456789abcdef\r\n"
    b'Content-Length: 11\r\nETag: "a"\r\n\r\nhello world'
)
CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Id: 1\r\n\r\n5\r\nhello\r\n6;a=b\r\n world\r\n0\r\n\r\n"
NAMES = [b"X-Id", b"Date", b"Content-Length", b"Transfer-Encoding", b"Connection", b"Set-Cookie", b"Keep-Alive",
         b"content-length", b"CONNECTION", b"Trailer", b"Upgrade"]  # fmt: skip
VALUES = [b"1", b"11", b"5", b"0", b"011", b"close", b"keep-alive", b"chunked", b"gzip, chunked", b"identity", b"",
          b" 11", b"11 ", b"\t11", b"1 1", b"+11", b"a\x00b", b"a\x7fb", b"\xe9", b"a\tb", b"a\rb", b"a\nb",
          b"Close, x", b"upgrade"]  # fmt: skip
CODES = [
    b"200 OK",
    b"204 No Content",
    b"304 Not Modified",
    b"404 ",
    b"100 Continue",
    b"101 Switching",
    b"20 OK",
    b"200",
]
VERSIONS = [b"HTTP/1.1", b"HTTP/1.0", b"HTTP/1.2", b"HTTP/2", b"http/1.1"]

field = st.builds(lambda name, gap, value: name + b":" + gap + value,
                  st.sampled_from(NAMES), st.sampled_from([b" ", b"", b"  ", b"\t"]),
                  st.sampled_from(VALUES))  # fmt: skip
heads = st.builds(
    lambda version, code, fields: b"\r\n".join([version + b" " + code, *fields, b"", b""]),
    st.sampled_from(VERSIONS) | st.just(b"HTTP/1.1"), st.sampled_from(CODES) | st.just(b"200 OK"),
    st.lists(field, max_size=5),
)  # fmt: skip
bodies = st.sampled_from([b"", b"hello world", b"hello", b"5\r\nhello\r\n0\r\n\r\n", b"0\r\n\r\n",
                          b"5;x=y\r\nhello\r\n0\r\n\r\n",
                          b"5 ;x\r\nhello\r\n0\r\n\r\n", b"5;\x80\r\nhello\r\n0\r\n\r\n", b"5;\"\r\nhello\r\n0\r\n\r\n",
                          b"00005\r\nhello\r\n000\r\n\r\n", b"5\r\nhello\r\n0\r\nA: b\r\n\r\n",
                          b"5\nhello\r\n0\r\n\r\n",
                          b"5\r\nhello0\r\n\r\n", b"hello world" + BASE])  # fmt: skip


def mutated(source: bytes) -> st.SearchStrategy[bytes]:
    """`source` with a few of its bytes changed, removed or doubled."""
    edit = st.tuples(st.integers(0, len(source) - 1), st.sampled_from(["set", "drop", "double"]), st.integers(0, 255))

    def apply(edits: list[tuple[int, str, int]]) -> bytes:
        data = bytearray(source)
        for at, how, byte in edits:
            at = min(at, len(data) - 1)
            if how == "set":
                data[at] = byte
            elif how == "drop":
                del data[at]
            else:
                data.insert(at, data[at])
        return bytes(data)

    return st.lists(edit, min_size=1, max_size=3).map(apply)


def oracle(data: bytes, method: str = "GET") -> tuple[int, bool] | None:
    """By llhttp alone: (status, may the connection go on) when `data` is exactly one final response, else None."""
    parser = Parser(method == "HEAD")
    try:
        parser.take(data)
    except Fault:
        return None
    if not parser.complete or parser.extra:
        return None
    return parser.get_code(), parser.should_keep_alive()


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


def taught(*samples: bytes, method: str = "GET") -> Responses:
    """A memory that has seen these."""
    responses = Responses(method, MAX_BODY)
    for sample in samples:
        try:
            read_response(responses, sample, lambda: b"")
        except Fault:
            continue
    return responses


def check(responses: Responses, data: bytes, method: str = "GET") -> None:
    """If the quick way takes `data`, then llhttp does, too, and says the same."""
    framing = responses.whole(data)
    if framing is not None:
        assert oracle(data, method) == (framing.status, True), data
        assert framing.keepalive


@settings(max_examples=250, deadline=None)
@given(mutated(BASE))
def test_a_changed_response_is_never_taken_for_what_llhttp_refuses(data: bytes) -> None:
    check(taught(BASE), data)


@settings(max_examples=250, deadline=None)
@given(mutated(CHUNKS))
def test_changed_chunks_are_never_taken_for_what_llhttp_refuses(data: bytes) -> None:
    check(taught(CHUNKS), data)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(heads, bodies), min_size=1, max_size=3),
    st.tuples(heads, bodies),
    st.sampled_from(["GET", "HEAD"]),
)
@example(
    [(CHUNKS.partition(b"5\r\n")[0], b"0\r\n\r\n")],
    (CHUNKS.partition(b"5\r\n")[0], b"5;\x80\r\nhello\r\n0\r\n\r\n"),
    "GET",
)
def test_what_was_learnt_from_some_holds_for_others(
    seen: list[tuple[bytes, bytes]], then: tuple[bytes, bytes], method: str
) -> None:
    """Headers of all sorts, learnt, and then others of the same shapes or not."""
    responses = taught(*(head + body for head, body in seen), method=method)
    for head, body in [then, *((then_head, then[1]) for then_head, _ in seen)]:
        check(responses, head + body, method)


@settings(max_examples=300, deadline=None)
@given(st.lists(heads, min_size=1, max_size=3), mutated(BASE[: BASE.index(b"\r\n\r\n")]))
def test_a_block_is_never_known_by_shape_if_llhttp_refuses_it(seen: list[bytes], block: bytes) -> None:
    responses = taught(BASE, *seen)
    framing = responses.look(block)
    if framing is not None:
        parser = Parser()
        parser.take(block + b"\r\n\r\n")
        assert parser.ready
        assert parser.get_code() == framing.status


@settings(max_examples=250, deadline=None)
@given(mutated(BASE), st.sampled_from([b"0123456789abcdef", b"22 Nov", b"hello", b": 11"]), st.binary(max_size=12))
def test_a_mask_is_never_wider_than_llhttp(data: bytes, place: bytes, value: bytes) -> None:
    """Two answers that differ in one place have been seen; then comes a third, or any other."""
    responses = taught(BASE)
    for seen in (BASE.replace(place, b"x1"), BASE.replace(place, b"y22"), BASE.replace(place, value), data):
        check(responses, seen)


def test_a_value_that_differs_each_time_is_known_at_once() -> None:
    responses = taught(BASE)
    assert responses.whole(BASE.replace(b"0123456789abcdef", b"another one")) == Framing(200, 11, True)
    assert responses.whole(BASE.replace(b": 11", b": 9").replace(b"hello world", b"123456789")) == Framing(200, 9, True)


@pytest.mark.parametrize("change", [
    (b"200 OK", b"500 No"), (b"Content-Length: 11", b"Content-Length: 12"), (b"ETag", b"Connection"),
    (b"X-Request-Id", b"Transfer-Encoding"), (b"world", b"world!"), (b"world", b"worl"), (b"Date: Sun", b"Date: \x00"),
])  # fmt: skip
def test_what_matters_is_not_known_by_shape(change: tuple[bytes, bytes]) -> None:
    assert taught(BASE).whole(BASE.replace(*change)) is None


def test_a_limit_on_bodies_holds_for_known_shapes() -> None:
    responses = Responses("GET", 11)
    read_response(responses, BASE, lambda: b"")
    assert responses.whole(BASE.replace(b": 11", b": 12") + b"!") is None


@pytest.mark.parametrize(("head", "framing"), [
    (b"HTTP/1.1 200 OK\r\nContent-Length: 5", Framing(200, 5, True)),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close", Framing(200, 5, False)),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: x, Close", Framing(200, 5, False)),
    (b"HTTP/1.0 200 OK\r\nContent-Length: 5", Framing(200, 5, False)),
    (b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive", Framing(200, 5, True)),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked", Framing(200, CHUNKED, True)),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked", Framing(200, CHUNKED, True)),
    (b"HTTP/1.1 200 OK\r\nX: y", Framing(200, UNTIL_CLOSE, False)),
    (b"HTTP/1.1 204 No Content\r\nContent-Length: 5", Framing(204, 0, True)),
    (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5", Framing(304, 0, True)),
])  # fmt: skip
def test_framing_is_the_rfcs(head: bytes, framing: Framing) -> None:
    """RFC 9112, 6.3 and 9.3."""
    data = head + b"\r\n\r\n"
    assert Responses("GET", MAX_BODY).head(data, len(head)) == framing


def test_an_interim_block_is_no_response() -> None:
    head = b"HTTP/1.1 103 Early Hints\r\nLink: </a>"
    assert Responses("GET", MAX_BODY).head(head + b"\r\n\r\n", len(head)) is None


@pytest.mark.parametrize(("count", "kind"), [(256, ""), (257, "limit")])
def test_headers_are_capped(count: int, kind: str) -> None:
    head = b"HTTP/1.1 204 No Content" + b"".join(b"\r\nX-%d: y" % number for number in range(count))
    if not kind:
        assert Responses("GET", MAX_BODY).head(head + b"\r\n\r\n", len(head)) == Framing(204, 0, True)
        return
    with pytest.raises(Fault) as caught:
        Responses("GET", MAX_BODY).head(head + b"\r\n\r\n", len(head))
    assert caught.value.kind == kind


def test_the_memory_is_bounded() -> None:
    """A target whose every answer differs, in shape, too."""
    responses = Responses("GET", MAX_BODY)
    for number in range(2000):
        head = b"HTTP/1.1 200 OK\r\nX-%d: y\r\nContent-Length: 5" % number
        responses.head(head + b"\r\n\r\n", len(head))
        assert len(responses._known) <= 256
        assert len(responses._shapes) <= 4


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
    assert responses.whole(data) in (None, framing)


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


@pytest.mark.parametrize("head", [
    b"Upgrade: websocket\r\nConnection: Upgrade\r\n", b"", LENGTH, b"Upgrade: x\r\nConnection: upgrade\r\n" + CODING,
])  # fmt: skip
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
