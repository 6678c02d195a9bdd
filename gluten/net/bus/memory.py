"""The bus's twin in memory: the same ends, no socket, no greenlet, no time.

Frames wait in the `Network` until `deliver` carries them, in order. A test can cut a dealer off, reconnect it
(which gives it a new peer name, as ZeroMQ does), and look at, drop, repeat or reorder what is on the way.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Parcel:
    """A frame on its way; `up` towards the router."""

    dealer: MemoryDealer
    frame: bytes
    up: bool
    peer: bytes


class Network:
    """All ends of one bus. `way` holds what was sent and not yet delivered."""

    def __init__(self) -> None:
        self.way: deque[Parcel] = deque()
        self.router_on_frame: Callable[[bytes, bytes], None] | None = None
        self._peers: dict[bytes, MemoryDealer] = {}
        self._parted: set[bytes] = set()
        self._count = 0

    def router(self) -> MemoryRouter:
        return MemoryRouter(self)

    def dealer(self) -> MemoryDealer:
        made = MemoryDealer(self)
        self.connect(made)
        return made

    def connect(self, dealer: MemoryDealer) -> None:
        """A new connection, with a new peer name."""
        self.cut(dealer)
        self._count += 1
        dealer.peer = b"peer-%d" % self._count
        self._peers[dealer.peer] = dealer

    def cut(self, dealer: MemoryDealer) -> None:
        """The connection breaks; what was on the way is lost."""
        self._peers.pop(dealer.peer, None)
        self.way = deque(parcel for parcel in self.way if parcel.peer != dealer.peer)
        dealer.peer = b""

    def part(self, dealer: MemoryDealer) -> None:
        """The cable breaks: what is sent vanishes, and neither end learns of it."""
        self._parted.add(dealer.peer)

    def heal(self, dealer: MemoryDealer) -> None:
        """The cable is whole again, the connection still there."""
        self._parted.discard(dealer.peer)

    def find(self, peer: bytes) -> MemoryDealer | None:
        return self._peers.get(peer)

    def deliver(self, most: int = 100_000) -> int:
        """Carry everything, and what is sent meanwhile, until the network is quiet. How many frames there were."""
        for count in range(most):
            if not self.way:
                return count
            self._carry(self.way.popleft())
        raise RuntimeError(f"the network is not quiet after {most} frames")

    def _carry(self, parcel: Parcel) -> None:
        if parcel.peer not in self._peers or parcel.peer in self._parted:
            return
        if not parcel.up:
            if parcel.dealer.on_frame is not None:
                parcel.dealer.on_frame(parcel.frame)
        elif self.router_on_frame is not None:
            self.router_on_frame(parcel.peer, parcel.frame)


class MemoryRouter:
    """Like `bus.Router`. A later one on the same network takes over, as a restarted master does."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def serve(self, on_frame: Callable[[bytes, bytes], None]) -> None:
        self._network.router_on_frame = on_frame

    def send(self, peer: bytes, frame: bytes) -> bool:
        dealer = self._network.find(peer)
        if dealer is None:
            return False
        self._network.way.append(Parcel(dealer, frame, False, peer))
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
        self._network.way.append(Parcel(self, frame, True, self.peer))
        return True

    def close(self) -> None:
        self._network.cut(self)
        self.on_frame = None
