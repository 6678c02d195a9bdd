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
_BLANK = b"\r\n\r\n"
_NONE = b"\0"
"""No response begins so."""
_INTERIM = re.compile(rb"HTTP/1\.\d 1(?!01)\d\d")


class LastHead:
    """The header block that came last in its usual form: what is known of it is known of the next one like it.

    `size` are its bytes with the blank line. `plain`: see `Response`. `gives_cookies`: it may set a cookie."""

    __slots__ = ("_block", "gives_cookies", "plain", "size")

    def __init__(self) -> None:
        self._block = _NONE
        self.size, self.plain, self.gives_cookies = 0, True, False

    def begins(self, data: bytes) -> bool:
        """Whether `data` begins with a block in the usual form. The fields tell of that one then."""
        return data.startswith(self._block) or self._look(data)

    def _look(self, data: bytes) -> bool:
        usual = _usual(data)
        if usual is None:
            return False
        low = usual[0].lower()
        self._block = data[: len(low) + len(_BLANK)]
        self.size, self.plain, self.gives_cookies = len(self._block), _is_plain(low), b"set-cookie" in low
        return True

    def response(self, status: int, data: bytes, chunked: bool, time: float) -> Response:
        """What `response_of` gives. Little is to be done for a block that came before."""
        if chunked or not self.begins(data):
            return response_of(status, data, chunked, time)
        size = self.size
        return Response(status, lambda: headers_of(data[:size]), data[size:], time, self.plain)


def response_of(status: int, data: bytes, chunked: bool, time: float = 0.0) -> Response:
    """The final response in `data`, which may begin with interim ones (1xx)."""
    head, body = parted(data)
    plain = _is_plain(head.lower())
    return Response(status, partial(headers_of, head), dechunked(body) if chunked else body, time, plain)


def _is_plain(low: bytes) -> bool:
    """Of a header block in lower case: it names neither a coding nor a charset."""
    return b"content-encoding" not in low and b"charset" not in low


def gives_cookies(data: bytes) -> bool:
    """Whether the response in `data` may set a cookie: never false where it does."""
    head = data[: data.find(b"\r\n\r\n")] if data.startswith(_FINAL) else data
    return b"set-cookie" in head.lower()


def parted(data: bytes) -> tuple[bytes, bytes]:
    """The final response's header block, and what follows it."""
    usual = _usual(data)
    if usual is not None:
        return usual
    while True:
        data = data.lstrip(b"\r\n")
        end = END.search(data)
        if end is None:
            return data, b""
        if not _INTERIM.match(data):
            return data[: end.start()], data[end.end() :]
        data = data[end.end() :]


def _usual(data: bytes) -> tuple[bytes, bytes] | None:
    """The same where the response has its usual form, at a third of the price."""
    if not data.startswith(_FINAL):
        return None
    head, blank, body = data.partition(_BLANK)
    return (head, body) if blank and b"\n\n" not in head and b"\n\r\n" not in head else None


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
