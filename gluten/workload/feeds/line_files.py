"""The index of `.txt` (a line is a row) and `.jsonl` (a line is a JSON object): where each row starts."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable
from itertools import accumulate

from gluten.errors import WorkloadError
from gluten.workload.feeds.chunks import Buffer, Chunk, bounded, chunks

TXT_COLUMN = "line"


def index_txt(buffer: Buffer, starts: array[int]) -> tuple[str, ...]:
    """Add the starts of all rows, and answer the columns."""
    for chunk in chunks(buffer):
        chunk.text()
        lines = chunk.lines()
        if b"" in lines or b"\r" in lines:
            _add_some(chunk, lines, starts, lambda line, number: line not in (b"", b"\r"))
        else:
            add_all(chunk, lines, starts)
    return (TXT_COLUMN,)


def index_jsonl(buffer: Buffer, starts: array[int]) -> tuple[str, ...]:
    """Columns are the names of all objects, in the order in which they first occur."""
    columns: dict[str, None] = {}

    def is_row(line: bytes, number: int) -> bool:
        row = _object(line, number)
        if row is None:
            return False
        if not columns.keys() >= row.keys():
            columns.update(dict.fromkeys(row))
            bounded(columns)
        return True

    for chunk in chunks(buffer):
        chunk.text()
        _add_some(chunk, chunk.lines(), starts, is_row)
    return tuple(columns)


def add_all(chunk: Chunk, lines: list[bytes], starts: array[int]) -> None:
    starts.extend(accumulate(map(len, lines[:-1]), lambda at, length: at + length + 1, initial=chunk.start))


def _add_some(chunk: Chunk, lines: list[bytes], starts: array[int], is_row: Callable[[bytes, int], bool]) -> None:
    at = chunk.start
    for number, line in enumerate(lines, chunk.line):
        if is_row(line, number):
            starts.append(at)
        at += len(line) + 1


def _no_number(text: str) -> None:
    raise ValueError(text)


_DECODER = json.JSONDecoder(parse_int=float, parse_float=float, parse_constant=_no_number)


def _object(line: bytes, number: int) -> dict[str, object] | None:
    """The object of a line, or None for an empty line. Its numbers are not exact: only its shape matters here."""
    text = line.decode().strip(" \t\r")
    if not text:
        return None
    try:
        value, end = _DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        value, end = None, 0
    if not isinstance(value, dict) or end != len(text):
        raise WorkloadError(f'line {number} is not a JSON object, such as {{"id": 1}}')
    return value
