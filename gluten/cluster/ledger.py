"""What a run's nodes have counted so far: merged by second, by node and over all. Pure.

A delta is known by its source (node's name, epoch) and number, and comes in once however often it arrives.
Deltas may come in any order. Gauges (in flight, connections) are each source's latest, added over the sources.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gluten.load.delta import Delta
from gluten.load.seconds import pack, unpack

OPEN_SECONDS = 20
"""So many seconds keep their histograms at hand; older ones are packed, and unpacked should a late delta come."""

Source = tuple[str, int]
"""(node's name, epoch)."""


class Numbers:
    """Which of 1, 2, 3 … were seen; those beyond a gap are kept apart."""

    __slots__ = ("_beyond", "upto")

    def __init__(self) -> None:
        self.upto = 0
        self._beyond: set[int] = set()

    def add(self, number: int) -> bool:
        """False if it was seen before."""
        if number in self:
            return False
        self._beyond.add(number)
        while self.upto + 1 in self._beyond:
            self.upto += 1
            self._beyond.remove(self.upto)
        return True

    def __contains__(self, number: int) -> bool:
        return number <= self.upto or number in self._beyond

    def missing(self, last: int) -> int:
        """How many of 1 … last were not seen."""
        return max(0, last - self.upto) - sum(number <= last for number in self._beyond)


@dataclass(slots=True)
class Gauge:
    """A source's latest gauges, as of delta `number`."""

    number: int = 0
    in_flight: int = 0
    connections: int = 0

    def take(self, number: int, delta: Delta) -> tuple[int, int]:
        """By how much in_flight and connections change."""
        if number <= self.number:
            return 0, 0
        change = delta.in_flight - self.in_flight, delta.connections - self.connections
        self.number, self.in_flight, self.connections = number, delta.in_flight, delta.connections
        return change


def _merge(whole: Delta, delta: Delta, change: tuple[int, int]) -> None:
    """Add the counts; move the gauges by `change`."""
    in_flight, connections = whole.in_flight + change[0], whole.connections + change[1]
    whole.follow(delta)
    whole.in_flight, whole.connections = in_flight, connections


@dataclass(slots=True)
class NodeSecond:
    """What a second's row says of one node."""

    completed: int = 0
    cpu: float = 0.0


@dataclass(slots=True)
class Second:
    """One run-second over all nodes. `packed` stands for `delta` once the second is old."""

    delta: Delta | None
    version: int = 0
    packed: bytes = b""
    busy: bool = False
    """Anything was sent, answered, failed or dropped."""
    gauges: dict[Source, Gauge] = field(default_factory=dict)
    nodes: dict[str, NodeSecond] = field(default_factory=dict)
    row: dict[str, Any] | None = None

    def take(self, source: Source, number: int, delta: Delta, version: int) -> None:
        change = self.gauges.setdefault(source, Gauge()).take(number, delta)
        _merge(self.open(), delta, change)
        self.busy = self.busy or any((delta.sent, delta.completed, delta.failed, delta.dropped))
        node = self.nodes.setdefault(source[0], NodeSecond())
        node.completed += delta.completed
        node.cpu = max(node.cpu, delta.cpu)
        self.version, self.row = version, None

    def open(self) -> Delta:
        """The delta, unpacked if need be."""
        if self.delta is None:
            self.delta = unpack(self.packed)
            self.packed = b""
        return self.delta

    def pack(self) -> None:
        if self.delta is not None:
            self.packed, self.delta = pack(self.delta), None

    def in_flight(self, name: str) -> int:
        return sum(gauge.in_flight for source, gauge in self.gauges.items() if source[0] == name)


class Ledger:
    """All deltas of one run."""

    def __init__(self) -> None:
        self.total = Delta()
        self.nodes: dict[str, Delta] = {}
        self.seconds: dict[int, Second] = {}
        self._sent: dict[Source, int] = {}
        self._numbers: dict[Source, Numbers] = {}
        self._gauges: dict[Source, Gauge] = {}
        self._open: set[int] = set()
        self._marks: tuple[int, int] | None = None

    @property
    def marks(self) -> tuple[int, int]:
        """p50 and p99 of the response time so far, in microseconds."""
        if self._marks is None:
            p50, p99 = self.total.response.percentiles([50, 99])
            self._marks = (p50, p99)
        return self._marks

    def add(self, name: str, epoch: int, number: int, delta: Delta, version: int) -> bool:
        """Merge a delta. False, and nothing changes, if it was merged before."""
        source = (name, epoch)
        if not self._numbers.setdefault(source, Numbers()).add(number):
            return False
        change = self._gauges.setdefault(source, Gauge()).take(number, delta)
        self._marks = None
        self._sent[source] = self._sent.get(source, 0) + delta.sent
        self._second(delta.second).take(source, number, delta, version)
        for whole in (self.total, self.nodes.setdefault(name, Delta())):
            _merge(whole, delta, change)
        return True

    def knows(self, name: str, epoch: int, number: int) -> bool:
        numbers = self._numbers.get((name, epoch))
        return numbers is not None and number in numbers

    def sent(self, name: str, epoch: int) -> int:
        """Requests that the source has told of."""
        return self._sent.get((name, epoch), 0)

    def missing(self, name: str, epoch: int, last: int) -> int:
        """How many of the source's deltas 1 … last have not come."""
        return self._numbers.setdefault((name, epoch), Numbers()).missing(last)

    def mean_cpu(self, name: str, until: float) -> float:
        """The node's busiest worker's mean share of a core over its whole seconds before `until`."""
        kept = [s.nodes[name].cpu for second, s in self.seconds.items() if second + 1 <= until and name in s.nodes]
        return sum(kept) / len(kept) if kept else 0.0

    def last_second(self, name: str) -> int | None:
        """The newest second of which the node told."""
        return max((second for second, seen in self.seconds.items() if name in seen.nodes), default=None)

    def _second(self, number: int) -> Second:
        second = self.seconds.get(number)
        if second is None:
            second = self.seconds[number] = Second(Delta(number))
        self._open.add(number)
        if len(self._open) > OPEN_SECONDS:
            self._pack_all_but(number)
        return second

    def _pack_all_but(self, number: int) -> None:
        for old in sorted(self._open)[: len(self._open) - OPEN_SECONDS]:
            if old != number:
                self.seconds[old].pack()
                self._open.remove(old)
