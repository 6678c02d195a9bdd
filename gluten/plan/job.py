"""What a node's engine is given, and what it reports. Values."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, Self

from gluten.plan.chores import ChoreDone
from gluten.plan.split import NodeTask
from gluten.stats.delta import Delta
from gluten.stats.packed_delta import pack

NO_FILES: Mapping[str, str] = MappingProxyType({})
NO_VALUES: Mapping[str, str] = MappingProxyType({})
UNREACHED = "the target cannot be reached"
"""The reason of a run that failed before anything was sent."""
ROWS = "rows"
"""The kind of an ending when all rows of a unique feed are used."""
LEASE = "lease"
"""The kind of an ending when the node has stopped its load because its lease had ended."""


class HostTask(NamedTuple):
    """Make the load of `node_task` for `run` (its id), as the assignment of `epoch`.

    `start_at` is run-second 0 on this node's monotonic clock, in seconds; None: as soon as possible. `adjustments` are
    the earlier ones (run-second, rate), for a node that joins late. `room` is how many elastic connections this host
    allows; None: no limit. `files` are the files that its workload names, with their paths on this host. `taken` are
    the values that setup took, by name.
    """

    run: str
    epoch: int
    node_task: NodeTask
    start_at: float | None
    adjustments: tuple[tuple[float, float], ...] = ()
    room: int | None = None
    files: Mapping[str, str] = NO_FILES
    taken: Mapping[str, str] = NO_VALUES


class DeltaReady(NamedTuple):
    """One node's counts of one run-second, all workers merged."""

    run: str
    epoch: int
    delta: Delta


class PackedDelta(NamedTuple):
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


class LoadEnded(NamedTuple):
    """The node's load is over; no delta follows.

    `state` is finished, stopped or failed, `ended` the run-second when sending ended, `kind` an error kind
    (dns, connect …) if the target could not be reached before anything was sent.
    """

    run: str
    epoch: int
    state: str
    reason: str
    ended: float
    kind: str = ""
    addresses: tuple[str, ...] = ()


class WorkerLost(NamedTuple):
    """A worker died. `gap` is how many seconds of its counts are missing, at least 1."""

    run: str
    epoch: int
    text: str
    gap: int


EngineEvent = DeltaReady | LoadEnded | WorkerLost | ChoreDone
"""What an engine reports in its own process."""
LoadEvent = PackedDelta | LoadEnded | WorkerLost
"""What a node receives from its engine process about load."""
NodeEvent = LoadEvent | ChoreDone
"""What a node receives from its engine process."""
