"""A regular expression made from a known header block. It takes the blocks that say the same of the body.

It is exact for one request method: the values that it lets vary have no say in framing, and it admits only those that
llhttp admits too.
"""

from __future__ import annotations

import re

from gluten.engine.worker.http1.framing import Framing

_MEMO = 256
_FRAMING = frozenset({
    "transfer-encoding", "connection", "proxy-connection", "keep-alive", "upgrade", "trailer", "te",
})  # fmt: skip
_MAX = re.compile(rb"(?<=max=)\d{1,9}(?=[\s,;]|$)", re.IGNORECASE)
# A field value of RFC 9110: no control characters but tab. It may be empty.
_VALUE = rb"[\t\x20-\x7e\x80-\xff]*"
_LENGTH = rb"([0-9]{1,15})"
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class Shape:
    """A status line and the names of fields, with any values that framing ignores. `pattern` tells shapes apart."""

    __slots__ = ("_counted", "_framing", "_framings", "_match", "_max_body", "pattern")

    def __init__(self, pattern: bytes, framing: Framing, max_body: int) -> None:
        self.pattern, self._framing, self._max_body = pattern, framing, max_body
        self._match = re.compile(pattern + rb"\r\n\r\n").match
        self._counted = _LENGTH in pattern
        self._framings: dict[bytes, Framing] = {}

    def find(self, data: bytes) -> tuple[int, Framing] | None:
        """(bytes of the head with its blank line, framing) when `data` begins with a head of this shape."""
        match = self._match(data)
        if match is None:
            return None
        if not self._counted:
            return match.end(), self._framing
        framing = self._framings.get(match[1]) or self._of_length(match[1])
        return None if framing is None else (match.end(), framing)

    def _of_length(self, digits: bytes) -> Framing | None:
        """The framing with this length, None if a body may not be so long."""
        if int(digits) > self._max_body:
            return None
        if len(self._framings) >= _MEMO:
            self._framings.clear()
        made = self._framings[digits] = self._framing._replace(length=int(digits))
        return made


def shape_of(block: bytes, framing: Framing, max_body: int, bodiless: bool) -> Shape | None:
    """The shape of a block in plain form, None if it has a line that no shape can hold.

    `bodiless`: by method or status no body follows, whatever length the block says.
    """
    first, *lines = block.split(b"\r\n")
    parts = [re.escape(first)]
    for line in lines:
        part = _part(line, framing, bodiless)
        if part is None:
            return None
        parts.append(part)
    return Shape(rb"\r\n".join(parts), framing, max_body)


def is_free(line: bytes) -> bool:
    """Whether framing ignores the value of this header line, so that it may vary."""
    name, colon, _ = line.partition(b":")
    lower = name.lower().decode("latin-1")
    return bool(colon and _NAME.fullmatch(name)) and lower not in _FRAMING and lower != "content-length"


def _part(line: bytes, framing: Framing, bodiless: bool) -> bytes | None:
    """The expression of a field's line."""
    name, colon, _ = line.partition(b":")
    lower = name.lower().decode("latin-1")
    if not colon or not _NAME.fullmatch(name) or b"\n" in line or b"\r" in line:
        return None
    if lower == "keep-alive":
        # By halves, for the digits alone vary: Apache counts them down.
        return rb"[0-9]{1,9}".join(map(re.escape, _MAX.split(line)))
    if lower in _FRAMING:
        return re.escape(line)
    if lower == "content-length" and bodiless:
        return re.escape(name) + rb": [0-9]{1,15}"
    if lower == "content-length":
        return re.escape(name) + rb": " + _LENGTH if framing.length > 0 else re.escape(line)
    return re.escape(name) + b":" + _VALUE
