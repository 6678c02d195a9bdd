"""A connected socket as four plain functions for the hot path: recv, send, fill, discard.

All are non-blocking: they raise BlockingIOError when they would wait, another OSError when the connection broke;
b"" or 0 is the other side's orderly end.
"""

from __future__ import annotations

import socket
import sys
from functools import partial
from typing import Any

from gluten.engine.worker.transport.transport import Count, Recv, Send


def streams(sock: Any, scratch: bytearray) -> tuple[Recv, Send, Count, Count]:
    """The functions of a gevent socket. What is filled lies at the beginning of `scratch`; what is discarded may."""
    if hasattr(sock, "_sslobj"):
        from gluten.engine.worker.transport.tls import tls_streams  # imports ssl

        return tls_streams(sock._sslobj, scratch)
    raw = sock._sock
    # Linux throws bytes of a TCP stream away without copying them (tcp(7), MSG_TRUNC).
    flags = socket.MSG_TRUNC if sys.platform == "linux" else 0
    into = raw.recv_into
    return raw.recv, raw.send, partial(into, scratch), lambda count: into(scratch, count, flags)
