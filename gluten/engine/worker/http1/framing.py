"""What a header block says of its body and its connection."""

from __future__ import annotations

from typing import NamedTuple

CHUNKED = -1
UNTIL_CLOSE = -2


class Framing(NamedTuple):
    """Of a header block: status, body length in bytes (or CHUNKED, UNTIL_CLOSE), may the connection go on."""

    status: int
    length: int
    keepalive: bool
