"""The index of `.csv` (RFC 4180): where each row starts. The first row names the columns.

Lines of a chunk without any quote are counted at once; others are read by the `csv` module. A row may have line breaks
in quotes, so a chunk that ends inside of one is read again from that row's start.
"""

from __future__ import annotations

import csv
from array import array
from itertools import accumulate

from gluten.errors import WorkloadError
from gluten.workload.feeds.chunks import Buffer, Chunk, beginning, bounded, chunk_at
from gluten.workload.feeds.line_files import add_all

_OPEN = "unexpected end of data"
"""What the `csv` module says where the text ends inside of quotes."""
_WRONG = "behind a closing quote comes a separator or a line break, and a quote in quotes is doubled"
_LARGE = "a field has more than 128 KiB, perhaps because a quote is not closed"


def index_csv(buffer: Buffer, starts: array[int], separator: str) -> tuple[str, ...]:
    """Add the starts of all rows, and answer the columns. Raises `WorkloadError`."""
    if len(separator) != 1 or separator in '"\r\n':
        raise WorkloadError("separator is one character, such as ;")
    reader = _Reader(buffer, separator, starts)
    return reader.read()


class _Reader:
    def __init__(self, buffer: Buffer, separator: str, starts: array[int]) -> None:
        self._buffer = buffer
        self._separator = separator
        self._starts = starts
        self._columns: tuple[str, ...] = ()

    def read(self) -> tuple[str, ...]:
        start, line = beginning(self._buffer), 1
        while start < len(self._buffer):
            chunk = chunk_at(self._buffer, start, line)
            done = self._chunk(chunk)
            start += done
            line += chunk.data.count(b"\n", 0, done)
        return self._columns

    def _chunk(self, chunk: Chunk) -> int:
        """How many of its bytes are done."""
        text = chunk.text()
        if self._columns and b'"' not in chunk.data and self._plain(chunk):
            return len(chunk.data)
        return self._records(chunk, text)

    def _plain(self, chunk: Chunk) -> bool:
        """The usual case: every line is a row of the right width. False: look at them one by one."""
        lines = chunk.lines()
        separator, width = self._separator.encode(), len(self._columns)
        if b"" in lines or b"\r" in lines or chunk.data.count(b"\r") != chunk.data.count(b"\r\n"):
            return False
        if {line.count(separator) for line in lines} != {width - 1}:
            return False
        add_all(chunk, lines, self._starts)
        return True

    def _records(self, chunk: Chunk, text: str) -> int:
        ends = list(accumulate((len(line) + 1 for line in chunk.data.split(b"\n")), initial=0))
        reader = csv.reader((line + "\n" for line in text.split("\n")), delimiter=self._separator, strict=True)
        line = 0
        try:
            for cells in reader:
                if cells:
                    self._row(cells, chunk.start + ends[line], chunk.line + line)
                line = reader.line_num
        except csv.Error as error:
            return self._stopped(chunk, line, ends[line], str(error))
        return len(chunk.data)

    def _stopped(self, chunk: Chunk, line: int, done: int, error: str) -> int:
        """The row that begins at `line` goes on behind the chunk; or it is wrong."""
        is_last = chunk.start + len(chunk.data) == len(self._buffer)
        if error == _OPEN and done and not is_last:
            return done
        why = _LARGE if "field limit" in error else "a quote is opened and not closed" if error == _OPEN else _WRONG
        raise WorkloadError(f"line {chunk.line + line} is not CSV (RFC 4180): {why}")

    def _row(self, cells: list[str], at: int, line: int) -> None:
        if not self._columns:
            self._columns = _named(cells, line)
        elif len(cells) == len(self._columns):
            self._starts.append(at)
        else:
            raise WorkloadError(f"line {line} has {len(cells)} columns, and the first line names {len(self._columns)}")


def _named(cells: list[str], line: int) -> tuple[str, ...]:
    bounded(cells)
    for cell in cells:
        if not cell or cells.count(cell) > 1:
            what = f"the column {cell[:40]!r} twice" if cell else "a column without a name"
            raise WorkloadError(f"line {line} names {what}: each column has a name of its own")
    return tuple(cells)
