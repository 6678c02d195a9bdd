"""Reads one response in whatever pieces and forms it comes. The slow, general way; see `lane` for the fast one."""

from __future__ import annotations

from collections.abc import Callable

from gluten.engine.connection import MAX_INTERIM
from gluten.engine.fault import Fault
from gluten.engine.response import CHUNKED, MAX_HEAD, Framing, Responses

_START = b"HTTP/1."
_TLS_ALERT = b"\x15\x03"

More = Callable[[], bytes]


def read_response(responses: Responses, data: bytes, more: More) -> tuple[Framing, int]:
    """The framing of the final response and all bytes read for it, interim responses included.

    `data` is what came first, `more()` gives the next bytes and b"" at the end. Raises `Fault` (protocol, limit,
    read, and what `more` raises).
    """
    before, framing, data, end = _head(responses, data, more)
    body = len(data) - end
    if framing.length >= 0:
        size = _counted(framing.length, body, more)
    elif framing.length == CHUNKED:
        size = _chunked(responses, data, more) - end
    else:
        size = _until_close(responses, body, more)
    return framing, before + end + size


def _head(responses: Responses, data: bytes, more: More) -> tuple[int, Framing, bytes, int]:
    """(bytes of interim responses, framing, the final response's bytes so far, where its body begins)."""
    before = 0
    for _ in range(MAX_INTERIM + 1):
        data, end = _block(data, more)
        framing = responses.head(data, end)
        if framing is not None:
            return before, framing, data, end + 4
        before += end + 4
        data = data[end + 4 :]
    raise Fault("limit", f"more than {MAX_INTERIM} interim (1xx) responses")


def _block(data: bytes, more: More) -> tuple[bytes, int]:
    """`data` with more until it holds a whole header block, and where the block's blank line begins."""
    while True:
        if data.startswith(_TLS_ALERT):
            raise Fault("protocol", "the target speaks TLS on this port: ask for https://")
        if not data.startswith(_START[: len(data)]):
            raise Fault("protocol", f"not an HTTP/1 response: {data[:40]!r}")
        end = data.find(b"\r\n\r\n")
        if end > MAX_HEAD or (end < 0 and len(data) > MAX_HEAD):
            raise Fault("limit", f"a header block of more than {MAX_HEAD >> 10} KiB")
        if end >= 0:
            return data, end
        if b"\n\n" in data:
            raise Fault("protocol", "header lines end without a carriage return")
        piece = more()
        if not piece:
            raise Fault("read", "the target closed the connection in the middle of the headers")
        data += piece


def _counted(length: int, body: int, more: More) -> int:
    while body < length:
        piece = more()
        if not piece:
            raise Fault("read", f"the target closed the connection after {body} of {length} bytes of a body")
        body += len(piece)
    if body > length:
        raise Fault("protocol", f"{body - length} bytes after the end of the response")
    return length


def _chunked(responses: Responses, data: bytes, more: More) -> int:
    parser = responses.parser()
    size = 0
    while True:
        parser.take(data)
        size += len(data)
        responses.check_body(parser.body)
        if parser.extra:
            raise Fault("protocol", "bytes after the end of the response")
        if parser.complete:
            return size
        data = more()
        if not data:
            raise Fault("read", "the target closed the connection in the middle of a chunked body")


def _until_close(responses: Responses, body: int, more: More) -> int:
    while True:
        responses.check_body(body)
        piece = more()
        if not piece:
            return body
        body += len(piece)
