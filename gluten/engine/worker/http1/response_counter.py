"""Counts the bytes of plain responses in the hub: a known head, and a body of known length or of plain chunks.

It says only what `read_response` would say. What it does not know is `ODD`, and goes to the greenlet.
"""

from __future__ import annotations

import re

from gluten.engine.worker.http1.chunks import Chunks
from gluten.engine.worker.http1.framing import CHUNKED, UNTIL_CLOSE, Framing
from gluten.engine.worker.http1.response import Responses, Whole

ODD = -1
_END = b"\r\n0\r\n\r\n"
# The line break before a size ends the chunk before, or the head. Extensions and trailers are odd.
_LINE = re.compile(rb"\r\n([0-9A-Fa-f]{1,12})\r\n").match
_PART = re.compile(rb"\r?|\r\n(?:[0-9A-Fa-f]{1,12}\r?|0\r\n\r?)?").fullmatch


class ResponseCounter:
    """Of one connection: `begin` with the first read of a response, then `go_on` with each further read.

    Both return how many bytes are missing at least: exactly so many where the length is known, 0 at the end. `framing`
    is that of the response. When `go_on` finds chunks `ODD`, `rest` is what `chunks` has to be fed.
    """

    __slots__ = ("_before", "_kept", "_responses", "_size", "_skip", "framing", "rest")

    def __init__(self, responses: Responses) -> None:
        self._responses = responses
        self.framing = Framing(0, 0, False)
        self._size = self._skip = self._before = 0
        self._kept = self.rest = b""

    def use(self, responses: Responses) -> None:
        """The next response is to another request."""
        self._responses = responses

    def begin(self, data: bytes) -> int:
        mask = self._responses.mask
        if mask is not None and mask.fits(data):
            self.framing = mask.framing
            return 0
        found = self._responses.find(data)
        if found is None:
            return ODD
        if mask is not None and mask.last == data:
            self._responses.see_again()
        end, self.framing = found
        _, length, keepalive = self.framing
        if not keepalive and (length == UNTIL_CLOSE or not self._responses.closing):
            return ODD
        if length == CHUNKED:
            self._size = 0
            missing = self._count(data, end - 2)
        else:
            missing = end + length - len(data)
        if not missing:
            self._remember(data, end)
        return missing if missing >= 0 else ODD

    def _remember(self, data: bytes, end: int) -> None:
        """A whole response, whose body begins at `end`."""
        if not self._responses.repeated:
            if self.framing.length != CHUNKED:
                self._responses.learn_mask(data, end, self.framing)
        elif self._responses.keeps_whole:
            self._learn(data, end)

    def _learn(self, data: bytes, end: int) -> None:
        """A whole response, whose head came before. If its length did, too, it is worth remembering."""
        responses, size = self._responses, len(data)
        before, self._before = self._before, size
        known = responses.whole
        if size == before and not (size == known.size and known.begin.startswith(data[:end])):
            responses.whole = Whole(self.framing.status, size, *self._marks(data, end))

    def _marks(self, data: bytes, end: int) -> tuple[bytes, bytes]:
        """The beginning and the end by which a response of this length is known to be whole."""
        if self.framing.length != CHUNKED:
            return data[:end], b""
        line = _LINE(data, end - 2)
        if line is not None and line.end() + int(line[1], 16) + len(_END) == len(data):
            return data[: line.end()], _END
        return data, b""

    def go_on(self, data: bytes) -> int:
        """Of chunks alone."""
        if self._kept:
            return self._count(self._kept + data, 0)
        if self._skip >= len(data):
            self._skip -= len(data)
            return self._skip or 1
        return self._count(data, self._skip)

    def _count(self, data: bytes, at: int) -> int:
        """Go from chunk to chunk. At `at` the data of one has ended."""
        length, size = len(data), self._size
        last = length - len(_END)
        while at < length:
            if at == last and data.endswith(_END):
                return 0
            found = _LINE(data, at)
            chunk = int(found[1], 16) if found is not None else 0
            if found is None or not chunk or size + chunk > self._responses.max_body:
                break
            size += chunk
            at = found.end() + chunk
        self._size, self._kept = size, b""
        if at >= length:
            self._skip = at - length
            return self._skip or 1
        return self._keep(data[at:])

    def _keep(self, rest: bytes) -> int:
        """The read ended within a line, or what comes is odd."""
        if _PART(rest):
            self._kept = rest
            return 1
        self.rest = rest
        return ODD

    def chunks(self) -> Chunks:
        """What reads on after `ODD`."""
        return Chunks.after(self._responses, self._size)
