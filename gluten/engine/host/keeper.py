"""The keeper forks another process when that of its node has died, as by the out-of-memory killer: the engine's, or the
one that reads.

A node cannot do that itself once it has a hub, zmq and gRPC's threads. The keeper is forked before that and does
nothing else. It holds no memory of a run, so it is not what such a killer looks for.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable

from gluten.engine.channel import receive
from gluten.engine.host.process import fork

Make = Callable[[socket.socket], socket.socket]
"""Forks an engine process that closes this socket, and returns the node's end of its channel."""


def spawn(make: Make, name: str = "gluten-keeper") -> socket.socket:
    """Fork the keeper. Returns the node's end of its socket. Call before anything else is imported."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)

    def run() -> None:
        ours.close()
        serve(theirs, make)

    fork(name, run)
    theirs.close()
    return ours


def serve(node: socket.socket, make: Make) -> None:
    """Answer each byte with the channel of a new engine process, until the node closes its end."""
    while receive(node, 1):
        _reap()
        with make(node) as channel, contextlib.suppress(ConnectionError):
            socket.send_fds(node, [b"e"], [channel.fileno()])


def _reap() -> None:
    """Collect the engine processes that have died."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
