"""One node's part of a run in one epoch, where it stands, and how long its node is waited for. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from gluten.plan.split import NodeTask

SENT, ARMED, ENDED, LOST = "sent", "armed", "ended", "lost"

LEFT = "left"
"""The kind of an ending when the node was stopped. (`LEASE` in `plan/job` is the kind when its lease has ended.)"""

IDLE = 5.0
"""A part of which its node's heartbeats say nothing for so many seconds is not being worked on."""
AGAIN = 1.0
"""An order that shows no effect is given again after so many seconds,"""
UNTAKEN = 10.0
"""a part that nobody took for so long is lost,"""
OVERTIME = 15.0
"""and a share that should have ended is aborted so long after its last request's deadline, and lost as long again."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant on two clocks: `now` is the master's monotonic clock, `wall` Unix time, both in s."""

    now: float
    wall: float


@dataclass(frozen=True, slots=True)
class Ending:
    """How a share ended: the highest delta's number, the state, the run-second."""

    last: int
    state: str
    reason: str
    ended: float
    kind: str = ""


@dataclass(frozen=True, slots=True)
class RunNotice:
    """What a node says of its part: `gap` seconds are not known, `second` is the one it is about (None: now)."""

    kind: str
    gap: int
    text: str
    second: int | None = None


@dataclass(slots=True)
class Assignment:
    """`since` is the instant of the last change of state, `late` how late the subtask came at its node in s."""

    node_task: NodeTask
    epoch: int
    since: float
    state: str = SENT
    late: float = 0.0
    ending: Ending | None = None
    ordered: float = 0.0
    """When the node was told what to do last."""
    seen: float = -math.inf
    """When the node said last that it works on this,"""
    heard: float = -math.inf
    """and when it said anything."""

    @property
    def name(self) -> str:
        return self.node_task.name

    @property
    def live(self) -> bool:
        """Its node may be making load."""
        return self.state in (SENT, ARMED)

    def to_map(self) -> dict[str, Any]:
        """For people: what the node was given."""
        part = self.node_task
        return {
            "name": part.name,
            "cores": part.cores,
            "threads": len(part.threads),
            "connections": part.connections,
            "rate": part.rate,
            "requests": part.requests,
            "epoch": self.epoch,
            "begin": part.begin,
        }


@dataclass(frozen=True, slots=True)
class AssignOrder:
    """Give a node a share."""

    assignment: Assignment


@dataclass(frozen=True, slots=True)
class StopOrder:
    """Have a node end its share: at once (`abort`), or after the requests that are in flight."""

    name: str
    epoch: int
    abort: bool = False


@dataclass(frozen=True, slots=True)
class AdjustOrder:
    """Tell a node the new rate (requests/s over the cluster) from `second` on."""

    name: str
    epoch: int
    rate: float
    second: float


Order = AssignOrder | StopOrder | AdjustOrder


def give_up(assignment: Assignment, now: float, due: float) -> str | None:
    """Why a live share is lost now, if it is. `due` is when it should have ended, by the master's clock."""
    if assignment.state == SENT and now - assignment.since > UNTAKEN and now - assignment.heard <= IDLE:
        return f"did not take its part within {UNTAKEN:.0f} s"
    if now - due > 2 * OVERTIME:
        return f"did not end its part {now - due:.0f} s after it was due"
    return None


def idle(assignment: Assignment, now: float) -> str | None:
    """Why a part is lost now whose node is here, if it is."""
    taken = assignment.state == ARMED and now - max(assignment.since, assignment.seen) > IDLE
    return "it no longer works on its part" if taken else None


def absent(assignment: Assignment, now: float, patience: float) -> str | None:
    """The same of one whose node is not here: it may be working for `patience` s after it was heard last."""
    if now - max(assignment.since, assignment.heard) <= patience:
        return None
    return f"nothing was heard for {patience:.0f} s"


def urge(assignment: Assignment, now: float, due: float, ending: bool) -> Order | None:
    """What a live share's node has to be told again now, if anything. `ending`: the run is being wound up."""
    if now - assignment.ordered < AGAIN:
        return None
    if now - due > OVERTIME:
        return StopOrder(assignment.name, assignment.epoch, abort=True)
    if ending:
        return StopOrder(assignment.name, assignment.epoch)
    return AssignOrder(assignment) if assignment.state == SENT else None


@dataclass(frozen=True, slots=True)
class RunEvent:
    """A line of the run's history; `wall` is Unix time."""

    wall: float
    second: int | None
    kind: str
    node: str
    text: str
    version: int
