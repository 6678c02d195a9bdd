"""What a node's engine is given, and what it says back. Values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from gluten.plan.split import NodeTask
from gluten.stats.delta import Delta
from gluten.stats.packed_delta import pack

UNREACHED = "the target cannot be reached"
"""What the reason says of a run that failed before anything was sent."""
LEASE = "lease"
"""The kind of an ending when load stopped because nothing was heard from the master."""


@dataclass(frozen=True, slots=True)
class HostTask:
    """Do `subtask` of `run` (its id), as assignment number `epoch`.

    `start_at` is run-second 0 on this node's monotonic clock, in seconds; None: as soon as possible.
    `adjustments` are (run-second, rate) that happened before, for one who joins late. `room` is how many elastic
    connections this host allows; None: no limit.
    """

    run: str
    epoch: int
    node_task: NodeTask
    start_at: float | None
    adjustments: tuple[tuple[float, float], ...] = ()
    room: int | None = None


@dataclass(frozen=True, slots=True)
class DeltaReady:
    """One node's counts of one run-second, all workers merged."""

    run: str
    epoch: int
    delta: Delta


@dataclass(frozen=True, slots=True)
class PackedDelta:
    """The same, packed for the master (`body`), with the little that the node itself looks at."""

    run: str
    epoch: int
    second: int
    backlog: int
    connections: int
    body: bytes

    @classmethod
    def of(cls, run: str, epoch: int, delta: Delta) -> Self:
        return cls(run, epoch, delta.second, delta.backlog, delta.connections, pack(delta))


@dataclass(frozen=True, slots=True)
class LoadEnded:
    """The node's part is over; no delta follows.

    `state` is finished, stopped or failed, `ended` the run-second when sending ended, `kind` an error kind
    (dns, connect …) where the target could not be reached before anything was sent.
    """

    run: str
    epoch: int
    state: str
    reason: str
    ended: float
    kind: str = ""
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkerLost:
    """A process that made load died. `gap` are the seconds of its part of which nothing is known, at least 1."""

    run: str
    epoch: int
    text: str
    gap: int


EngineEvent = DeltaReady | LoadEnded | WorkerLost
"""What an engine says in its own process,"""
NodeEvent = PackedDelta | LoadEnded | WorkerLost
"""and what a node hears of it from its engine process."""
