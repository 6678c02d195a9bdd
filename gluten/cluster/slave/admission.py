"""What a node does at once, and whether it does more: its own policy holds for all of it together. Pure."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from gluten.cluster.slave.report_offset import report_offset
from gluten.plan import elastic
from gluten.plan.split import NodeTask
from gluten.task.policy import Policy
from gluten.task.task import Task

MAX_PARTS = 256
"""Subtasks at once: a node gets one more for each node that is lost in a run."""
EARLY, LATE = 3600.0, 60.0
"""Seconds by which a part may begin later or earlier than now: an engine counts every second from its start."""


@dataclass(slots=True)
class Load:
    """What the engine was told about one subtask; `adjusted` are (run-second, rate), `peak` is the highest rate of its
    `share` (0 to 1) of the cluster's, in requests/s; None: a closed loop. Elastic `connections` are the most there may
    be. `start_at` is run-second 0 by our clock, `turn` how many s after a second's end it is told of."""

    adjusted: set[tuple[float, float]]
    connections: int
    share: float
    peak: float | None
    start_at: float = 0.0
    ending: bool = False
    report_offset: float = 0.0
    room: int | None = None
    """How many elastic connections there may be; None: they are not elastic, or it was told that they are all open."""

    @classmethod
    def of(cls, part: NodeTask, adjustments: Sequence[tuple[float, float]], start_at: float = 0.0) -> Load:
        asked = part.task.peak
        peak = None if asked is None else max([asked, *(rate for _, rate in adjustments)]) * part.share
        connections = len(part.threads) if part.connections is None else part.connections
        return cls(set(adjustments), connections, part.share, peak, start_at, report_offset=report_offset(part))


class Admission:
    """`owner` is the node as its refusals name it."""

    def __init__(self, policy: Policy, owner: str) -> None:
        self._policy, self._owner = policy, owner

    def unwilling(self, task: Task, load: Load, others: Collection[Load]) -> str:
        """Why the node does not do this beside `others`; empty: it does."""
        if len(others) >= MAX_PARTS:
            return f"{self._owner} does at most {MAX_PARTS} parts at once"
        whole = load.connections + sum(other.connections for other in others)
        over = self._policy.over(_sum([load, *others]), whole, task.duration, self._owner)
        return over or self._policy.target(task, self._owner)

    def room(self, part: NodeTask, load: Load, others: Iterable[Load], allowed: int) -> int | None:
        """How many elastic connections the part may have of the `allowed` by the host, beside `others`; `load` is told.
        None: they are not elastic."""
        if part.connections is not None:
            return None
        ceiling = self._policy.max_connections
        room = allowed if ceiling is None else min(allowed, ceiling - sum(other.connections for other in others))
        whole = elastic.limit(part.task, elastic.rate_now(part.task, sorted(load.adjusted)), part.most)
        load.connections = max(load.connections, min(room, math.ceil(whole * part.share)))
        load.room = room
        return room

    def untimely(self, away: float) -> str:
        """Why a part that begins `away` s from now is not done; empty: it is."""
        if -LATE <= away <= EARLY:
            return ""
        return f"{self._owner} was told to begin {away:.0f} s from now: are its clock and the master's right?"

    def adjusted(self, load: Load, rate: float, loads: Iterable[Load]) -> str:
        """`load`, one of `loads`, is to go on at its share of `rate` (over the cluster); why it does not, or empty."""
        if load.peak is None:
            return ""
        load.peak = max(load.peak, rate * load.share)
        return self._policy.over(_sum(loads), 0, 0.0, self._owner)


def _sum(loads: Iterable[Load]) -> float | None:
    """The highest rate of all together; None where one has no limit."""
    peaks = [load.peak for load in loads]
    return None if None in peaks else sum(peak or 0.0 for peak in peaks)
