"""One run-second over all nodes: everything merged, and what each node did. Pure."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from gluten.stats.delta import GAUGES, Delta
from gluten.stats.packed_delta import pack, unpack
from gluten.stats.row import narrowed, row, with_hdr, without_hdr

Source = tuple[str, int]
"""(node's name, epoch)."""
Change = tuple[int, ...]
"""By how much each of `GAUGES` changes."""
_UNCHANGED = (0,) * len(GAUGES)


@dataclass(slots=True)
class Gauge:
    """A source's latest gauges, as of delta `number`."""

    number: int = 0
    in_flight: int = 0
    connections: int = 0
    backlog: int = 0
    active: int = 0

    def take(self, number: int, delta: Delta) -> Change:
        """By how much the gauges change."""
        if number <= self.number:
            return _UNCHANGED
        self.number, changes = number, []
        for name in GAUGES:
            changes.append(getattr(delta, name) - getattr(self, name))
            setattr(self, name, getattr(delta, name))
        return tuple(changes)


def merge(whole: Delta, delta: Delta, change: Change, under: str | None = None) -> None:
    """Add the counts, all of them as `under` if that is given; move the gauges by `change`."""
    before = [getattr(whole, name) for name in GAUGES]
    whole.follow(delta, under)
    for name, value, more in zip(GAUGES, before, change, strict=True):
        setattr(whole, name, value + more)


@dataclass(slots=True)
class NodeSecond:
    """One node in the row of a second. `gauges` are the latest of its sources, by epoch; `peak` is that of `Delta`."""

    completed: int = 0
    cpu: float = 0.0
    host_cpu: float = 0.0
    steal: float = 0.0
    peak: int = 0
    gauges: dict[int, Gauge] = field(default_factory=dict)

    def take(self, epoch: int, number: int, delta: Delta) -> Change:
        """By how much the gauges change."""
        self.completed += delta.completed
        self.peak += delta.peak
        self.cpu, self.host_cpu = max(self.cpu, delta.cpu), max(self.host_cpu, delta.host_cpu)
        self.steal = max(self.steal, delta.steal)
        return self.gauges.setdefault(epoch, Gauge()).take(number, delta)

    def to_list(self) -> list[Any]:
        gauges = [[epoch, g.number, *(getattr(g, name) for name in GAUGES)] for epoch, g in self.gauges.items()]
        return [self.completed, self.cpu, self.host_cpu, self.steal, self.peak, gauges]

    @classmethod
    def from_list(cls, flat: list[Any]) -> NodeSecond:
        completed, cpu, host_cpu, steal, peak, gauges = flat
        return cls(completed, cpu, host_cpu, steal, peak, {epoch: Gauge(*rest) for epoch, *rest in gauges})

    def to_map(self) -> dict[str, Any]:
        """For people."""
        in_flight = sum(gauge.in_flight for gauge in self.gauges.values())
        return {"completed": self.completed, "cpu": round(self.cpu, 3), "in_flight": in_flight}


def _packed(plain: Any) -> bytes:
    return zlib.compress(json.dumps(plain, separators=(",", ":")).encode(), 1)


def _busy(delta: Delta) -> bool:
    if any((delta.sent, delta.completed, delta.failed, delta.dropped, delta.active, delta.opened)):
        return True
    return any(stats.finished or stats.ended or stats.cut for stats in delta.by_scenario.values())


class RunSecond:
    """`busy`: anything was sent, answered, failed, dropped or opened, or a session is under way or ended. Once it is
    old it is packed: whole, nodes and row.

    Packed it is read as before, its row without computing it anew; a delta that comes late unpacks it.
    """

    __slots__ = ("_delta", "_nodes", "_packed", "_packed_named", "_packed_row", "_row", "busy", "completed", "version")

    def __init__(self, number: int) -> None:
        self.version, self.completed, self.busy = 0, 0, False
        self._delta: Delta | None = Delta(number)
        self._nodes: dict[str, NodeSecond] = {}
        self._packed = self._packed_row = self._packed_named = b""
        self._row: dict[str, Any] | None = None

    @property
    def packed(self) -> bool:
        return self._delta is None

    @property
    def delta(self) -> Delta:
        """All nodes merged."""
        return self._delta if self._delta is not None else unpack(self._packed)

    @property
    def nodes(self) -> dict[str, NodeSecond]:
        if self._delta is not None:
            return self._nodes
        return self._unpacked_row()[1]

    def take(self, source: Source, number: int, delta: Delta, version: int) -> int:
        """Merge a delta of the source; the most connections that its node had open at once in this second."""
        self._unpack()
        name, epoch = source
        node = self._nodes.setdefault(name, NodeSecond())
        merge(self.delta, delta, node.take(epoch, number, delta))
        self.completed += delta.completed
        self.busy = self.busy or _busy(delta)
        self.version, self._row = version, None
        return node.peak

    def assignments(self) -> Iterator[tuple[str, tuple[float, ...]]]:
        """(name, its shares of a core and of its machine) of each node."""
        return ((name, (node.cpu, node.host_cpu, node.steal)) for name, node in self.nodes.items())

    def row(self, asked: float | None, hdr: bool = False, request: str | None = None) -> dict[str, Any]:
        """The row of this second; `asked` in requests/s. `hdr`: with its histogram, as a report has it. `request`:
        with this named request alone; empty: with none."""
        whole, nodes = (self._whole(), self._nodes) if self._delta is not None else self._unpacked_row(request != "")
        whole = narrowed(whole, request)
        found = whole | {
            "asked": asked,
            "version": self.version,
            "nodes": {name: node.to_map() for name, node in nodes.items()},
        }
        if hdr:
            return found if "hdr" in found else with_hdr(found, self.delta)
        return without_hdr(found)

    def pack(self) -> None:
        """Keep it in little memory."""
        if self._delta is None:
            return
        whole = with_hdr(self._whole(), self._delta)
        named = whole.pop("by_request", None)
        self._packed_row = _packed([whole, {name: node.to_list() for name, node in self._nodes.items()}])
        self._packed_named = _packed(named) if named is not None else b""
        self._packed, self._delta, self._nodes, self._row = pack(self._delta), None, {}, None

    def _unpack(self) -> None:
        if self._delta is None:
            self._nodes = self.nodes
            self._delta, self._packed, self._packed_row, self._packed_named = self.delta, b"", b"", b""

    def _unpacked_row(self, named: bool = False) -> tuple[dict[str, Any], dict[str, NodeSecond]]:
        """The row without the nodes, and the nodes, of a packed second. `named`: with the figures of named requests,
        which are most of it."""
        whole, plain = json.loads(zlib.decompress(self._packed_row))
        if named and self._packed_named:
            whole["by_request"] = json.loads(zlib.decompress(self._packed_named))
        return whole, {name: NodeSecond.from_list(flat) for name, flat in plain.items()}

    def _whole(self) -> dict[str, Any]:
        """The row without the nodes: what its percentiles cost is paid once a change."""
        if self._row is None:
            self._row = row(self.delta, None, {}, self.version)
        return self._row
