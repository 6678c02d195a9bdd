"""How much of a bus connection may wait for the end of its message.

On a locked bus the front door cannot see where a message ends: a peer that has the key could send one of very many
parts, which ZeroMQ keeps until the last is here. So a connection that has sent `MOST` bytes since the bus handed over
its last message is held back until the next one is, and ended where none comes. Who is who is told by the name of the
door's end of the unix socket (`net/door/peername`), which the bus's end can ask the kernel for.
"""

from __future__ import annotations

import contextlib
import math
import socket
from collections.abc import Iterator

import gevent
from gevent.event import Event

from gluten.net.bus.messages import MAX as LONGEST

MAX_BUFFERED = 2 * LONGEST
PATIENCE = 10.0


class FlowControl:
    """One connection's. `trouble` says what was wrong."""

    def __init__(self, most: float = MAX_BUFFERED, patience: float = PATIENCE) -> None:
        self._most, self._patience = most, patience
        self._sent = 0
        self._moved = Event()
        self.trouble = ""

    def pass_on(self, size: int) -> bool:
        """Account for so many bytes, and wait while it has too many. False: end the connection."""
        self._sent += size
        if self._sent > self._most:
            self._moved.clear()
            with gevent.Timeout(self._patience, False):  # type: ignore[arg-type]
                self._moved.wait()
        if self._sent > self._most:
            self.trouble = f"{self._sent} bytes without a whole message"
        return not self.trouble

    def clear(self) -> None:
        """The bus has handed over a message of it."""
        self._sent = 0
        self._moved.set()


class FlowControls:
    """Those of all connections behind the doors, found by the bus's side of them."""

    def __init__(self) -> None:
        self._named: dict[bytes, FlowControl] = {}
        self._peers: dict[bytes, tuple[FlowControl, bytes]] = {}

    def __len__(self) -> int:
        return len(self._named) + len(self._peers)

    @contextlib.contextmanager
    def opened(self, name: bytes | None) -> Iterator[FlowControl]:
        """For a connection whose end at the door has this name; without one, the window is as wide as can be."""
        if name is None:
            yield FlowControl(math.inf)
            return
        self._named[name] = window = FlowControl()
        try:
            yield window
        finally:
            del self._named[name]
            self._peers = {peer: (found, at) for peer, (found, at) in self._peers.items() if at != name}

    def delivered(self, peer: bytes, descriptor: int) -> None:
        """A message of `peer` is here, over the socket with this number."""
        found = self._peers.get(peer) or self._find(peer, descriptor)
        if found is not None:
            found[0].clear()

    def _find(self, peer: bytes, descriptor: int) -> tuple[FlowControl, bytes] | None:
        name = _other_end(descriptor)
        window = self._named.get(name)
        if window is None:
            return None  # it is gone, or did not come through a door
        self._peers[peer] = (window, name)
        return self._peers[peer]


def _other_end(descriptor: int) -> bytes:
    """The name of a unix socket's other end, empty where it has none. The number may be another's by now."""
    try:
        with socket.fromfd(descriptor, socket.AF_UNIX, socket.SOCK_STREAM) as sock:
            name = sock.getpeername()
    except OSError:
        return b""
    return name if isinstance(name, bytes) else b""
