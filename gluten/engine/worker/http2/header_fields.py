"""The fields of a header block (RFC 7541), for a target that we allow no dynamic table.

A block is cut into its fields here, with every number bounded. A field means the same in every block, so hpack decodes
it once: of a block that differs from the last one in a value, that value alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hpack import Decoder
from hpack.exceptions import HPACKError

from gluten.engine.worker.http1.response import MAX_HEAD, MAX_HEADERS
from gluten.engine.worker.http2.frames import COMPRESSION_ERROR, ENHANCE_YOUR_CALM, ConnectionFault

MOST, LONGEST = 2048, 256
"""How many fields are remembered, and how many bytes each may have."""
_OVERHEAD = 32
"""Bytes that a field counts for beside its own (RFC 9113, 6.5.2)."""
_INDEXED, _INDEXING, _RESIZING = 0x80, 0x40, 0x20
_MORE = 0x80

FIRST_TABLE = 4096
"""Bytes of the dynamic table of a target that does not heed our SETTINGS."""

Field = tuple[bytes, bytes]


class FieldMemory:
    """Of one worker."""

    __slots__ = ("_decoder", "_known")

    def __init__(self) -> None:
        self._decoder = Decoder(MAX_HEAD)
        self._decoder.max_allowed_table_size = self._decoder.header_table_size = 0
        self._known: dict[bytes, Field] = {}

    def fields(self, block: bytes) -> list[Field]:
        """Names and values. Raises `ConnectionFault`."""
        return _bounded(self._known.get(piece) or self._learn(piece) for piece in pieces(block) if not resizes(piece))

    def _learn(self, piece: bytes) -> Field:
        (field,) = _decoded(self._decoder, piece)
        if len(piece) <= LONGEST:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[piece] = field
        return field


class FieldTable:
    """Of one connection whose target keeps a dynamic table although our SETTINGS forbid it, as h2o 2.2 does."""

    __slots__ = ("_decoder",)

    def __init__(self) -> None:
        self._decoder = Decoder(MAX_HEAD)

    def fields(self, block: bytes) -> list[Field]:
        """Names and values. Raises `ConnectionFault`."""
        return _bounded(field for piece in pieces(block, FIRST_TABLE) for field in _decoded(self._decoder, piece))


def _decoded(decoder: Decoder, piece: bytes) -> list[Field]:
    try:
        return [(bytes(name), bytes(value)) for name, value in decoder.decode(piece, True)]
    except HPACKError as error:
        raise _wrong(str(error)) from None


def _bounded(fields: Iterable[Field]) -> list[Field]:
    found, size = [], 0
    for name, value in fields:
        found.append((name, value))
        size += len(name) + len(value) + _OVERHEAD
        if size > MAX_HEAD:
            raise ConnectionFault(f"headers of more than {MAX_HEAD >> 10} KiB", ENHANCE_YOUR_CALM, "limit")
        if len(found) > MAX_HEADERS:
            raise ConnectionFault(f"more than {MAX_HEADERS} headers in one response", ENHANCE_YOUR_CALM, "limit")
    return found


def resizes(piece: bytes) -> bool:
    """Whether it says how large the dynamic table is."""
    return piece[0] & (_INDEXED | _INDEXING | _RESIZING) == _RESIZING


def inserts(piece: bytes) -> bool:
    """Whether it puts a field into the dynamic table, if there is one."""
    return piece[0] & (_INDEXED | _INDEXING) == _INDEXING


def pieces(block: bytes, most: int = 0) -> Iterator[bytes]:
    """The bytes of each field of a block, and of each change of the table's size, which is `most` bytes at most. Raises
    `ConnectionFault`."""
    at, end, began = 0, len(block), False
    while at < end:
        first, begin = block[at], at
        if first & _INDEXED:
            at = _number(block, at, 0x7F)[1]
        elif first & _INDEXING:
            at = _literal(block, at, 0x3F)
        elif not first & _RESIZING:
            at = _literal(block, at, 0x0F)
        else:
            at = _resized(block, at, began, most)
        began = began or not first & _RESIZING or first & (_INDEXED | _INDEXING) > 0
        yield block[begin:at]


def _resized(block: bytes, at: int, began: bool, most: int) -> int:
    """Where a change of the dynamic table's size ends. It stands before the first field."""
    size, end = _number(block, at, 0x1F)
    if size > most or began:
        raise _wrong("a table that changes amid the fields" if began else "a larger dynamic table than is allowed")
    return end


def _literal(block: bytes, at: int, prefix: int) -> int:
    """Where a field ends whose value, and maybe name, is a text."""
    index, at = _number(block, at, prefix)
    return _text(block, at if index else _text(block, at))


def _text(block: bytes, at: int) -> int:
    size, at = _number(block, at, 0x7F)
    if at + size > len(block):
        raise _wrong("a text that goes beyond its end")
    return at + size


def _number(block: bytes, at: int, prefix: int) -> tuple[int, int]:
    """A number and where it ends (RFC 7541, 5.1). It has at most four bytes."""
    if at >= len(block):
        raise _wrong("it ends in the middle of a field")
    value = block[at] & prefix
    if value < prefix:
        return value, at + 1
    for shift in (0, 7, 14):
        at += 1
        if at >= len(block):
            raise _wrong("it ends in the middle of a number")
        value += (block[at] & 0x7F) << shift
        if not block[at] & _MORE:
            return value, at + 1
    raise _wrong("a number of more than four bytes")


def _wrong(why: str) -> ConnectionFault:
    return ConnectionFault(f"the target's header block is wrong: {why}", COMPRESSION_ERROR)
