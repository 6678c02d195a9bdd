"""One run's life: queued, starting, running, stopping, then exactly one of finished, stopped, failed. Pure.

Instants come in as `Moment`s. What is to be done about a change is left in `orders`, which the scheduler takes
and carries out; what is to be told in `events`. `version` rises with every change.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from gluten.cluster.run.assignment import (
    ARMED,
    ENDED,
    LEASE,
    LEFT,
    LOST,
    SENT,
    AdjustOrder,
    Assignment,
    AssignOrder,
    Ending,
    Moment,
    Order,
    RunEvent,
    RunNotice,
    StopOrder,
    absent,
    give_up,
    idle,
    urge,
)
from gluten.cluster.run.congestion import Congestion
from gluten.cluster.run.gaps import LOSS, Gaps, never, told
from gluten.cluster.run.ledger import Ledger
from gluten.cluster.run.rebalance import move, survivors
from gluten.errors import TaskError, WrongState
from gluten.plan.schedule import Schedule
from gluten.plan.split import NodeTask, PlanNode, resolve
from gluten.report.load_duration import duration, planned_end, seen_until
from gluten.stats.delta import Delta
from gluten.task.limits import MAX_RATE
from gluten.task.task import Task

QUEUED, STARTING, RUNNING, STOPPING = "queued", "starting", "running", "stopping"
FINISHED, STOPPED, FAILED = "finished", "stopped", "failed"
FINAL = (FINISHED, STOPPED, FAILED)

SKIPPED = 1
"""Epochs that a restarted master leaves out: its predecessor may have died between giving and storing one."""
ALLOWANCE = 0.3
"""Seconds for an order to reach its node before the run-second from which it holds."""
STRAGGLE = 30.0
"""Deltas that are missing when all have ended are waited for so many seconds."""


class Run:
    """`start` is run-second 0 on the master's monotonic clock; instants `*_at` are Unix time. `asked` is the task as it
    came, `task` with what its nodes make of it; `most` is the master's ceiling of elastic connections. Of a run that
    is over, `load_end` is the run-second at which its load ended, and `duration` how long the load lasted
    (`report/load_duration`)."""

    def __init__(self, run: str, number: int, task: Task, created_at: float, key: str = "", who: str = "") -> None:
        self.id, self.number, self.key, self.who = run, number, key, who
        self.asked = self.task = task
        self.most: int | None = None
        self.backlog = Congestion(task.timeout)
        self.created_at = created_at
        self.started_at: float | None = None
        self.ended_at: float | None = None
        self.start: float | None = None
        self.duration: float | None = None
        self.load_end: float | None = None
        self.state, self.reason, self.kind = QUEUED, "", ""
        self.epoch, self.version = 0, 1
        self.assignments: dict[tuple[str, int], Assignment] = {}
        self.ledger = Ledger()
        self.adjustments: list[tuple[float, float]] = []
        self.schedule = Schedule.of(task) if task.open_loop else None
        self.events: list[RunEvent] = []
        self.gaps = Gaps()
        self.skews: dict[str, float] = {}
        self.orders: list[Order] = []
        self._wanted: tuple[str, str, str] | None = None
        self._winding_since = 0.0
        self._tell(Moment(0.0, created_at), "created", f"created{f' by {who}' if who else ''}")

    @property
    def withheld(self) -> str:
        """Why nobody new can be given a part, in words; empty: they can. Secrets are never written down."""
        if not self.task.withheld:
            return ""
        return "the master was restarted, and the task's secrets are kept in memory alone: send it again"

    @property
    def final(self) -> bool:
        return self.state in FINAL

    @property
    def active(self) -> bool:
        return self.state in (STARTING, RUNNING, STOPPING)

    def elapsed(self, now: float) -> float:
        """Run-seconds so far; below 0 before the armed start."""
        if self.duration is not None:
            return self.duration
        return 0.0 if self.start is None else now - self.start

    def take_orders(self) -> list[Order]:
        taken, self.orders = self.orders, []
        return taken

    # What people ask

    def resolve(self, nodes: Sequence[PlanNode], most: int | None = None) -> None:
        """Who is to load is known: so is how many threads there are."""
        self.task, self.most = resolve(self.asked, nodes, most), most

    def begin(self, plan: Sequence[NodeTask], start: float, at: Moment, idle: int = 0) -> None:
        """Give every node its part, to start together at `start`; `idle` are the nodes for which no thread is left."""
        if idle:
            option = "-c" if self.asked.threads is None else "-t"
            words = f"{_count(idle, 'node')} had no thread to run: {option} {len(plan) + idle} or more would use all"
            self._tell(at, "idle", words)
        self.state, self.start = STARTING, start
        self._assign(plan, at)
        self.started_at = at.wall + (start - at.now)
        self._touch()

    def stop(self, at: Moment, who: str = "") -> None:
        """End early; once is enough. Raises `WrongState` when it is over."""
        if self.final:
            raise WrongState(f"run {self.number} is over ({self.state}): there is nothing to stop")
        reason = f"stopped by {who}" if who else "stopped on request"
        if self.state == QUEUED:
            self._finish(STOPPED, reason, "", at)
        elif self._wanted is None:
            self._wind_up(STOPPED, reason, "", at)

    def adjust(self, rate: float, at: Moment, who: str = "") -> float:
        """Another rate (requests/s over the cluster); from which run-second on. Raises WrongState, TaskError."""
        self._check_adjust(rate)
        second = self._next_second(at)
        assert self.schedule is not None
        self.schedule = self.schedule.adjusted(second, rate)
        self.adjustments.append((second, rate))
        self.orders += [AdjustOrder(s.name, s.epoch, rate, second) for s in self.assignments.values() if s.live]
        by = f" by {who}" if who else ""
        self._tell(at, "adjusted", f"rate set to {rate:g}/s{by}, from second {second:.0f}", second=int(second))
        return second

    def _next_second(self, at: Moment) -> float:
        """The first run-second from which an order can hold that is given now."""
        elapsed = self.elapsed(at.now)
        return float(math.floor(elapsed + ALLOWANCE) + 1) if elapsed > -ALLOWANCE else 0.0

    def _check_adjust(self, rate: float) -> None:
        if not 0 < rate <= MAX_RATE:
            raise TaskError("rate", f"rate: {rate!r} is not allowed; above 0 and at most {MAX_RATE:.0f} requests/s")
        if self.state not in (STARTING, RUNNING):
            raise WrongState(f"run {self.number} is {self.state}: only a running one can be adjusted")
        if self.schedule is None:
            raise WrongState(f"run {self.number} is a closed loop: only one with a rate can be adjusted")

    # What nodes say

    def resume(self, state: str, wanted: tuple[str, str, str] | None, at: Moment) -> None:
        """Go on where an earlier master left it, with what `revive` has found."""
        assert self.start is not None
        self.epoch += SKIPPED
        self.state = RUNNING if at.now >= self.start else STARTING
        self._wanted, self._winding_since = wanted, at.now
        if wanted is not None:
            self.state, self.reason = STOPPING, wanted[1]
        taken = SENT if state == STARTING else ARMED
        for assignment in self.assignments.values():
            assignment.state, assignment.since = LOST if assignment.state == LOST else taken, at.now
        self._tell(at, "resumed", "the master was restarted; the run goes on")

    @property
    def wanted(self) -> tuple[str, str, str] | None:
        """(state, reason, kind) that it is wound up for."""
        return self._wanted

    def armed(self, name: str, epoch: int, late: float, at: Moment) -> None:
        """The node has its part."""
        assignment = self.assignments.get((name, epoch))
        if assignment is None or assignment.state != SENT or self.final:
            return
        assignment.state, assignment.since, assignment.late = ARMED, at.now, late
        self.skews[name] = max(late, self.skews.get(name, 0.0))
        if late > 0:
            self._tell(at, "late", f"{name} got its part {late * 1000:.0f} ms after the start", name)
        self._touch()

    def delta(self, name: str, epoch: int, number: int, delta: Delta) -> bool:
        """Count a delta. False if it changes nothing: counted before, or nobody was asked for it."""
        if (name, epoch) not in self.assignments or self.final:
            return False
        if not self.ledger.add(name, epoch, number, delta, self.version + 1):
            return False
        self._touch()
        return True

    def ended(self, name: str, epoch: int, ending: Ending, at: Moment) -> None:
        """The node's part is over."""
        assignment = self.assignments.get((name, epoch))
        if assignment is None or not assignment.live or self.final:
            return
        if ending.kind in (LEASE, LEFT):
            self.lose(name, f"{ending.reason}", at)
            return
        assignment.state, assignment.since, assignment.ending = ENDED, at.now, ending
        self._touch()
        if self._wanted is None and ending.state != FINISHED:
            reason = ending.reason or f"ended its part early ({ending.state})"
            self._wind_up(FAILED, f"node {name}: {reason}", ending.kind, at)

    def awaits(self, name: str, epoch: int) -> bool:
        """The node's ending is of use: its part is on, or ended and not lost, which is written down with the run."""
        assignment = self.assignments.get((name, epoch))
        return assignment is not None and assignment.state != LOST

    def notice(self, name: str, epoch: int, said: RunNotice, at: Moment) -> None:
        """A node says something of its part; it counts once, however often it is said."""
        if (name, epoch) not in self.assignments or self.final:
            return
        if self.gaps.note(name, told(epoch, said.text), said.gap):
            self._tell(at, said.kind, f"node {name}: {said.text}", name, said.second)

    def working(self, name: str, node: str, epochs: Sequence[int], at: Moment) -> None:
        """The node of this name and id is here and says which epochs' parts it works on; one that it should and does
        not is lost."""
        for assignment in self._parts_of(name):
            if assignment.node_task.node != node or not assignment.live:
                continue
            assignment.heard = at.now
            if assignment.epoch in epochs:
                assignment.seen = at.now
                if assignment.state == SENT and self.withheld:
                    assignment.state, assignment.since = ARMED, at.now  # it cannot be sent again, and need not be
            elif self.active and (why := idle(assignment, at.now)):
                self.lose(name, why, at)

    def _parts_of(self, name: str) -> list[Assignment]:
        """A node's heartbeat must not cost a look at all the others: there is at most one share an epoch."""
        found = (self.assignments.get((name, epoch)) for epoch in range(1, self.epoch + 1))
        return [assignment for assignment in found if assignment is not None]

    def silent(self, name: str, seconds: float, more: float, at: Moment) -> None:
        """Nothing was heard of the node for so many seconds; its lease may live for `more`, and its load with it."""
        if self.active and any(assignment.name == name and assignment.live for assignment in self.assignments.values()):
            text = f"nothing was heard of node {name} for {seconds:.0f} s"
            self._tell(at, "silent", f"{text}: its part is lost unless it is back within {more:.0f} s", name)

    def absent(self, name: str, patience: float, at: Moment) -> None:
        """The node is not here: after so many seconds without a word its parts are lost."""
        assignments = [
            assignment for assignment in self.assignments.values() if assignment.name == name and assignment.live
        ]
        if why := next(filter(None, (absent(assignment, at.now, patience) for assignment in assignments)), None):
            self.lose(name, why, at)

    def excuse(self, seconds: float) -> None:
        """The master was away for so long: nobody can be blamed for silence."""
        for assignment in self.assignments.values():
            assignment.seen += seconds
            assignment.heard += seconds

    def lose(self, name: str, why: str, at: Moment) -> None:
        """The node is gone; what follows is the task's `on_loss`."""
        gone = [assignment for assignment in self.assignments.values() if assignment.name == name and assignment.live]
        if not gone or not self.active:
            return
        for assignment in gone:
            assignment.state, assignment.since = LOST, at.now
        self._tell(at, "node_lost", f"node {name} was lost: {why}", name)
        self._after_loss(name, gone, at)

    def _after_loss(self, name: str, gone: list[Assignment], at: Moment) -> None:
        if self._wanted is not None:
            return
        nodes = survivors(self.assignments.values())
        if not nodes:
            names = ", ".join(sorted({assignment.name for assignment in self.assignments.values()}))
            self._wind_up(FAILED, f"all nodes were lost: {names}", "", at)
        elif self.task.on_loss == "fail":
            self._wind_up(FAILED, f"node {name} was lost", "", at)
        elif self.task.on_loss == "rebalance" and self.withheld:
            self._tell(at, "not_moved", f"the threads of {name} do not move: {self.withheld}", name)
        elif self.task.on_loss == "rebalance":
            self._rebalance(name, gone, at)

    def _rebalance(self, name: str, gone: list[Assignment], at: Moment) -> None:
        begin = self._next_second(at)
        if self.task.duration is not None and begin >= self.task.duration:
            return
        threads = [thread for assignment in gone for thread in assignment.node_task.threads]
        moved = move(self.task, threads, survivors(self.assignments.values()), begin, self._left(gone), self.most)
        if not moved:
            return  # it had sent all of its requests
        self._assign(moved, at)
        seen = self.ledger.last_second(name)
        first = 0 if seen is None else seen + 1
        if first < begin:
            self.gaps.note(name, LOSS, int(begin) - first)
            self._tell(at, "gap", f"no numbers of {name}'s part from second {first} to {begin:.0f}", name, first)
        parts = ", ".join(f"{part.name} {len(part.threads)}" for part in moved)
        many = f"{_count(len(threads), 'thread')} of {name} {'moves' if len(threads) == 1 else 'move'}"
        text = f"{many} from second {begin:.0f} on: {parts}"
        self._tell(at, "rebalanced", text, name, int(begin))

    def _left(self, gone: Sequence[Assignment]) -> int | None:
        """How many of these shares' requests nobody is known to have sent; None where they have no number.

        In an open loop the schedule is limited over the whole cluster: slots that have passed are not made up for.
        """
        if self.task.requests is None or self.task.open_loop:
            return None
        return sum(max(0, (s.node_task.requests or 0) - self.ledger.sent(s.name, s.epoch)) for s in gone)

    def _assign(self, plan: Sequence[NodeTask], at: Moment) -> None:
        self.epoch += 1
        for part in plan:
            assignment = Assignment(part, self.epoch, at.now, ordered=at.now)
            self.assignments[(part.name, self.epoch)] = assignment
            self.orders.append(AssignOrder(assignment))

    # Time

    def tick(self, at: Moment) -> None:
        """What the passing of time brings about."""
        if self.state == STARTING and self.start is not None and at.now >= self.start:
            self.state = RUNNING
            self._tell(at, "started", f"load began on {_count(len(self.assignments), 'node')}", second=0)
        if self.active:
            for assignment in list(self.assignments.values()):
                if assignment.live:
                    self._urge(assignment, at)
            if self.schedule is not None and (
                text := self.backlog.look(self.assignments.values(), self.ledger, self.schedule)
            ):
                self._tell(at, "backlog", text, second=self.backlog.judged)
            self._conclude(at)

    def _urge(self, assignment: Assignment, at: Moment) -> None:
        """Say it again to a node that does not do what it was told; in the end, give it up."""
        due = self._due_end()
        if why := give_up(assignment, at.now, due):
            self.lose(assignment.name, why, at)
        elif order := urge(assignment, at.now, due, self._wanted is not None):
            self._order(assignment, order, at)

    def _order(self, assignment: Assignment, order: Order, at: Moment) -> None:
        assignment.ordered = at.now
        self.orders.append(order)

    def _due_end(self) -> float:
        """When the last response should be in, by the master's clock; infinity where the task has no time limit."""
        if self._wanted is not None:
            return self._winding_since + self.task.timeout
        if self.task.duration is None or self.start is None:
            return math.inf
        return self.start + self.task.duration + self.task.timeout

    def _conclude(self, at: Moment) -> None:
        """End the run once every share has ended and every delta is in."""
        if any(assignment.live for assignment in self.assignments.values()):
            return
        for assignment in self.assignments.values():
            if assignment.ending and self._missing(assignment) and at.now - assignment.since < STRAGGLE:
                return
        for assignment in self.assignments.values():
            if assignment.ending and (missing := self._missing(assignment)):
                self.gaps.note(assignment.name, never(assignment.epoch), missing)
                self._tell(at, "gap", f"{_count(missing, 'second')} of {assignment.name} never came", assignment.name)
        self._finish(*(self._wanted or (FINISHED, "", "")), at)

    def _missing(self, assignment: Assignment) -> int:
        return self.ledger.missing(
            assignment.name, assignment.epoch, assignment.ending.last if assignment.ending else 0
        )

    def _wind_up(self, state: str, reason: str, kind: str, at: Moment) -> None:
        """Have all shares end, and remember as what the run then ends. The first cause stands."""
        self._wanted, self._winding_since = (state, reason, kind), at.now
        self.state, self.reason = STOPPING, reason
        for assignment in self.assignments.values():
            if assignment.live:
                self._order(assignment, StopOrder(assignment.name, assignment.epoch), at)
        self._tell(at, "stopping", reason)

    def add_late(self, report: Mapping[str, Any], before: Mapping[str, Any], at: Moment) -> list[RunEvent]:
        """After the end, tell of the nodes whose counts are others than `before`; the new events."""
        earlier, had = {node["name"]: node for node in before["nodes"]}, len(self.events)
        for node in report["nodes"]:
            more = node["sent"] - earlier.get(node["name"], {"sent": 0})["sent"]
            if more:
                self._tell(at, "late_numbers", f"late numbers of {node['name']} came in: {more} requests", node["name"])
        return self.events[had:]

    def fail(self, reason: str, at: Moment) -> None:
        """End it here and now, whatever its nodes do."""
        if not self.final:
            self._finish(FAILED, reason, "", at)

    def leave(self, reason: str, at: Moment) -> None:
        """The same, and have its nodes end at once."""
        self.orders = [StopOrder(s.name, s.epoch, abort=True) for s in self.assignments.values() if s.live]
        self.fail(reason, at)

    def _finish(self, state: str, reason: str, kind: str, at: Moment) -> None:
        self.load_end = round(self._measured(), 6)
        self.duration = round(duration(self.task, self.schedule, self.load_end, self.ledger.total), 6)
        self.ledger.changed_since(self.load_end, self.version + 1)
        self.backlog.end()
        self.state, self.reason, self.kind, self.ended_at = state, reason, kind, at.wall
        self._tell(at, state, reason or f"{state} after {self.duration:.2f} s")

    def _measured(self) -> float:
        """When the load ended: by what the nodes said, and by what was seen of those that said nothing."""
        plan = planned_end(self.task, self.schedule)
        ended = [
            assignment.ending.ended if assignment.ending else seen_until(self.ledger.last_sent(assignment.name), plan)
            for assignment in self.assignments.values()
        ]
        return max(ended, default=0.0)

    def _tell(self, at: Moment, kind: str, text: str, node: str = "", second: int | None = None) -> None:
        self._touch()
        if second is None and self.start is not None:
            second = max(0, int(self.elapsed(at.now)))
        self.events.append(RunEvent(at.wall, second, kind, node, text, self.version))

    def _touch(self) -> None:
        self.version += 1


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
