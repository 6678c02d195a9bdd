"""What a node does at the same time, and whether it accepts more. Its policy holds for all of it together. Pure."""

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
"""Assignments at the same time: a node gets one more for each node that is lost in a run."""
EARLY, LATE = 3600.0, 60.0
"""An assignment may begin at most so many seconds later or earlier than now: an engine counts every second from the
start."""


@dataclass(slots=True)
class Load:
    """What the engine was given for one assignment. `adjusted` are (run-second, rate). `share` is this node's part of
    the cluster's rate, 0 to 1; `peak` the highest rate of that part, in requests/s (None: a closed loop). If
    `connections` are elastic, this is the most there may be. `start_at` is run-second 0 by this node's clock,
    `report_offset` how many s after a second's end its delta is sent. `ending`: a stop was received."""

    adjusted: set[tuple[float, float]]
    connections: int
    share: float
    peak: float | None
    start_at: float = 0.0
    ending: bool = False
    report_offset: float = 0.0
    room: int | None = None
    """How many elastic connections there may be; None: they are not elastic, or the master knows that all are open."""

    @classmethod
    def of(cls, node_task: NodeTask, adjustments: Sequence[tuple[float, float]], start_at: float = 0.0) -> Load:
        asked = node_task.task.peak
        peak = None if asked is None else max([asked, *(rate for _, rate in adjustments)]) * node_task.share
        connections = len(node_task.threads) if node_task.connections is None else node_task.connections
        return cls(
            set(adjustments), connections, node_task.share, peak, start_at, report_offset=report_offset(node_task)
        )


class Admission:
    """`owner` is the node's name in its refusals."""

    def __init__(self, policy: Policy, owner: str) -> None:
        self._policy, self._owner = policy, owner

    def unwilling(self, hosts: Sequence[Task], load: Load, others: Collection[Load]) -> str:
        """Why the node does not accept this beside `others`; empty: it does. `hosts` is the task once for each host
        that it asks."""
        if len(others) >= MAX_PARTS:
            return f"{self._owner} does at most {MAX_PARTS} parts at once"
        whole = load.connections + sum(other.connections for other in others)
        over = self._policy.over(_sum([load, *others]), whole, hosts[0].duration, self._owner)
        return over or self.barred(hosts)

    def barred(self, hosts: Sequence[Task]) -> str:
        """Why the node does not ask one of these hosts at all; empty: it does."""
        return next(filter(None, (self._policy.target(one, self._owner) for one in hosts)), "")

    def room(self, node_task: NodeTask, load: Load, others: Iterable[Load], allowed: int) -> int | None:
        """How many elastic connections the task may have, beside `others`. The host allows `allowed`. `load` gets the
        number, too. None: they are not elastic."""
        if node_task.connections is not None:
            return None
        ceiling = self._policy.max_connections
        room = allowed if ceiling is None else min(allowed, ceiling - sum(other.connections for other in others))
        whole = elastic.limit(node_task.task, elastic.rate_now(node_task.task, sorted(load.adjusted)), node_task.most)
        load.connections = max(load.connections, min(room, math.ceil(whole * node_task.share)))
        load.room = room
        return room

    def untimely(self, away: float) -> str:
        """Why an assignment that begins `away` s from now is refused; empty: it is not."""
        if -LATE <= away <= EARLY:
            return ""
        return f"{self._owner} was told to begin {away:.0f} s from now: are its clock and the master's right?"

    def adjusted(self, load: Load, rate: float, loads: Iterable[Load]) -> str:
        """Why `load`, one of `loads`, cannot go on at its share of `rate` (over the cluster); empty: it can."""
        if load.peak is None:
            return ""
        load.peak = max(load.peak, rate * load.share)
        return self._policy.over(_sum(loads), 0, 0.0, self._owner)


def _sum(loads: Iterable[Load]) -> float | None:
    """The highest rate of all together; None where one has no limit."""
    peaks = [load.peak for load in loads]
    return None if None in peaks else sum(peak or 0.0 for peak in peaks)
