"""One node's part of a run in one epoch: its state, and how long the master waits for its node. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from gluten.plan.split import NodeTask

SENT, ARMED, ENDED, LOST = "sent", "armed", "ended", "lost"
"""The order was sent; the node has accepted it; the node has reported its end; the node was lost before that."""

LEFT = "left"
"""The kind of an ending when the node was stopped, or its engine has died. (`LEASE` in `plan/job` is the kind when its
lease has ended.)"""

IDLE = 5.0
"""A node does not work on an assignment that its heartbeats have not named for so many seconds."""
AGAIN = 1.0
"""An order without effect is sent again after so many seconds."""
UNTAKEN = 10.0
"""An assignment that its node has not accepted after so many seconds is lost."""
OVERTIME = 15.0
"""An assignment is aborted when it has not ended so many seconds after its last request's deadline. It is lost when
as many seconds have passed once more."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant on two clocks: `now` is the master's monotonic clock, `wall` Unix time, both in s."""

    now: float
    wall: float


@dataclass(frozen=True, slots=True)
class Ending:
    """How an assignment ended: the number of its last delta, the state, the run-second."""

    last: int
    state: str
    reason: str
    ended: float
    kind: str = ""


@dataclass(frozen=True, slots=True)
class RunNotice:
    """A node's report about its assignment. The counts of `gap` seconds are missing. `second` is the run-second that
    it is about; None: the present one."""

    kind: str
    gap: int
    text: str
    second: int | None = None


@dataclass(slots=True)
class Assignment:
    """`since` is the instant of the last change of state. `late` is how many s after the start the node got it."""

    node_task: NodeTask
    epoch: int
    since: float
    state: str = SENT
    late: float = 0.0
    ending: Ending | None = None
    ordered: float = 0.0
    """When the last order was sent to the node."""
    last_worked: float = -math.inf
    """When the last heartbeat came that names this assignment."""
    last_seen: float = -math.inf
    """When the node's last heartbeat came."""

    @property
    def name(self) -> str:
        return self.node_task.name

    @property
    def live(self) -> bool:
        """Its node may be making load."""
        return self.state in (SENT, ARMED)

    def to_map(self) -> dict[str, Any]:
        """For people: what the node was given."""
        task = self.node_task
        return {
            "name": task.name,
            "cores": task.cores,
            "threads": len(task.threads),
            "connections": task.connections,
            "rate": task.rate,
            "requests": task.requests,
            "epoch": self.epoch,
            "begin": task.begin,
        }


@dataclass(frozen=True, slots=True)
class AssignOrder:
    """Give a node an assignment."""

    assignment: Assignment


@dataclass(frozen=True, slots=True)
class StopOrder:
    """End a node's assignment: at once (`abort`), or after the requests that are in flight."""

    name: str
    epoch: int
    abort: bool = False


@dataclass(frozen=True, slots=True)
class AdjustOrder:
    """Give a node the new rate (requests/s over the cluster), valid from `second` on."""

    name: str
    epoch: int
    rate: float
    second: float


Order = AssignOrder | StopOrder | AdjustOrder


def give_up(assignment: Assignment, now: float, due: float) -> str | None:
    """Why a live assignment is lost now, if it is. `due` is when it should have ended, by the master's clock."""
    if assignment.state == SENT and now - assignment.since > UNTAKEN and now - assignment.last_seen <= IDLE:
        return f"it did not accept its part within {UNTAKEN:.0f} s"
    if now - due > 2 * OVERTIME:
        return f"it did not end its part {now - due:.0f} s after it was due"
    return None


def idle(assignment: Assignment, now: float) -> str | None:
    """Why an assignment is lost now although its node is present, if it is."""
    accepted = assignment.state == ARMED and now - max(assignment.since, assignment.last_worked) > IDLE
    return "it no longer works on its part" if accepted else None


def absent(assignment: Assignment, now: float, patience: float) -> str | None:
    """Why an assignment of an absent node is lost now, if it is. The node may work for `patience` s after it was last
    seen."""
    if now - max(assignment.since, assignment.last_seen) <= patience:
        return None
    return f"nothing was received from it for {patience:.0f} s"


def repeat_order(assignment: Assignment, now: float, due: float, ending: bool) -> Order | None:
    """The order that a live assignment's node needs once more, if any. `ending`: the run is being ended."""
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
