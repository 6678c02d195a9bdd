"""Compresses answers with gzip for clients that accept it. The seconds of a long run shrink to a tenth.

Pages are not compressed. They hold a secret (the session's CSRF token) and texts of other people. The length of a
compressed page would reveal the secret (BREACH).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import replace

from gluten.webui.http.answer import Answer
from gluten.webui.http.web_request import Request

MIN_BYTES, MAX_BYTES = 2_000, 2_000_000
"""Smaller answers are not worth it. Larger ones would block the hub for more than 10 ms."""
KINDS = ("application/json", "text/csv", "text/event-stream")
_GZIP = 16 + zlib.MAX_WBITS


def compressed(request: Request, answer: Answer) -> Answer:
    """The same answer, compressed if that is useful."""
    kind, accepted = answer.headers.get("Content-Type", ""), request.headers.get("accept-encoding", "")
    if not kind.startswith(KINDS) or "Content-Encoding" in answer.headers:
        return answer
    headers = answer.headers | {"Vary": "Accept-Encoding"}
    body = answer.body
    if "gzip" not in accepted or (isinstance(body, bytes) and not MIN_BYTES <= len(body) <= MAX_BYTES):
        return replace(answer, headers=headers)
    packed = _whole(body) if isinstance(body, bytes) else compressed_chunks(body)
    return replace(answer, body=packed, headers=headers | {"Content-Encoding": "gzip"})


def _whole(body: bytes) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, _GZIP)
    return packer.compress(body) + packer.flush()


def compressed_chunks(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Compress and flush each chunk, so that none waits for the next one. Closes `chunks` at its own end."""
    packer = zlib.compressobj(1, zlib.DEFLATED, _GZIP)
    try:
        for chunk in chunks:
            yield packer.compress(chunk) + packer.flush(zlib.Z_SYNC_FLUSH)
        yield packer.flush()
    finally:
        if close := getattr(chunks, "close", None):
            close()
