"""What each node's load generator did in the seconds of a search: to decide by, and for the verdict. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from gluten.capacity.decision import Generator
from gluten.stats.delta import Delta


class NodeUse(NamedTuple):
    """One node's generator over some seconds. `cpu` is the busiest worker's mean share of a core, `host_cpu` and
    `steal` are mean shares of the machine. `late` of its `sent` requests were later than the limit, and `lagged` of its
    clock's `ticks`. `lag_p99` is the greatest of its seconds."""

    name: str
    cpu: float
    host_cpu: float
    steal: float
    sent: int
    late: int
    ticks: int
    lagged: int
    lag_p99: int = 0


@dataclass(slots=True)
class _Second:
    """One node in one second, of all of its assignments."""

    cpu: float = 0.0
    host_cpu: float = 0.0
    steal: float = 0.0
    sent: int = 0
    late: int = 0
    ticks: int = 0
    lagged: int = 0
    lateness_p99: int = 0
    lag_p99: int = 0
    capped: bool = False

    def take(self, delta: Delta, limit: int, capped: bool) -> None:
        self.cpu, self.host_cpu = max(self.cpu, delta.cpu), max(self.host_cpu, delta.host_cpu)
        self.steal = max(self.steal, delta.steal)
        self.sent, self.late = self.sent + len(delta.lateness), self.late + delta.lateness.above(limit)
        self.ticks, self.lagged = self.ticks + len(delta.lag), self.lagged + delta.lag.above(limit)
        self.lateness_p99 = max(self.lateness_p99, delta.lateness.percentile(99))
        self.lag_p99 = max(self.lag_p99, delta.lag.percentile(99))
        self.capped = self.capped or capped


class NodeUses:
    """From `limit` microseconds on a request or a tick of the clock is late. A p99 is told only where at least `least`
    values are: that of a few requests is the greatest of them, and one can be late by chance."""

    def __init__(self, limit: int, least: int) -> None:
        self._limit, self._least = limit, least
        self._seconds: dict[int, dict[str, _Second]] = {}

    def take(self, name: str, delta: Delta, capped: bool = False) -> None:
        """A node's delta. `capped`: it has all the connections that it may have, and requests wait for one."""
        self._seconds.setdefault(delta.second, {}).setdefault(name, _Second()).take(delta, self._limit, capped)

    def generators(self, second: int) -> list[Generator]:
        """The nodes in a second."""
        return [self._generator(name, use) for name, use in self._seconds.get(second, {}).items()]

    def _generator(self, name: str, use: _Second) -> Generator:
        lateness = use.lateness_p99 if use.late >= self._least else 0
        lag = use.lag_p99 if use.lagged >= self._least else 0
        return Generator(name, use.cpu, lateness, lag, use.capped)

    def between(self, first: int, until: int) -> tuple[NodeUse, ...]:
        """The nodes from the run-second `first` on, before `until`."""
        found: dict[str, list[_Second]] = {}
        for second in range(first, until):
            for name, use in self._seconds.get(second, {}).items():
                found.setdefault(name, []).append(use)
        return tuple(_whole(name, uses) for name, uses in found.items())


def _whole(name: str, uses: list[_Second]) -> NodeUse:
    return NodeUse(
        name,
        _mean(use.cpu for use in uses),
        _mean(use.host_cpu for use in uses),
        _mean(use.steal for use in uses),
        sum(use.sent for use in uses),
        sum(use.late for use in uses),
        sum(use.ticks for use in uses),
        sum(use.lagged for use in uses),
        max(use.lag_p99 for use in uses),
    )


def _mean(shares: Iterable[float]) -> float:
    known = list(shares)
    return sum(known) / len(known)
