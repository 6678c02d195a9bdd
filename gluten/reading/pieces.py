"""An answer that is in a file. It is sent piece by piece, and never is in memory as a whole."""

from __future__ import annotations

import os
from collections.abc import Iterator

PIECE = 64 << 10


class FilePieces:
    """The bytes of an open file that is this object's alone. As an iterator it gives the hub a turn after each piece.

    The first piece does not wait: bottle takes it before it sends the headers.
    """

    def __init__(self, file: int, size: int) -> None:
        self._file = open(file, "rb", buffering=0)  # noqa: SIM115 -- `close` closes it
        self._size, self._at = size, 0

    def __iter__(self) -> FilePieces:
        return self

    def __next__(self) -> bytes:
        if self._at:
            from gluten.hub_turn import turn

            turn()
        part = self._read(PIECE)
        if not part:
            raise StopIteration
        return part

    def parts(self, size: int) -> Iterator[bytes]:
        """The same in parts of this size, for a native thread."""
        while part := self._read(size):
            yield part

    def whole(self) -> bytes:
        """All of it, and the file is closed. For short answers."""
        try:
            return self._read(self._size)
        finally:
            self.close()

    def close(self) -> None:
        self._file.close()

    def _read(self, size: int) -> bytes:
        """Read `size` bytes, or fewer at the end."""
        part = os.pread(self._file.fileno(), min(size, self._size - self._at), self._at)
        self._at += len(part)
        return part
