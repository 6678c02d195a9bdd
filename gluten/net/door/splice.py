"""A connection carried on to a unix socket, both ways, until both ends have closed."""

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


class End(Protocol):
    """What is carried on: a socket, or what does as one."""

    def recv(self, size: int, /) -> bytes: ...

    def sendall(self, data: bytes, /) -> None: ...

    def shutdown(self, how: int, /) -> None: ...


def connect(path: str, patience: float, name: bytes | None = None) -> socket.socket:
    """Connect to the unix socket, for `patience` seconds while nobody listens there; our end is called `name`.
    Raises OSError."""
    deadline = time.monotonic() + patience
    while True:
        # Not gevent's connect: a full backlog is EAGAIN here, for which it would spin.
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


def splice(front: End, back: End, watch: Callable[[bytes], bool] | None = None) -> None:
    """Copy both ways; the end of one direction is passed on, the other goes on. Closes neither.

    `watch` sees what `front` sends before `back` does; where it says False both ends are shut down. Returns when
    both directions have ended, one has failed, or `back` ended and `front` does not follow.
    """
    upward = Greenlet.spawn(_copy, front, back, watch)
    try:
        if _copy(back, front):
            upward.join(_LINGER)
    finally:
        upward.kill()


def _copy(source: End, sink: End, watch: Callable[[bytes], bool] | None = None) -> bool:
    """Copy until the source's end. True: in order; False: a side failed, and the other must not wait."""
    try:
        while data := source.recv(CHUNK):
            if watch is not None and not watch(data):
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
