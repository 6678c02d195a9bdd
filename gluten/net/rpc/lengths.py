"""Messages one after the other. Each has its length in four bytes before it. Pure."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

_LENGTH = struct.Struct("!I")


def joined(messages: Iterable[bytes]) -> Iterator[bytes]:
    return (_LENGTH.pack(len(message)) + message for message in messages)


def cut(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The messages of bytes that come in parts of any size."""
    buffer = bytearray()
    for part in parts:
        buffer += part
        while len(buffer) >= _LENGTH.size:
            end = _LENGTH.size + _LENGTH.unpack_from(buffer)[0]
            if len(buffer) < end:
                break
            yield bytes(buffer[_LENGTH.size : end])
            del buffer[:end]
