"""Answers are rendered for each combination of request flags, and drawn exactly as scripted."""

from collections import Counter

from gluten.target.incoming import HEAD, HTTP10, KEEP_ALIVE
from gluten.target.scripted_answer import Answer, Script, filler, in_chunks
from gluten.target.target_options import parse_options


def test_a_plain_answer_has_its_length() -> None:
    assert Answer(200, b"hello", (("A", "b"),)).whole(KEEP_ALIVE) == (
        b"HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 5\r\n\r\nhello"
    )


def test_head_has_the_headers_alone() -> None:
    assert Answer(200, b"hello").whole(HEAD | KEEP_ALIVE) == b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"


def test_chunked_is_for_http_1_1_alone() -> None:
    answer = Answer(200, b"hello", chunked=True)
    assert answer.whole(KEEP_ALIVE).endswith(b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
    assert answer.whole(HTTP10).endswith(b"Content-Length: 5\r\nConnection: close\r\n\r\nhello")


def test_statuses_without_a_body_have_none() -> None:
    assert Answer(204, b"hello", chunked=True).whole(KEEP_ALIVE) == b"HTTP/1.1 204 No Content\r\n\r\n"
    assert Answer(304, b"hello").whole(KEEP_ALIVE) == b"HTTP/1.1 304 Not Modified\r\n\r\n"


def test_an_http_1_0_answer_says_that_the_connection_is_kept() -> None:
    assert b"Connection: keep-alive\r\n" in Answer(200, b"").whole(HTTP10 | KEEP_ALIVE)


def test_a_header_fits_between_the_two_pieces() -> None:
    head, tail = Answer(200, b"hello").split(KEEP_ALIVE)
    assert head + b"X: 1\r\n" + tail == b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: 1\r\n\r\nhello"


def test_a_body_is_as_long_as_asked() -> None:
    assert [len(filler(size)) for size in (0, 1, 11, 12, 10240)] == [0, 1, 11, 12, 10240]
    assert filler(11) == b"hello world"


def test_chunks_are_16_kib() -> None:
    assert in_chunks(b"x" * 16385) == b"4000\r\n" + b"x" * 16384 + b"\r\n1\r\nx\r\n0\r\n\r\n"


def test_a_thousand_draws_are_exactly_the_script() -> None:
    script = Script(parse_options(delay="900x10ms,90x50ms,9x200ms,1x1s", status="99x200,1x503"))
    drawn = [script.next() for _ in range(1000)]
    assert Counter(delay for delay, _ in drawn) == {0.01: 900, 0.05: 90, 0.2: 9, 1.0: 1}
    assert Counter(answer.status for _, answer in drawn) == {200: 990, 503: 10}


def test_one_in_a_hundred_is_reset() -> None:
    script = Script(parse_options(reset="1/100"))
    resets = [script.resets_next() for _ in range(1000)]
    assert [sum(resets[at : at + 100]) for at in range(0, 1000, 100)] == [1] * 10
