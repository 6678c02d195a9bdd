"""A delta as a few bytes: JSON of `Delta.to_map()`, in zlib. In this form it goes from a node's engine to the master's
store.

What only passes a delta on does not read these bytes. `unpack` reads bytes from the network.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

from gluten.stats.delta import Delta

MOST = 4 << 20
"""Bytes of JSON that the delta of one node may have. That of many nodes, in memory, may have more."""
# Level 1 takes a third of the time of level 6, and a fifth more room.
_LEVEL = 1


def pack(delta: Delta) -> bytes:
    """A delta in little memory. `unpack` is the inverse."""
    return deflate(delta.to_map())


def deflate(plain: Mapping[str, Any]) -> bytes:
    """The bytes of a delta's map."""
    import json  # here and in `read`, because a run of less than ten seconds packs nothing

    return zlib.compress(json.dumps(plain, separators=(",", ":")).encode(), _LEVEL)


def unpack(body: bytes, most: int = 0) -> Delta:
    """The inverse of `pack`. Bytes from the network may hold at most `most` bytes of JSON. Raises ValueError for
    anything else."""
    return read(inflate(body, most))


def inflate(body: bytes, most: int) -> bytes:
    """Unpack what zlib has packed, if it is at most `most` bytes; 0: any number. Raises ValueError."""
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(body, most)
    except zlib.error:
        raise ValueError("a delta's bytes cannot be unpacked") from None
    if not unpacker.eof or unpacker.unused_data:
        raise ValueError("a delta's bytes are too many, or cut off")
    return text


def read(text: bytes) -> Delta:
    """The delta in the JSON that `pack` packs. Raises ValueError for anything else."""
    import json

    try:
        plain = json.loads(text, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("a delta's values are nested too deeply") from None
    return Delta.from_map(plain)


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is not a number")
