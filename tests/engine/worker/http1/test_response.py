"""What the quick ways say of a response is what llhttp says, or nothing. Nothing is ever guessed."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gluten.engine.fault import Fault
from gluten.engine.worker.http1.framing import CHUNKED, UNTIL_CLOSE, Framing
from gluten.engine.worker.http1.full_response import read_response
from gluten.engine.worker.http1.header_block import plain
from gluten.engine.worker.http1.parser import Parser
from gluten.engine.worker.http1.response import Responses
from tests.support.engine.responses import BASE, CHUNKS, MAX_BODY, mutated, oracle, taught, whole

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


field = st.builds(
    lambda name, gap, value: name + b":" + gap + value,
    st.sampled_from(NAMES),
    st.sampled_from([b" ", b"", b"  ", b"\t"]),
    st.sampled_from(VALUES),
)


heads = st.builds(
    lambda version, code, fields: b"\r\n".join([version + b" " + code, *fields, b"", b""]),
    st.sampled_from(VERSIONS) | st.just(b"HTTP/1.1"),
    st.sampled_from(CODES) | st.just(b"200 OK"),
    st.lists(field, max_size=5),
)


bodies = st.sampled_from([b"", b"hello world", b"hello", b"5\r\nhello\r\n0\r\n\r\n", b"0\r\n\r\n",
                          b"5;x=y\r\nhello\r\n0\r\n\r\n",
                          b"5 ;x\r\nhello\r\n0\r\n\r\n", b"5;\x80\r\nhello\r\n0\r\n\r\n", b"5;\"\r\nhello\r\n0\r\n\r\n",
                          b"00005\r\nhello\r\n000\r\n\r\n", b"5\r\nhello\r\n0\r\nA: b\r\n\r\n",
                          b"5\nhello\r\n0\r\n\r\n",
                          b"5\r\nhello0\r\n\r\n", b"hello world" + BASE])  # fmt: skip


TWO_LENGTHS = b"HTTP/1.1 204 X\r\nContent-Length: %d\r\nContent-Length: %d\r\n\r\n"


def check(responses: Responses, data: bytes, method: str = "GET") -> None:
    """If the quick way takes `data`, then llhttp does, too, and says the same."""
    framing = whole(responses, data)
    if framing is not None:
        # llhttp refuses a length that comes twice, which RFC 9110 (8.6) allows while both are equal.
        head, blank, body = data.partition(b"\r\n\r\n")
        assert oracle(plain(head) + blank + body, method) == (framing.status, True), data
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
@example([(TWO_LENGTHS % (1, 1), b"")], (TWO_LENGTHS % (1, 2), b""), "GET")
@example([(TWO_LENGTHS % (1, 1), b"")], (TWO_LENGTHS % (1, 2), b""), "HEAD")
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
    assert whole(responses, BASE.replace(b"0123456789abcdef", b"another one")) == Framing(200, 11, True)
    assert whole(responses, BASE.replace(b": 11", b": 9").replace(b"hello world", b"123456789")) == Framing(
        200, 9, True
    )


@pytest.mark.parametrize("change", [
    (b"200 OK", b"500 No"), (b"Content-Length: 11", b"Content-Length: 12"), (b"ETag", b"Connection"),
    (b"X-Request-Id", b"Transfer-Encoding"), (b"world", b"world!"), (b"world", b"worl"), (b"Date: Sun", b"Date: \x00"),
])  # fmt: skip
def test_what_matters_is_not_known_by_shape(change: tuple[bytes, bytes]) -> None:
    assert whole(taught(BASE), BASE.replace(*change)) is None


def test_a_limit_on_bodies_holds_for_known_shapes() -> None:
    responses = Responses("GET", 11)
    read_response(responses, BASE, lambda: b"")
    assert whole(responses, BASE.replace(b": 11", b": 12") + b"!") is None


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
        assert len(responses._heads._known) <= 256
        assert len(responses._heads._shapes) <= 4
