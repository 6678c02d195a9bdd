"""A connected socket as four plain functions for the hot path: recv, send, fill, discard.

All are non-blocking: they raise BlockingIOError when they would wait, another OSError when the connection broke;
b"" or 0 is the other side's orderly end.
"""

from __future__ import annotations

import errno
import os
import socket
import ssl
import sys
from functools import partial
from typing import Any

from gluten.engine.worker.transport.transport import Count, Recv, Send


def streams(sock: Any, scratch: bytearray) -> tuple[Recv, Send, Count, Count]:
    """The functions of a gevent socket. What is filled lies at the beginning of `scratch`; what is discarded may."""
    if isinstance(sock, ssl.SSLSocket) or hasattr(sock, "_sslobj"):
        return _tls(sock._sslobj, scratch)
    raw = sock._sock
    # Linux throws bytes of a TCP stream away without copying them (tcp(7), MSG_TRUNC).
    flags = socket.MSG_TRUNC if sys.platform == "linux" else 0
    into = raw.recv_into
    return raw.recv, raw.send, partial(into, scratch), lambda count: into(scratch, count, flags)


def _tls(tls: Any, scratch: bytearray) -> tuple[Recv, Send, Count, Count]:
    read, write = tls.read, tls.write

    def recv(count: int) -> bytes:
        try:
            return read(count)  # type: ignore[no-any-return]
        except ssl.SSLError as error:
            return _ended(error)

    def send(data: Any) -> int:
        try:
            return write(data)  # type: ignore[no-any-return]
        except (ssl.SSLWantWriteError, ssl.SSLWantReadError) as error:
            raise BlockingIOError from error
        except ssl.SSLEOFError:
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE)) from None

    def fill(count: int) -> int:
        try:
            return read(count, scratch)  # type: ignore[no-any-return]
        except ssl.SSLError as error:
            return len(_ended(error))

    return recv, send, fill, fill


def _ended(error: ssl.SSLError) -> bytes:
    """The plain socket's way of saying what OpenSSL says by an exception."""
    if isinstance(error, (ssl.SSLWantReadError, ssl.SSLWantWriteError)):
        raise BlockingIOError from error
    if isinstance(error, (ssl.SSLZeroReturnError, ssl.SSLEOFError)):
        return b""
    raise error
