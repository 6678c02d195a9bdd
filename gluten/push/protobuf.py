"""Writes the fields of protobuf messages: the five kinds that OTLP needs. Pure.

The protobuf library would cost `gluten run` more time at its start than all of its pushing. A default value is written
like any other. https://protobuf.dev/programming-guides/encoding
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

_VARINT, _FIXED64, _LENGTH = 0, 1, 2
_DOUBLE, _UNSIGNED = struct.Struct("<d"), struct.Struct("<Q")


def varint(value: int) -> bytes:
    """A whole number, not negative: seven bits a byte, the lowest first."""
    if value < 0x80:
        return bytes((value,))
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def _tag(field: int, kind: int) -> bytes:
    return varint(field << 3 | kind)


def whole(field: int, value: int) -> bytes:
    """A number of a kind that is never negative: uint32, uint64, bool or an enumeration."""
    return _tag(field, _VARINT) + varint(value)


def signed(field: int, value: int) -> bytes:
    """A number of the kind sint32 or sint64."""
    return _tag(field, _VARINT) + varint(value << 1 if value >= 0 else (-value << 1) - 1)


def fixed(field: int, value: int) -> bytes:
    """A number of the kind fixed64, or one of sfixed64 that is not negative."""
    return _tag(field, _FIXED64) + _UNSIGNED.pack(value)


def double(field: int, value: float) -> bytes:
    return _tag(field, _FIXED64) + _DOUBLE.pack(value)


def message(field: int, body: bytes) -> bytes:
    """A message within a message."""
    return _tag(field, _LENGTH) + varint(len(body)) + body


def text(field: int, value: str) -> bytes:
    return message(field, value.encode("utf-8", "replace"))


def packed(field: int, values: Sequence[int]) -> bytes:
    """A list of numbers of the kind uint64."""
    small = not values or max(values) < 0x80
    return message(field, bytes(values) if small else b"".join(map(varint, values)))


def packed_signed(field: int, values: Sequence[int]) -> bytes:
    """A list of numbers of the kind sint64."""
    return packed(field, [value << 1 if value >= 0 else (-value << 1) - 1 for value in values])
