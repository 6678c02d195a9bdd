"""The bus's twin in memory: the same ends, without sockets, greenlets and time.

Frames wait in the `Network` until `deliver` passes them on, in order. A test can disconnect a dealer, reconnect it
(it then has a new peer name, as in ZeroMQ), and read, drop, repeat or reorder the frames in transit.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class FrameInTransit:
    """`up`: it goes to the router. Otherwise it goes to the dealer."""

    dealer: MemoryDealer
    frame: bytes
    up: bool
    peer: bytes


class Network:
    """All ends of one bus. `in_transit` holds what was sent and is not yet delivered."""

    def __init__(self) -> None:
        self.in_transit: deque[FrameInTransit] = deque()
        self.router_on_frame: Callable[[bytes, bytes], None] | None = None
        self._peers: dict[bytes, MemoryDealer] = {}
        self._partitioned: set[bytes] = set()
        self._count = 0

    def router(self) -> MemoryRouter:
        return MemoryRouter(self)

    def dealer(self) -> MemoryDealer:
        made = MemoryDealer(self)
        self.connect(made)
        return made

    def connect(self, dealer: MemoryDealer) -> None:
        """Connect the dealer, with a new peer name."""
        self.cut(dealer)
        self._count += 1
        dealer.peer = b"peer-%d" % self._count
        self._peers[dealer.peer] = dealer

    def cut(self, dealer: MemoryDealer) -> None:
        """Break the connection. The frames in transit are lost."""
        self._peers.pop(dealer.peer, None)
        self.in_transit = deque(frame for frame in self.in_transit if frame.peer != dealer.peer)
        dealer.peer = b""

    def partition(self, dealer: MemoryDealer) -> None:
        """Lose all frames from now on, as with a cut cable. Neither end notices."""
        self._partitioned.add(dealer.peer)

    def heal(self, dealer: MemoryDealer) -> None:
        """End the partition. The connection is still there."""
        self._partitioned.discard(dealer.peer)

    def find(self, peer: bytes) -> MemoryDealer | None:
        return self._peers.get(peer)

    def deliver(self, most: int = 100_000) -> int:
        """Deliver all frames, and those that are sent meanwhile. Returns how many there were."""
        for count in range(most):
            if not self.in_transit:
                return count
            self._deliver_one(self.in_transit.popleft())
        raise RuntimeError(f"the network is not quiet after {most} frames")

    def _deliver_one(self, frame: FrameInTransit) -> None:
        if frame.peer not in self._peers or frame.peer in self._partitioned:
            return
        if not frame.up:
            if frame.dealer.on_frame is not None:
                frame.dealer.on_frame(frame.frame)
        elif self.router_on_frame is not None:
            self.router_on_frame(frame.peer, frame.frame)


class MemoryRouter:
    """Like `bus.Router`. A later one on the same network takes over, as after a restart of the master."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def serve(self, on_frame: Callable[[bytes, bytes], None]) -> None:
        self._network.router_on_frame = on_frame

    def send(self, peer: bytes, frame: bytes) -> bool:
        dealer = self._network.find(peer)
        if dealer is None:
            return False
        self._network.in_transit.append(FrameInTransit(dealer, frame, False, peer))
        return True

    def close(self) -> None:
        self._network.router_on_frame = None


class MemoryDealer:
    """Like `bus.Dealer`."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.peer = b""
        self.on_frame: Callable[[bytes], None] | None = None

    def serve(self, on_frame: Callable[[bytes], None]) -> None:
        self.on_frame = on_frame

    def send(self, frame: bytes) -> bool:
        if not self.peer or self._network.router_on_frame is None:
            return False
        self._network.in_transit.append(FrameInTransit(self, frame, True, self.peer))
        return True

    def close(self) -> None:
        self._network.cut(self)
        self.on_frame = None
