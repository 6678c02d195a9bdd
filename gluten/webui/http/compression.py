"""Answers in gzip for those who take it: a long run's seconds shrink to a tenth.

Pages are left as they are: with a secret (the session's word) and somebody's text in one compressed answer, its length
would tell of the secret (BREACH).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import replace

from gluten.webui.http.answer import Answer
from gluten.webui.http.web_request import Request

MIN_BYTES, MAX_BYTES = 2_000, 2_000_000
"""Bytes of a whole answer that are worth it, and that do not hold the hub up (10 ms at most)."""
KINDS = ("application/json", "text/csv", "text/event-stream")
_GZIP = 16 + zlib.MAX_WBITS


def compressed(request: Request, answer: Answer) -> Answer:
    """The same, packed where that is of use."""
    kind, taken = answer.headers.get("Content-Type", ""), request.headers.get("accept-encoding", "")
    if not kind.startswith(KINDS) or "Content-Encoding" in answer.headers:
        return answer
    headers = answer.headers | {"Vary": "Accept-Encoding"}
    body = answer.body
    if "gzip" not in taken or (isinstance(body, bytes) and not MIN_BYTES <= len(body) <= MAX_BYTES):
        return replace(answer, headers=headers)
    packed = _whole(body) if isinstance(body, bytes) else pieces(body)
    return replace(answer, body=packed, headers=headers | {"Content-Encoding": "gzip"})


def _whole(body: bytes) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, _GZIP)
    return packer.compress(body) + packer.flush()


def pieces(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Each chunk packed as far as it goes, so that nothing waits for the next; closes `chunks` when it is closed."""
    packer = zlib.compressobj(1, zlib.DEFLATED, _GZIP)
    try:
        for chunk in chunks:
            yield packer.compress(chunk) + packer.flush(zlib.Z_SYNC_FLUSH)
        yield packer.flush()
    finally:
        if close := getattr(chunks, "close", None):
            close()
