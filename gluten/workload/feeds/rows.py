"""The rows of a feed: an index that is made once, before workers are forked, and rows by number.

The index has four bytes a row. Neither it nor the file changes, so all workers of a host share both.
"""

from __future__ import annotations

import csv
from array import array
from collections.abc import Callable
from typing import cast

from gluten.errors import WorkloadError
from gluten.workload.feeds.chunks import Buffer
from gluten.workload.feeds.csv_file import index_csv
from gluten.workload.feeds.line_files import TXT_COLUMN, index_jsonl, index_txt
from gluten.workload.json_text import Json, loads

LARGEST = 1 << 30
"""Bytes of a file."""

MOST_KEPT, LARGEST_KEPT = 4096, 1 << 20
"""Rows and bytes of a file whose rows are kept once they were read: they come again and again."""

KINDS = (".csv", ".jsonl", ".txt")

_FOUR_BYTES = "I" if array("I").itemsize == 4 else "L"


class Rows:
    """`row(i)` is a row by its number from 0, as columns and values."""

    def __init__(self, buffer: Buffer, starts: array[int], columns: tuple[str, ...], read: Read) -> None:
        """`starts` has one more entry than there are rows: the end of the last one."""
        self.columns = columns
        self._count = len(starts) - 1

        def row(number: int) -> dict[str, Json]:
            return read(buffer[starts[number] : starts[number + 1]])

        # It is called for each request: locals are quicker than attributes.
        small = self._count <= MOST_KEPT and len(buffer) <= LARGEST_KEPT
        self.row = kept(row) if small else row

    def __len__(self) -> int:
        return self._count


Read = Callable[[bytes], dict[str, Json]]
RowOf = Callable[[int], dict[str, Json]]


def kept(row: RowOf) -> RowOf:
    """The same rows. Each is read once."""
    known: dict[int, dict[str, Json]] = {}
    find = known.get

    def find_row(number: int) -> dict[str, Json]:
        found = find(number)
        if found is None:
            found = known[number] = row(number)
        return found

    return find_row


def read_rows(name: str, buffer: Buffer, separator: str = ",", skip: int = 0) -> Rows:
    """The rows of the file `name`, without the first `skip`. Raises `WorkloadError`, with the line that is wrong."""
    kind = kind_of(name)
    if len(buffer) > LARGEST:
        raise WorkloadError(f"the file has {len(buffer):,} bytes, and 1 GiB is allowed")
    starts = array(_FOUR_BYTES)
    columns, read = _indexed(kind, buffer, starts, separator)
    starts.append(len(buffer))
    if skip >= len(starts) - 1:
        left = f"skip = {skip} leaves none of its {len(starts) - 1:,} rows" if skip else "the file has no rows"
        raise WorkloadError(left)
    del starts[:skip]
    return Rows(buffer, starts, columns, read)


def kind_of(name: str) -> str:
    """The ending of a feed's file. Raises `WorkloadError`."""
    kind = next((kind for kind in KINDS if name.lower().endswith(kind)), None)
    if kind is None:
        raise WorkloadError(f"the name of a feed's file ends with {', '.join(KINDS[:-1])} or {KINDS[-1]}")
    return kind


def _indexed(kind: str, buffer: Buffer, starts: array[int], separator: str) -> tuple[tuple[str, ...], Read]:
    match kind:
        case ".csv":
            columns = index_csv(buffer, starts, separator)
            return columns, _csv_reader(columns, separator)
        case ".jsonl":
            return index_jsonl(buffer, starts), lambda data: cast(dict[str, Json], loads(_line(data)))
    return index_txt(buffer, starts), lambda data: {TXT_COLUMN: _line(data)}


def _csv_reader(columns: tuple[str, ...], separator: str) -> Read:
    def read(data: bytes) -> dict[str, Json]:
        text = data.decode().rstrip("\r\n")
        if '"' in text:
            return dict(zip(columns, next(csv.reader([text], delimiter=separator)), strict=True))
        # The index has seen that each row has as many cells as there are columns.
        return dict(zip(columns, text.split(separator), strict=False))

    return read


def _line(data: bytes) -> str:
    return data.decode().rstrip("\r\n")
