"""Which answers are compressed with gzip, and how. Another process than a node's may do it, so nothing waits here."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from gluten.webui.http.answer import Answer

MIN_BYTES = 2_000
"""Smaller answers are not worth it."""
PIECE = 128 << 10
"""Bytes that are compressed at once. That takes less than 5 ms."""
KINDS = ("application/json", "text/csv", "text/event-stream")
_GZIP = 16 + zlib.MAX_WBITS


def is_worth_it(answer: Answer) -> bool:
    """A stream, whose length is not known, is."""
    is_long = not isinstance(answer.body, bytes) or len(answer.body) >= MIN_BYTES
    return is_long and answer.headers.get("Content-Type", "").startswith(KINDS)


def new_packer() -> zlib._Compress:
    return zlib.compressobj(1, zlib.DEFLATED, _GZIP)


def packed(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The parts compressed, in pieces."""
    packer = new_packer()
    for part in parts:
        for start in range(0, len(part), PIECE):
            yield packer.compress(part[start : start + PIECE])
    yield packer.flush()
