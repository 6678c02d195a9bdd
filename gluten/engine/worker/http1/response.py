"""Where a response ends and what it says: framing by RFC 9112, remembered.

Three steps, each slower and more general than the one before: the same header block again (a dictionary),
a block that differs from a known one only in values that do not matter to framing (a regular expression made
from the known one), and llhttp, over the block in plain form (`header`). All three are exact for one request method:
equal bytes parse equally, and the expression admits only field values that llhttp admits too.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple

from gluten.engine.fault import Fault
from gluten.engine.worker.http1 import plain_head
from gluten.engine.worker.http1.header_block import plain
from gluten.engine.worker.http1.plain_head import PlainHead

if TYPE_CHECKING:
    from gluten.engine.worker.http1.parser import Parser

MAX_HEAD = 64 << 10
"""Bytes of a response's header block, and the most headers in it."""
MAX_HEADERS = 256
CHUNKED = -1
UNTIL_CLOSE = -2

_MEMO = 256
_SHAPES = 4
_FRAMING = frozenset({
    "transfer-encoding", "connection", "proxy-connection", "keep-alive", "upgrade", "trailer", "te",
})  # fmt: skip
# Seconds that the target keeps an idle connection; and for how many more responses, which changes with each.
_TIMEOUT = re.compile(r"(?:^|[,;\s])timeout\s*=\s*\"?(\d{1,9})", re.IGNORECASE)
_MAX = re.compile(rb"(?<=max=)\d{1,9}(?=[\s,;]|$)", re.IGNORECASE)
_LAST = 1.0
"""Seconds before an idle connection's end in which it is not used: a request on it could meet that end."""
# A field value of RFC 9110: no control characters but tab. It may be empty.
_VALUE = rb"[\t\x20-\x7e\x80-\xff]*"
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE_BYTES = bytes([9, *range(0x20, 0x7F), *range(0x80, 0x100)])
# Without extensions, which are rare and whose grammar llhttp knows better.
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,12})\r\n")


class Framing(NamedTuple):
    """Of a header block: status, body length in bytes (or CHUNKED, UNTIL_CLOSE), may the connection go on."""

    status: int
    length: int
    keepalive: bool


class Mask(NamedTuple):
    """A whole response in which one header's value varies: what stands before and after the value."""

    prefix: bytes
    suffix: bytes
    framing: Framing


class Large(NamedTuple):
    """The head of a large response, blank line included, and the bytes of the whole response."""

    head: bytes
    total: int
    framing: Framing


class Responses:
    """The memory of one worker for the responses of one task. `closing`: each response ends its connection.

    `repeated` tells of the last header block looked at whether its very bytes were known; `large` is the last
    large response that was begun. `rest`: seconds for which a connection may be idle and be used again, by the least
    `Keep-Alive: timeout=N` that the target has said; 0 or below: none may.
    """

    def __init__(self, method: str, max_body: int, closing: bool = False) -> None:
        self._head_only, self._tunnels = method == "HEAD", method == "CONNECT"
        self._max_body = max_body
        self._known: dict[bytes, Framing] = {}
        self._shapes: list[tuple[re.Pattern[bytes], Framing]] = []
        self._closing = closing
        self.repeated = False
        self.large: Large | None = None
        self.rest = math.inf
        self._mask: Mask | None = None
        self._before = b""

    @property
    def answered(self) -> bool:
        """True once there was a response."""
        return bool(self._known)

    def whole(self, data: bytes) -> Framing | None:
        """The framing when `data` is exactly one response that leaves the connection open, else None.

        The length in it is the body's real one. None also for what is malformed: the patient way finds out.
        """
        mask = self._mask
        if mask is not None and data.startswith(mask.prefix) and data.endswith(mask.suffix):
            value = data[len(mask.prefix) : len(data) - len(mask.suffix)]
            # Where they overlap, the value is empty, and the lengths do not fit.
            fits = value or len(data) == len(mask.prefix) + len(mask.suffix)
            if fits and not value.translate(None, _VALUE_BYTES):
                # The same bytes twice are no sign of a value that varies: a date, say, stays for a second.
                self.repeated, self._before = data == self._before, data
                return mask.framing
        end = data.find(b"\r\n\r\n")
        if end < 0:
            return None
        framing = self.look(data[:end])
        if framing is None or not (framing.keepalive or (self._closing and framing.length != UNTIL_CLOSE)):
            return None
        body = len(data) - end - 4
        if framing.length == body:
            if not self.repeated:
                self._learn_mask(data, end, framing)
            return framing
        if framing.length == CHUNKED and body <= self._max_body and _chunks_end(data, end + 4) == len(data):
            return framing
        return None

    def head(self, data: bytes, end: int) -> Framing | None:
        """The framing of the block `data[:end]` (the blank line follows), None if it is an interim one.

        Raises `Fault` (protocol, limit).
        """
        return self.look(data[:end]) or self._learn(data[:end])

    def switches(self, status: int) -> bool:
        """Whether another protocol begins on the connection after a response of this status (RFC 9110, 7.8, 9.3.6)."""
        return status == 101 or (self._tunnels and 200 <= status < 300)

    def look(self, block: bytes) -> Framing | None:
        """The framing of a header block (without its blank line) if it is known, by bytes or by shape."""
        known = self._known.get(block)
        self.repeated = known is not None
        if known is not None:
            return known
        for shape, framing in self._shapes:
            match = shape.fullmatch(block)
            if match:
                if match.lastindex:
                    length = int(match[1])
                    if length > self._max_body:
                        return None
                    framing = framing._replace(length=length)
                self._remember(block, framing)
                return framing
        return None

    def begin(self, data: bytes, end: int, framing: Framing) -> int:
        """Note that `data` begins a large response whose head ends at `end`; how many bytes of it are missing."""
        self.large = Large(data[: end + 4], end + 4 + framing.length, framing)
        return max(0, self.large.total - len(data))

    def note(self, data: bytes, framing: Framing) -> None:
        """`data` was a whole large response: the next of its kind need not be looked into."""
        if framing.length > 0:
            self.begin(data, data.find(b"\r\n\r\n"), framing)

    def _learn_mask(self, data: bytes, end: int, framing: Framing) -> None:
        """Compare with the response before: where one value alone differs, the rest is the mask."""
        before, self._before = self._before, data
        self._mask = _mask(before, data, end, framing)

    def _remember(self, block: bytes, framing: Framing) -> None:
        if len(self._known) >= _MEMO:
            self._known.clear()
        self._known[block] = framing

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
        self._remember(block, framing)
        if usual == block:
            self._add_shape(block, framing)
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
        if size > self._max_body:
            raise Fault("limit", f"a body of {size} bytes is over --max-body {self._max_body}")

    def _length(self, head: Parser | PlainHead) -> int:
        """RFC 9112, 6.3: the length of a response's body."""
        status = head.get_code()
        if self._head_only or status in (204, 304) or self.switches(status) or head.complete:
            return 0
        fields = dict(head.fields)
        coding = fields.get("transfer-encoding")
        if coding is not None:
            return CHUNKED if coding.rpartition(",")[2].strip().lower() == "chunked" else UNTIL_CLOSE
        if "content-length" in fields:
            return int(fields["content-length"])
        return UNTIL_CLOSE

    def _add_shape(self, block: bytes, framing: Framing) -> None:
        shape = _shape(block, framing)
        if shape is not None and all(shape.pattern != known.pattern for known, _ in self._shapes):
            self._shapes = [*self._shapes[-_SHAPES + 1 :], (shape, framing)]


