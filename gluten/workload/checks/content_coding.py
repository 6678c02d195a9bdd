"""Content codings (RFC 9110, section 8.4): gzip (RFC 1952) and deflate (RFC 1950, and RFC 1951 as some send it)."""

from __future__ import annotations

import zlib

LARGEST = 16 << 20
"""Bytes of a body that checks and takes look at."""

_GZIP, _ZLIB, _RAW = 31, 15, -15
_MAGIC = b"\x1f\x8b"


def decoded(body: bytes, codings: str) -> bytes | None:
    """The body without its codings (the value of `Content-Encoding`). None: too large, damaged, or not known."""
    if not codings:
        return body if len(body) <= LARGEST else None
    found: bytes | None = body if len(body) <= LARGEST else None
    for coding in reversed(codings.lower().split(",")):
        if found and coding.strip() not in ("", "identity"):
            found = _undone(found, coding.strip())
    return found


def _undone(body: bytes, coding: str) -> bytes | None:
    match coding:
        case "gzip" | "x-gzip":
            return _members(body)
        case "deflate":
            whole = _inflated(body, _ZLIB, LARGEST) or _inflated(body, _RAW, LARGEST)
            return whole and whole[0]
    return None


def _members(body: bytes) -> bytes | None:
    """All members of a gzip text. What follows the last one is ignored, as browsers do."""
    found = b""
    while body.startswith(_MAGIC) or not found:
        member = _inflated(body, _GZIP, LARGEST - len(found))
        if member is None:
            return None
        found += member[0]
        body = member[1]
        if not body:
            break
    return found


def _inflated(body: bytes, bits: int, most: int) -> tuple[bytes, bytes] | None:
    """What was compressed, and what follows it. None: it is damaged, incomplete or larger than `most`."""
    stream = zlib.decompressobj(bits)
    try:
        found = stream.decompress(body, most + 1)
    except zlib.error:
        return None
    return (found, stream.unused_data) if stream.eof and len(found) <= most else None
