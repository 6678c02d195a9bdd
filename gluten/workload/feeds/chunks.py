"""A file's bytes in pieces of whole lines, so that a file of 1 GiB is read with little memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from mmap import mmap

from gluten.errors import WorkloadError

MOST_COLUMNS = 1000

Buffer = bytes | mmap

CHUNK = 1 << 20
LONGEST = 1 << 20
"""Bytes of a row."""

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Chunk:
    """Whole lines: where they start in the file, the number of the first of them, and their bytes."""

    start: int
    line: int
    data: bytes

    def text(self) -> str:
        try:
            return self.data.decode()
        except UnicodeDecodeError as error:
            line = self.line + self.data.count(b"\n", 0, error.start)
            raise WorkloadError(f"line {line} is not UTF-8") from None

    def lines(self) -> list[bytes]:
        """The lines without their `\\n`."""
        lines = self.data.split(b"\n")
        if not lines[-1]:
            lines.pop()
        return lines


def bounded(columns: Collection[str]) -> None:
    """Raises `WorkloadError` where there are too many of them."""
    if len(columns) > MOST_COLUMNS:
        raise WorkloadError(f"the file has more than {MOST_COLUMNS:,} columns")


def beginning(buffer: Buffer) -> int:
    """Where the text starts: behind a byte order mark, if there is one."""
    return len(_BOM) if buffer[: len(_BOM)] == _BOM else 0


def chunk_at(buffer: Buffer, start: int, line: int) -> Chunk:
    """About 1 MiB from `start` on. Raises `WorkloadError` for a line that is longer than a row may be."""
    end = buffer.find(b"\n", start + CHUNK)
    end = len(buffer) if end < 0 else end + 1
    if end - start > CHUNK + LONGEST:
        raise WorkloadError(f"a row at or behind line {line} has more than {LONGEST >> 20} MiB")
    return Chunk(start, line, buffer[start:end])


def chunks(buffer: Buffer) -> Iterator[Chunk]:
    start, line = beginning(buffer), 1
    while start < len(buffer):
        chunk = chunk_at(buffer, start, line)
        yield chunk
        start += len(chunk.data)
        line += chunk.data.count(b"\n")
