"""Where a response ends and what it says: framing by RFC 9112, remembered.

Four steps, each slower and more general than the one before: the same header block again (`heads`), a block that
differs from a known one only in values that do not matter to framing (`shape`), a block in its usual form
(`plain_head`), and llhttp, over the block in plain form (`header_block`). All are exact for one request method.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple

from gluten.engine.fault import Fault
from gluten.engine.worker.http1 import plain_head
from gluten.engine.worker.http1.framing import CHUNKED, UNTIL_CLOSE, Framing
from gluten.engine.worker.http1.header_block import plain
from gluten.engine.worker.http1.heads import Heads
from gluten.engine.worker.http1.mask import Mask, mask_of
from gluten.engine.worker.http1.plain_head import PlainHead
from gluten.engine.worker.http1.shape import shape_of

if TYPE_CHECKING:
    from gluten.engine.worker.http1.parser import Parser

MAX_HEAD = 64 << 10
"""Bytes of a response's header block, and the most headers in it."""
MAX_HEADERS = 256

# Seconds that the target keeps an idle connection.
_TIMEOUT = re.compile(r"(?:^|[,;\s])timeout\s*=\s*\"?(\d{1,9})", re.IGNORECASE)
_MASK_TRIES = 32
_LAST = 1.0
"""Seconds before an idle connection's end in which it is not used: a request on it could meet that end."""


class Whole(NamedTuple):
    """Of a response that came twice: one of `size` bytes that begins and ends so is whole."""

    status: int
    size: int
    begin: bytes
    end: bytes


class Responses:
    """The memory of one worker for the responses of one task. `closing`: each response ends its connection.
    `whole`: what came twice last, if `keeps_whole`.

    `rest`: seconds for which a connection may be idle and be used again, by the least `Keep-Alive: timeout=N` that the
    target has said; 0 or below: none may.
    """

    def __init__(self, method: str, max_body: int, closing: bool = False, keeps_whole: bool = True) -> None:
        self._head_only, self._tunnels = method == "HEAD", method == "CONNECT"
        self.max_body, self.closing, self.keeps_whole = max_body, closing, keeps_whole
        self.rest = math.inf
        self.whole = Whole(0, -1, b"", b"")
        self.mask: Mask | None = None
        self._before, self._tries = b"", 0
        self._heads = Heads()
        self.find = self._heads.find

    @property
    def answered(self) -> bool:
        """True once there was a response."""
        return bool(self._heads)

    @property
    def repeated(self) -> bool:
        """The head that was found last has the bytes of the one before."""
        return self._heads.repeated

    def see_again(self) -> None:
        """The head that was found last has been before, where only a mask looked at it."""
        self._heads.repeated = True

    def learn_mask(self, data: bytes, end: int, framing: Framing) -> None:
        """Compare a whole response, whose body begins at `end`, with the one before. Where no mask is found, look ever
        more seldom."""
        self._tries = 0 if self.mask is not None else self._tries + 1
        self.mask = None
        if self._tries <= _MASK_TRIES or not self._tries % _MASK_TRIES:
            self.mask = mask_of(self._before, data, end, framing)
            self._before = data

    def head(self, data: bytes, end: int) -> Framing | None:
        """The framing of the block `data[:end]` (the blank line follows), None if it is an interim one.

        Raises `Fault` (protocol, limit).
        """
        return self.look(data[:end]) or self._learn(data[:end])

    def look(self, block: bytes) -> Framing | None:
        """The framing of a header block (without its blank line) if it is known, by bytes or by shape."""
        return self._heads.look(block)

    def switches(self, status: int) -> bool:
        """Whether another protocol begins on the connection after a response of this status (RFC 9110, 7.8, 9.3.6)."""
        return status == 101 or (self._tunnels and 200 <= status < 300)

    def _learn(self, block: bytes) -> Framing | None:
        usual = plain(block)
        head = plain_head.read(usual) or self._parsed(usual)
        if head.interim:
            return None
        if len(head.fields) > MAX_HEADERS:
            raise Fault("limit", f"more than {MAX_HEADERS} headers in one response")
        length, status = self._length(head), head.get_code()
        kept = _keeps(head) and length != UNTIL_CLOSE and not self.switches(status)
        framing = Framing(status, length, kept)
        self.check_body(framing.length)
        self.rest = min(self.rest, _rest(head))
        shape = shape_of(block, framing, self.max_body, self._bodiless(status)) if usual == block else None
        self._heads.learn(block, framing, shape)
        return framing

    def _parsed(self, block: bytes) -> Parser:
        """What llhttp says of the block. Raises `Fault` (protocol, limit)."""
        from gluten.engine.worker.http1.parser import Parser  # loads slowly: see plain_head

        parser = Parser(self._head_only)
        parser.take(block + b"\r\n\r\n")
        if not (parser.ready or parser.interim):
            raise Fault("protocol", "the header block is not an HTTP response")
        return parser

    def check_body(self, size: int) -> None:
        """Raises `Fault` (limit) when a body of `size` bytes is larger than the task allows."""
        if size > self.max_body:
            raise Fault("limit", f"a body of {size} bytes is over --max-body {self.max_body}")

    def _bodiless(self, status: int) -> bool:
        """No body follows, whatever length the head says."""
        return self._head_only or status in (204, 304) or self.switches(status)

    def _length(self, head: Parser | PlainHead) -> int:
        """RFC 9112, 6.3: the length of a response's body."""
        status = head.get_code()
        if self._bodiless(status) or head.complete:
            return 0
        fields = dict(head.fields)
        coding = fields.get("transfer-encoding")
        if coding is not None:
            return CHUNKED if coding.rpartition(",")[2].strip().lower() == "chunked" else UNTIL_CLOSE
        if "content-length" in fields:
            return int(fields["content-length"])
        return UNTIL_CLOSE


def _keeps(head: Parser | PlainHead) -> bool:
    """HTTP/1.0 and 1.1 rules from the fields themselves; llhttp's own answer also weighs the body's end."""
    words = {w.strip().lower() for name, v in head.fields if name == "connection" for w in v.split(",")}
    if "close" in words:
        return False
    return head.get_http_version() != "HTTP/1.0" or "keep-alive" in words


def _rest(head: Parser | PlainHead) -> float:
    """For how many seconds a connection may be idle, by this response."""
    said = [found[1] for name, value in head.fields if name == "keep-alive" for found in _TIMEOUT.finditer(value)]
    return min((int(seconds) - _LAST for seconds in said), default=math.inf)
