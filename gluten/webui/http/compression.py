"""Compresses answers with gzip for clients that accept it. The seconds of a long run shrink to a tenth.

Pages are not compressed. They hold a secret (the session's CSRF token) and texts of other people. The length of a
compressed page would reveal the secret (BREACH).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import replace

from gluten.hub_turn import turn
from gluten.webui.http.answer import Answer
from gluten.webui.http.packing import KINDS, is_worth_it, new_packer, packed
from gluten.webui.http.web_request import Request


def compressed(request: Request, answer: Answer) -> Answer:
    """The same answer, compressed if that is useful."""
    kind, accepted = answer.headers.get("Content-Type", ""), request.headers.get("accept-encoding", "")
    if not kind.startswith(KINDS) or "Content-Encoding" in answer.headers:
        return answer
    headers = answer.headers | {"Vary": "Accept-Encoding"}
    if "gzip" not in accepted or not is_worth_it(answer):
        return replace(answer, headers=headers)
    body = _whole(answer.body) if isinstance(answer.body, bytes) else compressed_chunks(answer.body)
    return replace(answer, body=body, headers=headers | {"Content-Encoding": "gzip"})


def _whole(body: bytes) -> bytes:
    """Others get a turn between two pieces."""
    parts: list[bytes] = []
    for part in packed([body]):
        if parts and part:
            turn()
        parts.append(part)
    return b"".join(parts)


def compressed_chunks(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Compress and flush each chunk, so that none waits for the next one. Closes `chunks` at its own end."""
    packer = new_packer()
    try:
        for chunk in chunks:
            yield packer.compress(chunk) + packer.flush(zlib.Z_SYNC_FLUSH)
        yield packer.flush()
    finally:
        if close := getattr(chunks, "close", None):
            close()
