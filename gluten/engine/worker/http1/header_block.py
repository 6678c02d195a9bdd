"""A header block in the form that llhttp takes. Pure.

RFC 9112 lets a client take more than that, and wrk and curl do: lines that end in a bare line feed, folded lines, more
than one space in the status line, a length or a coding that comes in several parts. Each is put into its plain form;
whatever else is wrong stays, so that llhttp refuses it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

END = re.compile(rb"\r?\n\r?\n")
"""The end of a block's last line, and the blank line."""
MAX_INTERIM = 100
"""Interim (1xx) responses before a final one; more is an attack on the client."""
LONE_CR = re.compile(rb"\r[^\n]")

_LINE = re.compile(rb"\r?\n")
_GAP = re.compile(rb"^(HTTP/\d\.\d) +")


def plain(block: bytes) -> bytes:
    """The block, a status line and fields without the blank line, in plain form."""
    first, *lines = _unfolded(_LINE.split(block))
    lines = _merged(lines, b"content-length", _one_length)
    lines = _merged(lines, b"transfer-encoding", _codings)
    return b"\r\n".join([_GAP.sub(rb"\1 ", first), *lines])


def _unfolded(lines: list[bytes]) -> list[bytes]:
    """RFC 9112, 5.2: a line that begins with a space or tab carries on the field before. The first field cannot."""
    whole: list[bytes] = []
    for line in lines:
        if line[:1] in (b" ", b"\t") and len(whole) > 1:
            whole[-1] = whole[-1].rstrip(b" \t") + b" " + line.strip(b" \t")
        else:
            whole.append(line)
    return whole


def _merged(lines: list[bytes], name: bytes, merge: Callable[[list[bytes]], bytes | None]) -> list[bytes]:
    """The lines with one field of this name, if `merge` makes one value of all its parts."""
    places = [index for index, line in enumerate(lines) if line.partition(b":")[0].lower() == name]
    values = [lines[index].partition(b":")[2].strip(b" \t") for index in places]
    value = merge([part.strip(b" \t") for value in values for part in value.split(b",")]) if places else None
    if value is None or values == [value]:
        return lines
    return [
        name + b": " + value if index == places[0] else line
        for index, line in enumerate(lines)
        if index not in places[1:]
    ]


def _one_length(parts: list[bytes]) -> bytes | None:
    """RFC 9110, 8.6: the same length several times is that length."""
    return parts[0] if len(set(parts)) == 1 and parts[0].isdigit() else None


def _codings(parts: list[bytes]) -> bytes | None:
    """RFC 9110, 5.6.1: empty elements of a list count for nothing."""
    return b", ".join(filter(None, parts)) or None
