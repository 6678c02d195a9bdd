"""A request is refused if two readers could see its end at different places."""

import pytest

from gluten.net.door.framing import framing_error

HOST = b"Host: a\r\n"
CHUNKED, TWO = b"Transfer-Encoding: chunked\r\n", b"Content-Length: 2\r\n"


@pytest.mark.parametrize(
    "lines",
    [
        [HOST],
        [b"Host:\r\n"],
        [HOST, TWO],
        [b"host:a\n", b"CONTENT-LENGTH:2 \r\n"],
        [HOST, CHUNKED],
        [HOST, b"transfer-encoding: Chunked\r\n"],
        [HOST, b"Cookie: a=b\r\n", b"Cookie: c=d\r\n", b"X: \xe9\t\r\n", b"Y:\r\n"],
    ],
)
def test_what_all_read_alike_is_taken(lines: list[bytes]) -> None:
    assert framing_error(lines) == ""


@pytest.mark.parametrize(
    "lines",
    [
        [CHUNKED, TWO],
        [TWO, CHUNKED],
        [TWO, TWO],
        [TWO, b"content-length: 30\r\n"],
        [CHUNKED, CHUNKED],
        [b"Transfer-Encoding: xchunked\r\n"],
        [b"Transfer-Encoding: identity, chunked\r\n"],
        [b"Transfer-Encoding: chunked, identity\r\n"],
        [b"Transfer-Encoding : chunked\r\n"],
        [b"Transfer-Encoding\t: chunked\r\n"],
        [b"Transfer-Encoding:\r\n", b" chunked\r\n"],
        [b"X: a\rTransfer-Encoding: chunked\r\n"],
        [b"X: a\0b\r\n"],
        [b"X: a\x0bb\r\n"],
        [b"nonsense\r\n", TWO],
        [b": a\r\n"],
        [b"Content-Length: +2\r\n"],
        [b"Content-Length: -2\r\n"],
        [b"Content-Length: 1_0\r\n"],
        [b"Content-Length: 2, 2\r\n"],
        [b"Content-Length: 0x2\r\n"],
        [b"Content-Length: \xb2\r\n"],
        [b"Content-Length:\r\n"],
        [b"Content-Length: 2"],
    ],
)
def test_what_two_could_read_differently_is_refused(lines: list[bytes]) -> None:
    assert framing_error([HOST, *lines]) != ""


@pytest.mark.parametrize(
    ("lines", "version", "said"),
    [
        ([], "HTTP/1.1", "Host: it is missing"),
        ([TWO], "HTTP/1.1", "Host: it is missing"),
        ([HOST, HOST], "HTTP/1.1", "Host: it must be given once"),
        ([HOST, b"host: b\r\n"], "HTTP/1.0", "Host: it must be given once"),
        ([], "HTTP/1.0", ""),
        ([HOST], "HTTP/1.0", ""),
    ],
)
def test_http_1_1_needs_one_host(lines: list[bytes], version: str, said: str) -> None:
    assert framing_error(lines, version) == said


def test_chunks_are_of_http_1_1_alone() -> None:
    assert framing_error([CHUNKED], "HTTP/1.0") != ""


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (b"Authorization : Bearer sesame\r\n", "Authorization"),
        (b"Authorization\t:sesame\r\n", "Authorization"),
        (b" Bearer sesame\r\n", ""),
        (b"sesame\r\n", ""),
        (b"X-Key: sesame\0\r\n", "X-Key"),
        (b"Bearer sesame: 5\r\n", "Bearer"),
    ],
)
def test_of_a_line_that_is_refused_no_value_is_repeated(line: bytes, shown: str) -> None:
    said = framing_error([line])
    assert "sesame" not in said
    assert f"'{shown}'" in said
