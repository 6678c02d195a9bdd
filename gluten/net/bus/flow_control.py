"""Limits how many bytes of a bus connection may wait for the end of their message.

On an encrypted bus the front door cannot see where a message ends. A peer with the key could send a message of very
many parts, and ZeroMQ keeps them all until the last one arrives. So a connection that has sent `MAX_BUFFERED` bytes
since the bus delivered its last message is held back until the bus delivers the next one. If none comes, it is closed.
The bus finds a connection's flow control by the name of the other end of its unix socket: the front door sets that name
(`net/door/peername`), and the kernel tells it.
"""

from __future__ import annotations

import contextlib
import math
import socket
from collections.abc import Callable, Iterator

import gevent
from gevent.event import Event

from gluten.net.bus.messages import MAX as LONGEST

MAX_BUFFERED = 2 * LONGEST
PATIENCE = 10.0


class FlowControl:
    """The flow control of one connection. `error` says why it has to be closed.

    `on_first` is called for the first message that the bus delivers: then its peer has the key.
    """

    def __init__(
        self, most: float = MAX_BUFFERED, patience: float = PATIENCE, on_first: Callable[[], None] = lambda: None
    ) -> None:
        self._most, self._patience = most, patience
        self._sent = 0
        self._cleared = Event()
        self._on_first, self._known = on_first, False
        self.error = ""

    def pass_on(self, size: int) -> bool:
        """Count `size` bytes, and wait while there are too many. False: close the connection."""
        self._sent += size
        if self._sent > self._most:
            self._cleared.clear()
            with gevent.Timeout(self._patience, False):  # type: ignore[arg-type]
                self._cleared.wait()
        if self._sent > self._most:
            self.error = f"{self._sent} bytes without a whole message"
        return not self.error

    def clear(self) -> None:
        """The bus has delivered a message of this connection."""
        self._sent = 0
        self._cleared.set()
        if not self._known:
            self._known = True
            self._on_first()


class FlowControls:
    """The flow controls of all connections that come through a front door."""

    def __init__(self) -> None:
        self._named: dict[bytes, FlowControl] = {}
        self._peers: dict[bytes, tuple[FlowControl, bytes]] = {}

    def __len__(self) -> int:
        return len(self._named) + len(self._peers)

    @contextlib.contextmanager
    def opened(self, name: bytes | None, on_first: Callable[[], None] = lambda: None) -> Iterator[FlowControl]:
        """The flow control of a connection whose end at the door has this name. `on_first` is called when the bus has
        delivered its first message. Without a name there is no limit, and it is called at once."""
        if name is None:
            on_first()
            yield FlowControl(math.inf)
            return
        self._named[name] = flow = FlowControl(on_first=on_first)
        try:
            yield flow
        finally:
            del self._named[name]
            self._peers = {peer: (found, at) for peer, (found, at) in self._peers.items() if at != name}

    def delivered(self, peer: bytes, descriptor: int) -> None:
        """The bus has delivered a message of `peer`, over the socket with this descriptor."""
        found = self._peers.get(peer) or self._find(peer, descriptor)
        if found is not None:
            found[0].clear()

    def _find(self, peer: bytes, descriptor: int) -> tuple[FlowControl, bytes] | None:
        name = _other_end(descriptor)
        flow = self._named.get(name)
        if flow is None:
            return None  # it has ended, or it did not come through a door
        self._peers[peer] = (flow, name)
        return self._peers[peer]


def _other_end(descriptor: int) -> bytes:
    """The name of a unix socket's other end, or an empty text. The descriptor may belong to another file by now."""
    try:
        with socket.fromfd(descriptor, socket.AF_UNIX, socket.SOCK_STREAM) as sock:
            name = sock.getpeername()
    except OSError:
        return b""
    return name if isinstance(name, bytes) else b""
