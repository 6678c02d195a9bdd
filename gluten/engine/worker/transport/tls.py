"""TLS connections: their context, and their four plain functions.

Only a target with https needs this module: `ssl` and OpenSSL take 8 ms of a start.
"""

from __future__ import annotations

import errno
import os
import ssl
from typing import Any

import gevent.ssl

from gluten.engine.certificates import furnish
from gluten.engine.fault import Fault
from gluten.engine.worker.transport.transport import Count, Recv, Send
from gluten.errors import TaskError
from gluten.task.http2_rules import ALPN
from gluten.task.task import Task


def tls_context(task: Task) -> gevent.ssl.SSLContext:
    """A gevent TLS context for the task. Raises `Fault` (tls) when the certificates cannot be used."""
    # Not gevent.ssl.create_default_context: that is the standard library's, whose sockets block the whole hub.
    context = gevent.ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if task.http2:
        context.set_alpn_protocols([ALPN])
    try:
        furnish(context, task)
    except TaskError as error:
        raise Fault("tls", str(error)) from None
    return context


def tls_streams(tls: Any, scratch: bytearray) -> tuple[Recv, Send, Count, Count]:
    """The functions of OpenSSL's object `tls`, as `stream.streams` describes them."""
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
