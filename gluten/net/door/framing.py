"""Whether all who read an HTTP/1 request's header agree on where its body ends. Pure.

Where a proxy in front and this node do not, the rest of one request is the beginning of another's (request smuggling).
pywsgi takes what it can; what RFC 9112 says to refuse is refused here: sections 5.1 and 5.2 (names, folded lines), 6.1
to 6.3 (lengths).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*\r?\n")
_LENGTH = re.compile(rb"[0-9]{1,18}")


def trouble(lines: Sequence[bytes], version: str = "HTTP/1.1") -> str:
    """What is wrong with a header's lines, the empty one at its end left out, in words; empty: nothing."""
    found: dict[bytes, list[bytes]] = {}
    for line in lines:
        field = _FIELD.fullmatch(line)
        if field is None:
            return f"{_begin(line)!r}… is no line of a header"
        found.setdefault(field[1].lower(), []).append(field[2])
    lengths, codings = found.get(b"content-length", []), found.get(b"transfer-encoding", [])
    if codings and (version != "HTTP/1.1" or [coding.lower() for coding in codings] != [b"chunked"]):
        return "Transfer-Encoding: only chunked is taken, once, in HTTP/1.1"
    if codings and lengths:
        return "Transfer-Encoding and Content-Length exclude each other"
    if len(lengths) > 1 or not all(map(_LENGTH.fullmatch, lengths)):
        return "Content-Length: not one whole number"
    return ""


def _begin(line: bytes) -> bytes:
    """What can be shown of a line: its first word where a colon follows. The rest may be a secret."""
    before, colon, _ = line.partition(b":")
    return b"".join(before.split(maxsplit=1)[:1])[:40] if colon else b""
