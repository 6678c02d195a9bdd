"""Limits on how many connections are open at once, in all and from one address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Generic, Self, TypeVar

T = TypeVar("T")

LEAST = 4
_KINDS = ("pending", "http", "idle_http", "grpc", "bus")


@dataclass(frozen=True, slots=True)
class DoorLimits:
    """How many connections a port takes at once, and how long it waits, in seconds.

    `pending` connections have not yet shown their protocol. `http` connections need no key; the rest of `connections`
    is for the bus and gRPC. At most half of those may be unproven: their client has not shown the key yet. `idle_http`
    are streams of events, and HTTP connections that wait for their client: for a request, for the rest of one, or for
    room to send a response. Beyond the limits of `pending`, of `idle_http` and of unproven connections the oldest one
    is closed. This keeps idle connections from using up all slots, even when they come from many addresses. `*_each`
    is the limit for one address.
    """

    connections: int = 20_000
    pending: int = 4_000
    pending_each: int = 1_000
    http: int = 4_000
    http_each: int = 500
    idle_http: int = 2_000
    idle_http_each: int = 250
    grpc: int = 2_000
    grpc_each: int = 200
    bus: int = 4_000
    bus_each: int = 4_000
    handshake_timeout: float = 5.0
    idle_timeout: float = 60.0

    @property
    def files(self) -> int:
        """The most descriptors that connections take. One of gRPC or of the bus takes three: the peer's, and both ends
        of the connection to the server behind the door."""
        return self.pending + self.http + 3 * (self.grpc + self.bus)

    @classmethod
    def fitting(cls, files: int) -> Self:
        """Limits with which connections take at most `files` descriptors. One address may have half of each kind."""
        whole = cls()
        share = min(1.0, max(0, files) / whole.files)
        if share == 1.0:
            return whole
        most = {name: max(LEAST, int(getattr(whole, name) * share)) for name in _KINDS}
        each = {f"{name}_each": min(getattr(whole, f"{name}_each"), count // 2) for name, count in most.items()}
        return cls(connections=sum(most[name] for name in _KINDS if name != "idle_http"), **most, **each)


class TooManyConnections(OSError):
    """The limit is reached."""


class ConnectionLimits:
    """Refuses connections beyond `most` in all, or `each` from one address. `what` is their name in messages."""

    def __init__(self, what: str, most: int, each: int) -> None:
        self._what, self._most, self._each = what, most, each
        self._by_address: Counter[str] = Counter()
        self._open = 0

    def __len__(self) -> int:
        return self._open

    @contextmanager
    def admit(self, address: str) -> Iterator[None]:
        """Count one connection for as long as the block runs. Raises TooManyConnections."""
        if self._open >= self._most:
            raise TooManyConnections(f"{self._most} {self._what} at once are the limit")
        if self._by_address[address] >= self._each:
            raise TooManyConnections(f"{self._each} {self._what} at once from one address are the limit")
        self._open += 1
        self._by_address[address] += 1
        try:
            yield
        finally:
            self._open -= 1
            self._by_address[address] -= 1
            if not self._by_address[address]:
                del self._by_address[address]


class EvictingLimits(Generic[T]):
    """Limits for connections that are waited for. Beyond `most` in all, or `each` from one address, it calls `evict`
    with the oldest one. A new client is therefore served, however many others only wait."""

    def __init__(self, most: int, each: int, evict: Callable[[T], object]) -> None:
        self._most, self._each, self._evict = most, each, evict
        self._all: dict[int, tuple[str, T]] = {}
        self._by_address: dict[str, dict[int, T]] = {}
        self._next = 0

    def __len__(self) -> int:
        return len(self._all)

    @contextmanager
    def admit(self, address: str, connection: T) -> Iterator[Callable[[], None]]:
        """Count `connection` for as long as the block runs, or until it is evicted.

        Yields a function that stops counting it. From then on it is not evicted.
        """
        number = self._next = self._next + 1
        self._all[number] = (address, connection)
        self._by_address.setdefault(address, {})[number] = connection
        if len(self._by_address[address]) > self._each:
            self._remove_oldest(self._by_address[address])
        if len(self._all) > self._most:
            self._remove_oldest(self._all)
        try:
            yield partial(self._forget, number)
        finally:
            self._forget(number)

    def _remove_oldest(self, numbers: Iterable[int]) -> None:
        number = next(iter(numbers))
        _, connection = self._all[number]
        self._forget(number)
        self._evict(connection)

    def _forget(self, number: int) -> None:
        address, _ = self._all.pop(number, ("", None))
        of_address = self._by_address.get(address, {})
        of_address.pop(number, None)
        if not of_address:
            self._by_address.pop(address, None)
