"""A response's bytes as checks see them. Its framing was found sound before, so this only takes it apart.

Sources: RFC 9112, sections 2 (message), 5 (fields), 7.1 (chunks).
"""

from __future__ import annotations

import re
from functools import partial

from gluten.engine.worker.http1.header_block import END
from gluten.workload.checks.response import Response

_LINE = re.compile(rb"\r?\n")
_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,12})")
_FINAL = (b"HTTP/1.1 2", b"HTTP/1.1 3", b"HTTP/1.1 4", b"HTTP/1.1 5")
_INTERIM = re.compile(rb"HTTP/1\.\d 1(?!01)\d\d")


def response_of(status: int, data: bytes, chunked: bool, time: float = 0.0) -> Response:
    """The final response in `data`, which may begin with interim ones (1xx)."""
    head, body = parted(data)
    low = head.lower()
    plain = b"content-encoding" not in low and b"charset" not in low
    return Response(status, partial(headers_of, head), dechunked(body) if chunked else body, time, plain)


def gives_cookies(data: bytes) -> bool:
    """Whether the response in `data` may set a cookie: never false where it does."""
    head = data[: data.find(b"\r\n\r\n")] if data.startswith(_FINAL) else data
    return b"set-cookie" in head.lower()


def parted(data: bytes) -> tuple[bytes, bytes]:
    """The final response's header block, and what follows it."""
    if data.startswith(_FINAL):
        # The usual form, at a third of the price.
        head, blank, body = data.partition(b"\r\n\r\n")
        if blank and b"\n\n" not in head and b"\n\r\n" not in head:
            return head, body
    while True:
        data = data.lstrip(b"\r\n")
        end = END.search(data)
        if end is None:
            return data, b""
        if not _INTERIM.match(data):
            return data[: end.start()], data[end.end() :]
        data = data[end.end() :]


def headers_of(head: bytes) -> list[tuple[str, str]]:
    """Names and values, in their order. What is not UTF-8 is read as Latin-1."""
    found: list[tuple[str, str]] = []
    for line in _LINE.split(head)[1:]:
        name, colon, value = line.partition(b":")
        if colon:
            found.append((name.strip().decode("latin-1"), _text(value.strip())))
    return found


def dechunked(body: bytes) -> bytes:
    """The data of the chunks, as far as they were kept."""
    found, at = [], 0
    while (size := _SIZE.match(body, at)) is not None:
        start = body.find(b"\n", size.end()) + 1
        count = int(size[1], 16)
        if not start or not count:
            break
        found.append(body[start : start + count])
        at = start + count
        # A line break ends the chunk's data.
        at += 2 if body.startswith(b"\r\n", at) else 1
    return b"".join(found)


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
