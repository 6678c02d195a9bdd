"""Checks that every reader of an HTTP/1 request's header finds the same end of its body. Pure.

If a proxy in front of this node and the node itself disagree, the rest of one request is read as the beginning of
another (request smuggling). pywsgi accepts more than RFC 9112 allows. This module refuses what the RFC says to refuse:
sections 3.2 (the host), 5.1 and 5.2 (names, folded lines) and 6.1 to 6.3 (lengths).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*\r?\n")
_LENGTH = re.compile(rb"[0-9]{1,18}")


def framing_error(lines: Sequence[bytes], version: str = "HTTP/1.1") -> str:
    """What is wrong with the lines of a header, in words, or an empty text. `lines` is without the empty last line."""
    found: dict[bytes, list[bytes]] = {}
    for line in lines:
        field = _FIELD.fullmatch(line)
        if field is None:
            return f"{_first_word(line)!r}… is not a header line"
        found.setdefault(field[1].lower(), []).append(field[2])
    if error := _host_error(found.get(b"host", []), version):
        return error
    lengths, codings = found.get(b"content-length", []), found.get(b"transfer-encoding", [])
    if codings and (version != "HTTP/1.1" or [coding.lower() for coding in codings] != [b"chunked"]):
        return "Transfer-Encoding: only chunked is accepted, once, in HTTP/1.1"
    if codings and lengths:
        return "Transfer-Encoding and Content-Length exclude each other"
    if len(lengths) > 1 or not all(map(_LENGTH.fullmatch, lengths)):
        return "Content-Length: it must be one whole number"
    return ""


def _host_error(hosts: Sequence[bytes], version: str) -> str:
    """RFC 9112, 3.2: one in HTTP/1.1. Two of them could be read differently, too."""
    if len(hosts) > 1:
        return "Host: it must be given once"
    return "Host: it is missing" if version == "HTTP/1.1" and not hosts else ""


def _first_word(line: bytes) -> bytes:
    """The part of a line that may be shown: its first word, if a colon follows. The rest may be a secret."""
    before, colon, _ = line.partition(b":")
    return b"".join(before.split(maxsplit=1)[:1])[:40] if colon else b""
