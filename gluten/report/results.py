"""What a report is made from: what the run is, and what each of its nodes did. Values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from gluten.stats.delta import SHARES, Delta

if TYPE_CHECKING:
    from gluten.documents import EventDocument
    from gluten.workload.workload import Workload

MEASURABLE = 0.5
"""Seconds that the load has to last, so that a share of a core has a meaning."""


class Head(NamedTuple):
    """What a run is, apart from its figures. `started_at` and event times are RFC 3339.

    To read a workload and to leave its secrets out may take seconds. `workload` and `shown` (the task as people see it)
    are what was made of it before; None: make them.
    """

    id: str
    number: int
    name: str
    state: str
    reason: str
    started_at: str | None
    link: str = ""
    events: Sequence[EventDocument] = ()
    plan: Sequence[Mapping[str, Any]] = ()
    adjustments: Sequence[tuple[float, float]] = ()
    workload: Workload | None = None
    shown: dict[str, Any] | None = None


class NodeResult(NamedTuple):
    """What one node did. `total` is the sum of its deltas, `cpu` the busiest worker's mean share of a core over the
    whole seconds of load, `ended` the run-second when its sending ended, `rate` its part of the asked rate at the start
    (requests/s), `start_skew` in seconds (None: unknown), `gaps` the seconds of which counts are missing. `host_cpu`
    and `steal` are mean shares of the whole machine. `seconds` are its deltas by run-second, if the report's rows are
    to be made from them. `connections` None: they are elastic, and the report has the number that was used."""

    name: str
    cores: int
    threads: int
    connections: int | None
    rate: float | None
    total: Delta
    cpu: float
    ended: float
    start_skew: float | None = None
    lost: bool = False
    gaps: int = 0
    host_cpu: float = 0.0
    steal: float = 0.0
    seconds: Mapping[int, Delta] = MappingProxyType({})

    @classmethod
    def summed(cls, seconds: Mapping[int, Delta], ended: float, **more: Any) -> Self:
        """The result of a node with these deltas by run-second; `more` are the other fields."""
        total, shares = Delta(), {}
        for second in sorted(seconds):
            delta = seconds[second]
            total.follow(delta)
            shares[second] = shares_of(delta)
        cpu, host_cpu, steal = mean_shares(shares, ended)
        return cls(total=total, cpu=cpu, host_cpu=host_cpu, steal=steal, ended=ended, seconds=seconds, **more)


def shares_of(seen: Any) -> tuple[float, ...]:
    """The shares of a delta, or of an object with the same ones."""
    return tuple(getattr(seen, name) for name in SHARES)


def mean_shares(seconds: Mapping[int, tuple[float, ...]], ended: float) -> tuple[float, ...]:
    """The mean of each share over the whole seconds of load. If there is no whole second, the greatest share; 0 if the
    load was shorter than `MEASURABLE`."""
    kept = [shares for second, shares in seconds.items() if second + 1 <= ended]
    if kept:
        return tuple(sum(each) / len(kept) for each in zip(*kept, strict=True))
    if ended < MEASURABLE or not seconds:
        return (0.0,) * len(SHARES)
    return tuple(max(each) for each in zip(*seconds.values(), strict=True))
