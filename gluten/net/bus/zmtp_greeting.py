"""ZMTP's greeting (RFC 23/ZMTP). Each end of the bus sends it first. It names the security mechanism."""

from __future__ import annotations

import contextlib

import gevent
from gevent import socket

SIZE = 64
VERSION_AT, MECHANISM_AT, MECHANISM_END = 10, 12, 32
_BEGIN = b"\xff" + bytes(8) + b"\x7f\x03"


def is_zmtp3(greeting: bytes) -> bool:
    """Whether it begins as a greeting of ZMTP 3, up to the version."""
    return len(greeting) > VERSION_AT and greeting[0] == 0xFF and greeting[9] == 0x7F and greeting[VERSION_AT] >= 3


def mechanism(greeting: bytes) -> str:
    """`NULL`, `CURVE` …, or an empty text if these bytes are not a greeting of ZMTP 3."""
    if len(greeting) < MECHANISM_END or not is_zmtp3(greeting):
        return ""
    return greeting[MECHANISM_AT:MECHANISM_END].rstrip(b"\0").decode("ascii", "replace")


def ask(host: str, port: int, seconds: float) -> str:
    """The mechanism of the bus at HOST:PORT, or an empty text if there is none. To be called in a greenlet."""
    received = b""
    limit = gevent.Timeout(seconds, False)  # type: ignore[arg-type]
    with contextlib.suppress(OSError), limit, socket.create_connection((host, port)) as sock:
        # Send only up to the version: a peer that receives another mechanism than its own closes the connection.
        sock.sendall(_BEGIN)
        while len(received) < SIZE and (part := sock.recv(SIZE - len(received))):
            received += part
    return mechanism(received)
