"""A header block that comes in several frames, and is bounded (CVE-2024-27316). Pure."""

from __future__ import annotations

from gluten.engine.worker.http1.response import MAX_HEAD
from gluten.engine.worker.http2.frames import ENHANCE_YOUR_CALM, HEAD_SIZE, ConnectionFault

MOST_FRAMES = 64


class HeaderBlock:
    """`number`: that of its stream. `last`: no body follows. `size`: the bytes of its frames."""

    __slots__ = ("_pieces", "last", "number", "size")

    def __init__(self, number: int, last: bool) -> None:
        self.number, self.last, self.size = number, last, 0
        self._pieces: list[bytes] = []

    def add(self, number: int, piece: bytes) -> None:
        """A frame came. Raises `ConnectionFault`."""
        if number != self.number:
            raise ConnectionFault("a CONTINUATION of another stream")
        self._pieces.append(piece)
        self.size += HEAD_SIZE + len(piece)
        if self.size > MAX_HEAD or len(self._pieces) > MOST_FRAMES:
            raise ConnectionFault(
                f"a header block of more than {MAX_HEAD >> 10} KiB or {MOST_FRAMES} frames", ENHANCE_YOUR_CALM, "limit"
            )

    @property
    def whole(self) -> bytes:
        return b"".join(self._pieces)
