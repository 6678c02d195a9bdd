"""Reads one response in any pieces and forms. This is the slow, general way; `read_callbacks` has the fast one."""

from __future__ import annotations

from collections.abc import Callable

from gluten.engine.fault import Fault
from gluten.engine.worker.http1.chunks import Chunks
from gluten.engine.worker.http1.framing import CHUNKED, Framing
from gluten.engine.worker.http1.header_block import END, LONE_CR, MAX_INTERIM
from gluten.engine.worker.http1.response import MAX_HEAD, Responses

_START = b"HTTP/1."
_TLS_ALERT = b"\x15\x03"
BLANK = b"\r\n"
"""Line breaks between two responses belong to neither; old servers send them after a body."""

More = Callable[[], bytes]


def read_response(responses: Responses, data: bytes, more: More) -> tuple[Framing, int]:
    """The framing of the final response and all bytes read for it, interim responses included.

    `data` is what came first, `more()` gives the next bytes and b"" at the end. Raises `Fault` (protocol, limit,
    read, and what `more` raises).
    """
    before, framing, data = _head(responses, data, more)
    if responses.switches(framing.status):
        # What follows is the other protocol's.
        size = len(data)
    elif framing.length >= 0:
        size = _counted(framing.length, data, more)
    elif framing.length == CHUNKED:
        size = read_chunks(Chunks(responses), data, more)
    else:
        size = _until_close(responses, len(data), more)
    return framing, before + size


def _head(responses: Responses, data: bytes, more: More) -> tuple[int, Framing, bytes]:
    """(bytes up to the final response's body, framing, the body's bytes so far)."""
    before = 0
    for _ in range(MAX_INTERIM + 1):
        skipped, block, rest = _block(data, more)
        framing = responses.head(block, len(block))
        before += skipped
        data = rest
        if framing is not None:
            return before, framing, data
    raise Fault("limit", f"more than {MAX_INTERIM} interim (1xx) responses")


def _block(data: bytes, more: More) -> tuple[int, bytes, bytes]:
    """(bytes up to the end of the next header block's blank line, the block without it, what follows)."""
    read = len(data)
    while True:
        data = data.lstrip(BLANK)
        found = END.search(data)
        end = found.start() if found else -1
        _check_block(data, read, end)
        if found:
            return read - len(data) + found.end(), data[:end], data[found.end() :]
        piece = more()
        if not piece:
            raise Fault("read", "the target closed the connection in the middle of the headers")
        read += len(piece)
        data += piece


def _check_block(data: bytes, read: int, end: int) -> None:
    """What came of a block, which ends at `end` (-1: not yet); it is `read` bytes with the blank lines before it."""
    if data.startswith(_TLS_ALERT):
        raise Fault("protocol", "the target speaks TLS on this port: ask for https://")
    if not data.startswith(_START[: len(data)]):
        raise Fault("protocol", "not an HTTP/1 response", data[:40])
    if end > MAX_HEAD or (end < 0 and read > MAX_HEAD):
        raise Fault("limit", f"a header block of more than {MAX_HEAD >> 10} KiB")
    if end < 0 and LONE_CR.search(data):
        raise Fault("protocol", "a carriage return alone in the header lines")


def _counted(length: int, data: bytes, more: More) -> int:
    body = len(data)
    while body < length:
        data = more()
        if not data:
            raise Fault("read", f"the target closed the connection after {body} of {length} bytes of a body")
        body += len(data)
    _check_rest(data[len(data) - (body - length) :])
    return body


def read_chunks(chunks: Chunks, data: bytes, more: More) -> int:
    """All bytes that are read to the body's end, `data` included. Raises what `read_response` raises."""
    size = len(data)
    while (rest := chunks.feed(data)) is None:
        data = more()
        if not data:
            raise Fault("read", "the target closed the connection in the middle of a chunked body")
        size += len(data)
    _check_rest(rest)
    return size


def _check_rest(rest: bytes) -> None:
    if rest.strip(BLANK):
        raise Fault("protocol", f"{len(rest)} bytes after the end of the response")


def _until_close(responses: Responses, body: int, more: More) -> int:
    while True:
        responses.check_body(body)
        piece = more()
        if not piece:
            return body
        body += len(piece)