def _mask(before: bytes, data: bytes, end: int, framing: Framing) -> Mask | None:
    """The mask of two responses of one shape, None unless they differ in one line of the head that is not framing."""
    old, new = before.split(b"\r\n"), data.split(b"\r\n")
    if len(old) != len(new):
        return None
    differing = [index for index, pair in enumerate(zip(old, new, strict=True)) if pair[0] != pair[1]]
    if len(differing) != 1 or not 0 < differing[0] <= data[:end].count(b"\r\n"):
        return None
    name, colon, _ = new[differing[0]].partition(b":")
    lower = name.lower().decode("latin-1")
    if not _NAME.fullmatch(name) or not colon:
        return None
    if lower in _FRAMING or lower == "content-length" or not old[differing[0]].startswith(name + colon):
        return None
    begin = len(b"\r\n".join(new[: differing[0]])) + 2 + len(name) + 1
    return Mask(data[:begin], data[begin + len(new[differing[0]]) - len(name) - 1 :], framing)


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


def _shape(block: bytes, framing: Framing) -> re.Pattern[bytes] | None:
    """An expression for blocks with the same status line and names, and any values that framing ignores."""
    lines = block.split(b"\r\n")
    parts = [re.escape(lines[0])]
    for line in lines[1:]:
        name, colon, value = line.partition(b":")
        lower = name.lower().decode("latin-1")
        if not colon or not _NAME.fullmatch(name) or b"\n" in line or b"\r" in line:
            return None
        if lower == "keep-alive":
            # By halves, for the digits alone vary: Apache counts them down.
            parts.append(rb"[0-9]{1,9}".join(map(re.escape, _MAX.split(line))))
        elif lower in _FRAMING:
            parts.append(re.escape(line))
        elif lower == "content-length":
            parts.append(re.escape(name) + (rb": ([0-9]{1,15})" if framing.length >= 0 else re.escape(colon + value)))
        else:
            parts.append(re.escape(name) + b":" + _VALUE)
    counted = framing.length > 0 or rb"([0-9]{1,15})" not in b"".join(parts)
    return re.compile(rb"\r\n".join(parts)) if counted else None


def _chunks_end(data: bytes, at: int) -> int:
    """Where a chunked body that begins at `at` ends, if all of it is there and has no trailers; else -1."""
    while True:
        match = _CHUNK.match(data, at)
        if match is None:
            return -1
        size = int(match[1], 16)
        at = match.end() + size + 2
        if at > len(data) or data[at - 2 : at] != b"\r\n":
            return -1
        if size == 0:
            return at
