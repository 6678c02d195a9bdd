"""What a response's header block says (RFC 9113, section 8.3), remembered by its bytes.

We allow the target no dynamic table, so a block means the same each time, on each connection.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from gluten.engine.worker.http1.response import MAX_HEAD, MAX_HEADERS
from gluten.engine.worker.http1.submodule import submodule
from gluten.engine.worker.http2.frames import COMPRESSION_ERROR, ENHANCE_YOUR_CALM, ConnectionFault, StreamFault

if TYPE_CHECKING:
    from jh2 import _hazmat

_MEMO, _LONGEST = 512, 8 << 10
NO_LENGTH = -1
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9a-z-]+")
_VALUE = re.compile(rb"(?:[^\x00\r\n\t ](?:[^\x00\r\n]*[^\x00\r\n\t ])?)?")
_STATUS = re.compile(rb"[1-9]\d\d")
_LENGTH = re.compile(rb"\d{1,15}")
_OF_ONE_CONNECTION = frozenset({b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"})

Fields = list[tuple[bytes, bytes, bool]]


class Head(NamedTuple):
    """`status` 0: these are trailers. `length`: what the head says of the body's length, or `NO_LENGTH`. `text` is the
    block in the form of HTTP/1. `fault`: why no response may have this head, else empty."""

    status: int
    length: int
    text: bytes
    fault: str = ""


class HeadMemory:
    """Of one worker. `find` gives the head of a block that is known, or None."""

    __slots__ = ("_decoder", "_error", "_known", "_oversized", "find")

    def __init__(self) -> None:
        hazmat: Any = submodule("jh2", "_hazmat")
        self._decoder: _hazmat.Decoder = hazmat.Decoder(MAX_HEAD)
        self._decoder.max_allowed_table_size = 0
        self._decoder.header_table_size = 0
        self._error, self._oversized = hazmat.HPACKError, hazmat.OversizedHeaderListError
        self._known: dict[bytes, Head] = {}
        self.find = self._known.get

    def read(self, block: bytes) -> Head:
        """The head. Raises `ConnectionFault` and `StreamFault`."""
        head = self.find(block)
        if head is None:
            head = head_of(self._fields(block))
            if len(block) <= _LONGEST:
                if len(self._known) >= _MEMO:
                    self._known.clear()
                self._known[block] = head
        if head.fault:
            raise StreamFault(head.fault)
        return head

    def _fields(self, block: bytes) -> Fields:
        try:
            fields: Fields = self._decoder.decode(block, True)
        except self._oversized:
            raise ConnectionFault(f"headers of more than {MAX_HEAD >> 10} KiB", ENHANCE_YOUR_CALM, "limit") from None
        except self._error as error:
            raise ConnectionFault(f"the target's header block is wrong: {error}", COMPRESSION_ERROR) from None
        if len(fields) > MAX_HEADERS:
            raise StreamFault(f"more than {MAX_HEADERS} headers in one response", ENHANCE_YOUR_CALM, "limit")
        return fields


def head_of(fields: Fields) -> Head:
    """The head that these fields make, or what is wrong with it."""
    statuses = [value for name, value, _ in fields if name == b":status"]
    regular = [(name, value) for name, value, _ in fields if name[:1] != b":"]
    if fault := _fault(fields, statuses, regular):
        return Head(0, NO_LENGTH, b"", fault)
    lengths = {value for name, value in regular if name == b"content-length"}
    length = int(lengths.pop()) if lengths else NO_LENGTH
    status = int(statuses[0]) if statuses else 0
    lines = [b"HTTP/1.1 %d " % status, *[b"%b: %b" % field for field in regular], b"\r\n"]
    return Head(status, length, b"\r\n".join(lines))


def _fault(fields: Fields, statuses: list[bytes], regular: list[tuple[bytes, bytes]]) -> str:
    pseudo = len(fields) - len(regular)
    if pseudo != len(statuses) or pseudo > 1 or any(name[:1] == b":" for name, _, _ in fields[pseudo:]):
        return "a header block with other pseudo-headers than one :status at its begin"
    if statuses and not _STATUS.fullmatch(statuses[0]):
        return f"the status {statuses[0][:20]!r}"
    for name, value in regular:
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            return f"a header that HTTP/2 forbids: {name[:40]!r}"
        if name in _OF_ONE_CONNECTION:
            return f"the header {name.decode()}, which HTTP/2 forbids"
    lengths = {value for name, value in regular if name == b"content-length"}
    if len(lengths) > 1 or not all(map(_LENGTH.fullmatch, lengths)):
        return "a header block with a content-length that is none"
    return ""
