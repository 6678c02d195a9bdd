"""What a response's header block says (RFC 9113, section 8.3), remembered by its bytes.

We allow the target no dynamic table, so a block means the same each time, on each connection.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from gluten.engine.worker.http2.frames import StreamFault
from gluten.engine.worker.http2.header_fields import (
    FIRST_TABLE,
    Field,
    FieldMemory,
    FieldTable,
    inserts,
    pieces,
    resizes,
)
from gluten.engine.worker.http2.request_block import OF_ONE_CONNECTION

_MEMO, _LONGEST = 512, 8 << 10
NO_LENGTH = -1
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9a-z-]+")
_VALUE = re.compile(rb"(?:[^\x00\r\n\t ](?:[^\x00\r\n]*[^\x00\r\n\t ])?)?")
_STATUS = re.compile(rb"[1-9]\d\d")
_LENGTH = re.compile(rb"\d{1,15}")


class Head(NamedTuple):
    """`status` 0: these are trailers. `length`: what the head says of the body's length, or `NO_LENGTH`. `text` is the
    block in the form of HTTP/1. `fault`: why no response may have this head, else empty."""

    status: int
    length: int
    text: bytes
    fault: str = ""


class HeadMemory:
    """Of one worker. `find` gives the head of a block that is known, or None."""

    __slots__ = ("_fields", "_known", "find")

    def __init__(self) -> None:
        self._fields = FieldMemory()
        self._known: dict[bytes, Head] = {}
        self.find = self._known.get

    def read(self, block: bytes) -> Head:
        """The head, which may be a wrong one. Raises `ConnectionFault`."""
        head = self.find(block)
        if head is None:
            head = head_of(self._fields.fields(block))
            if len(block) <= _LONGEST:
                if len(self._known) >= _MEMO:
                    self._known.clear()
                self._known[block] = head
        return head


class HeadReader:
    """Of one connection. `find` gives the head of a block that is known, or None. `stateless`: the target keeps no
    dynamic table, so a block means what it means on every other connection. `keeps_table`: it does keep one. Neither
    is known until a block says so: who keeps none says that first, or puts nothing into it."""

    __slots__ = ("_known", "_memory", "_table", "find", "keeps_table", "stateless")

    def __init__(self, memory: HeadMemory) -> None:
        self._memory, self._table = memory, FieldTable()
        self.stateless = self.keeps_table = False
        self._known: dict[bytes, Head] = {}
        self.find: Callable[[bytes], Head | None] = self._known.get

    def read(self, block: bytes) -> Head:
        """The head. Raises `ConnectionFault` and `StreamFault`."""
        if not self.stateless and not self.keeps_table:
            self._decide(block)
        if self.keeps_table:
            head = self._kept(block)
        else:
            head = self._memory.read(block)
            if not self.stateless and len(self._known) < _MEMO:
                self._known[block] = head
        if head.fault:
            raise StreamFault(head.fault)
        return head

    def _decide(self, block: bytes) -> None:
        found = list(pieces(block, FIRST_TABLE))
        if found and resizes(found[0]):
            self.stateless, self.find = True, self._memory.find
        elif any(map(inserts, found)):
            self.keeps_table = True
            self._known.clear()

    def _kept(self, block: bytes) -> Head:
        """Where there is a table, a block means the same until a field is put into that."""
        known = self._known
        head = known.get(block)
        if head is None:
            head = head_of(self._table.fields(block))
            changes = any(inserts(piece) or resizes(piece) for piece in pieces(block, FIRST_TABLE))
            if changes or len(known) >= _MEMO:
                known.clear()
            if not changes:
                known[block] = head
        return head


def head_of(fields: Sequence[Field]) -> Head:
    """The head that these fields make, or what is wrong with it."""
    statuses = [value for name, value in fields if name == b":status"]
    regular = [(name, value) for name, value in fields if name[:1] != b":"]
    if fault := _fault(fields, statuses, regular):
        return Head(0, NO_LENGTH, b"", fault)
    lengths = {value for name, value in regular if name == b"content-length"}
    length = int(lengths.pop()) if lengths else NO_LENGTH
    status = int(statuses[0]) if statuses else 0
    lines = [b"HTTP/1.1 %d " % status, *[b"%b: %b" % field for field in regular], b"\r\n"]
    return Head(status, length, b"\r\n".join(lines))


def _fault(fields: Sequence[Field], statuses: Sequence[bytes], regular: Sequence[Field]) -> str:
    pseudo = len(fields) - len(regular)
    if pseudo != len(statuses) or pseudo > 1 or any(name[:1] == b":" for name, _ in fields[pseudo:]):
        return "a header block with other pseudo-headers than one :status at its begin"
    if statuses and not _STATUS.fullmatch(statuses[0]):
        return f"the status {statuses[0][:20]!r}"
    for name, value in regular:
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            return f"a header that HTTP/2 forbids: {name[:40]!r}"
        if name in OF_ONE_CONNECTION:
            return f"the header {name.decode()}, which HTTP/2 forbids"
    lengths = {value for name, value in regular if name == b"content-length"}
    if len(lengths) > 1 or not all(map(_LENGTH.fullmatch, lengths)):
        return "a header block with a content-length that is none"
    return ""
