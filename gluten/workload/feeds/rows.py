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

KINDS = (".csv", ".jsonl", ".txt")

_FOUR_BYTES = "I" if array("I").itemsize == 4 else "L"


class Rows:
    """`row(i)` is a row by its number from 0, as columns and values."""

    def __init__(self, buffer: Buffer, starts: array[int], columns: tuple[str, ...], read: Read) -> None:
        """`starts` has one more entry than there are rows: the end of the last one."""
        self.columns = columns
        self._buffer = buffer
        self._starts = starts
        self._read = read

    def __len__(self) -> int:
        return len(self._starts) - 1

    def row(self, number: int) -> dict[str, Json]:
        text = self._buffer[self._starts[number] : self._starts[number + 1]].decode()
        return self._read(text.rstrip("\r\n"))


Read = Callable[[str], dict[str, Json]]


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
            return index_jsonl(buffer, starts), lambda text: cast(dict[str, Json], loads(text))
    return index_txt(buffer, starts), lambda text: {TXT_COLUMN: text}


def _csv_reader(columns: tuple[str, ...], separator: str) -> Read:
    def read(text: str) -> dict[str, Json]:
        if '"' in text:
            return dict(zip(columns, next(csv.reader([text], delimiter=separator)), strict=True))
        return dict(zip(columns, text.split(separator), strict=True))

    return read
