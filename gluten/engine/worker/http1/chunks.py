"""Where a chunked body ends (RFC 9112, 7.1). Its bytes are counted, not kept. It takes what wrk and curl take."""

from __future__ import annotations

import re

from gluten.engine.fault import Fault
from gluten.engine.worker.http1 import plain_head
from gluten.engine.worker.http1.header_block import END, LONE_CR, plain
from gluten.engine.worker.http1.response import MAX_HEAD, MAX_HEADERS, Responses

_SIZE = rb"([0-9A-Fa-f]+)(?:[ \t;][^\r\n]*)?\r"
_PART = rb"(?:[0-9A-Fa-f]+(?:[ \t;][^\r\n]*)?\r?)?"
_FIRST, _FIRST_PART = re.compile(_SIZE + rb"\n"), re.compile(_PART)
# The line break before it ends the chunk before.
_NEXT, _NEXT_PART = re.compile(rb"\r\n" + _SIZE + rb"\n"), re.compile(rb"(?:\r(?:\n" + _PART + rb")?)?")


class Chunks:
    """Takes a chunked body in whatever pieces: `feed` it until it answers."""

    def __init__(self, responses: Responses) -> None:
        self._check = responses.check_body
        self._line, self._part = _FIRST, _FIRST_PART
        self._size = self._missing = 0
        self._kept = b""
        self._last = False

    @classmethod
    def after(cls, responses: Responses, size: int) -> Chunks:
        """For a body of which chunks of `size` bytes are read. The line break that ends the last one comes next."""
        made = cls(responses)
        made._size, made._line, made._part = size, _NEXT, _NEXT_PART
        return made

    def feed(self, data: bytes) -> bytes | None:
        """The bytes that follow the body, None before its end. Raises `Fault` (protocol, limit)."""
        data, at = self._kept + data, 0
        while not self._last:
            if self._missing > len(data) - at:
                self._missing, self._kept = self._missing - len(data) + at, b""
                return None
            at, self._missing = at + self._missing, 0
            found = self._line.match(data, at)
            if found is None:
                self._wait(data[at:])
                return None
            at = found.end()
            self._begin(int(found[1], 16))
        return self._end(data[at:])

    def _begin(self, size: int) -> None:
        """A chunk of so many bytes begins."""
        self._size += size
        self._check(self._size)
        self._missing, self._last = size, not size
        self._line, self._part = _NEXT, _NEXT_PART

    def _wait(self, rest: bytes) -> None:
        if not self._part.fullmatch(rest):
            raise Fault("protocol", "not a chunk's size", rest[:40])
        self._keep(rest)

    def _keep(self, rest: bytes) -> None:
        if len(rest) > MAX_HEAD:
            raise Fault("limit", f"a chunk's extensions or the trailers are more than {MAX_HEAD >> 10} KiB")
        self._kept = rest

    def _end(self, rest: bytes) -> bytes | None:
        """What follows the trailers, which begin with `rest`."""
        for blank in (b"\r\n", b"\n"):
            if rest.startswith(blank):
                return rest[len(blank) :]
        found = END.search(rest)
        if found is None:
            if LONE_CR.search(rest):
                raise Fault("protocol", "a carriage return alone in the trailers")
            self._keep(rest)
            return None
        _check_trailers(rest[: found.start()])
        return rest[found.end() :]


def _check_trailers(block: bytes) -> None:
    """They are fields like a header's."""
    if len(_trailers(plain(b"HTTP/1.1 200 OK\r\n" + block))) > MAX_HEADERS:
        raise Fault("limit", f"more than {MAX_HEADERS} trailers in one response")


def _trailers(block: bytes) -> list[tuple[str, str]]:
    """The fields of the block. Raises `Fault` (protocol, limit)."""
    if head := plain_head.read(block):
        return head.fields
    from gluten.engine.worker.http1.parser import Parser  # loads slowly: see plain_head

    parser = Parser()
    parser.take(block + b"\r\n\r\n")
    return parser.fields
