"""Copies a connection to a unix socket, in both directions, until both ends have closed."""

from __future__ import annotations

import contextlib
import errno
import os
import socket as native
import time
from collections.abc import Callable
from typing import Protocol

import gevent
from gevent import socket
from gevent.greenlet import Greenlet

CHUNK = 1 << 16
_RETRY = 0.05
_NOT_YET = (errno.ENOENT, errno.ECONNREFUSED, errno.EAGAIN)
_LINGER = 30.0


class Stream(Protocol):
    """A socket, or an object that acts as one."""

    def recv(self, size: int, /) -> bytes: ...

    def sendall(self, data: bytes, /) -> None: ...

    def shutdown(self, how: int, /) -> None: ...


def connect(path: str, patience: float, name: bytes | None = None) -> socket.socket:
    """Connect to the unix socket at `path`. Our end is bound to `name`.

    While nothing listens there, try again for `patience` seconds. Raises OSError.
    """
    deadline = time.monotonic() + patience
    while True:
        # Not gevent's connect: a full backlog is EAGAIN on a unix socket, and gevent's connect would spin on that.
        with native.socket(native.AF_UNIX, native.SOCK_STREAM) as sock:
            sock.setblocking(False)
            if name is not None:
                sock.bind(name)
            code = sock.connect_ex(path)
            if code == 0:
                return socket.socket(fileno=sock.detach())
        if code not in _NOT_YET or time.monotonic() > deadline:
            raise OSError(code, os.strerror(code))
        gevent.sleep(_RETRY)


def splice(front: Stream, back: Stream, inspect: Callable[[bytes], bool] | None = None) -> None:
    """Copy in both directions. It closes neither end.

    When one direction ends, its end is passed on and the other direction goes on. `inspect` gets the data of `front`
    before `back` does. If it returns False, both ends are shut down. Returns when both directions have ended, when one
    has failed, or when `back` has ended and `front` has not ended `_LINGER` seconds later.
    """
    upward = Greenlet.spawn(_copy, front, back, inspect)
    try:
        if _copy(back, front):
            upward.join(_LINGER)
    finally:
        upward.kill()


def _copy(source: Stream, sink: Stream, inspect: Callable[[bytes], bool] | None = None) -> bool:
    """Copy until the source ends. False if a side failed: then both sides are shut down."""
    try:
        while data := source.recv(CHUNK):
            if inspect is not None and not inspect(data):
                raise ConnectionAbortedError
            sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)
        return True
    except OSError:
        for sock in (source, sink):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        return False
