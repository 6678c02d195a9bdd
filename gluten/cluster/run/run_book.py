"""Everything that is known of one run, and the steps from which its life is made. Pure.

`loss` says what follows when a node is lost, `run` what people, nodes and time bring about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gluten.cluster.run.assignment import Assignment, AssignOrder, Moment, Order, RunEvent, StopOrder
from gluten.cluster.run.congestion import Congestion
from gluten.cluster.run.gaps import Gaps
from gluten.cluster.run.ledger import Ledger
from gluten.cluster.run.run_chores import RunChores
from gluten.plan.chores import chores_of
from gluten.plan.lead import next_second
from gluten.plan.requests import names_of
from gluten.plan.run_state import ACTIVE, FINAL, QUEUED, STARTING, STOPPING
from gluten.plan.schedule import Schedule
from gluten.plan.split import NodeTask
from gluten.report.load_duration import duration, planned_end, seen_until
from gluten.report.measured import measured_from
from gluten.report.slos import live_slos
from gluten.task.task import Task

if TYPE_CHECKING:
    from gluten.cluster.run.search import Search
    from gluten.workload.workload import Workload


class RunBook:
    """`start` is run-second 0 on the master's monotonic clock; instants `*_at` are Unix time.

    `asked` is the task as it came. `task` has the number of threads, which depends on the nodes. `files` are the
    SHA-256 of those that it needs, and whether they are secret; `lacking` says why the master cannot give them to a
    node any more. `most` is the master's ceiling of elastic connections. `wanted` is the (state, reason, kind) with
    which the run will end; None while nothing ends it. When a run is over, `load_end` is the run-second at which its
    load ended, and `duration` how long the load lasted (`report/load_duration`). `names` are those of its figures.
    `version` rises with every change.
    """

    most: int | None = None
    lacking = ""
    started_at: float | None = None
    ended_at: float | None = None
    start: float | None = None
    duration: float | None = None
    load_end: float | None = None
    state, reason, kind = QUEUED, "", ""
    epoch, version = 0, 1
    wanted: tuple[str, str, str] | None = None
    ending_since = 0.0

    def __init__(
        self,
        run: str,
        number: int,
        task: Task,
        created_at: float,
        key: str = "",
        who: str = "",
        public: Task | None = None,
        workload: Workload | None = None,
    ) -> None:
        """`public` is the task without its secrets, `workload` what its file says. To make them of a long text takes
        seconds."""
        self.workload = workload
        self.public = public or task.public()
        self.id, self.number, self.key, self.who = run, number, key, who
        self.asked = self.task = task
        self.files: Mapping[str, bool] = {}
        self.backlog = Congestion(task.timeout, task.streams)
        self.search = _search_of(task, workload)
        self.slos = live_slos(task) if self.search is None else None
        self.created_at = created_at
        self.assignments: dict[tuple[str, int], Assignment] = {}
        self.ledger = Ledger(measured_from(task))
        self.adjustments: list[tuple[float, float]] = []
        self.schedule = Schedule.of(task) if task.open_loop else None
        self.events: list[RunEvent] = []
        self.gaps = Gaps()
        self.skews: dict[str, float] = {}
        self.names = names_of(task, workload)
        self.chores = RunChores(chores_of(task, workload))
        self.orders: list[Order] = []
        self.record_event(Moment(0.0, created_at), "created", f"created{f' by {who}' if who else ''}")

    @property
    def withheld(self) -> str:
        """Why no node can be given a new assignment, in words; empty: they can. Secrets are never stored."""
        if not self.task.withheld:
            return self.lacking or self.chores.lacking
        return "the master was restarted, and the task's secrets are kept in memory alone: send it again"

    def shown(self) -> dict[str, Any]:
        """The task as people see it."""
        return self.public.shown() | {"threads": self.task.threads, "connections": self.task.connections}

    @property
    def preparing(self) -> bool:
        """Its nodes get their files before it begins."""
        return self.state == STARTING and self.start is None

    @property
    def final(self) -> bool:
        return self.state in FINAL

    @property
    def active(self) -> bool:
        return self.state in ACTIVE

    def elapsed(self, now: float) -> float:
        """Run-seconds so far; below 0 before the start."""
        if self.duration is not None:
            return self.duration
        return 0.0 if self.start is None else now - self.start

    def next_second(self, at: Moment) -> float:
        """The first run-second from which an order can hold that is given now."""
        return next_second(self.elapsed(at.now))

    def live_of(self, name: str) -> list[Assignment]:
        """The node's assignments that may still be making load."""
        return [each for each in self.assignments.values() if each.name == name and each.live]

    def missing(self, assignment: Assignment) -> int:
        """How many deltas of an assignment the master has not received, by its ending."""
        last = assignment.ending.last if assignment.ending else 0
        return self.ledger.missing(assignment.name, assignment.epoch, last)

    # Steps

    def assign(self, plan: Sequence[NodeTask], at: Moment) -> None:
        """Open a new epoch with an assignment for each of these nodes."""
        self.epoch += 1
        for node_task in plan:
            assignment = Assignment(node_task, self.epoch, at.now, ordered=at.now)
            self.assignments[(node_task.name, self.epoch)] = assignment
            self.orders.append(AssignOrder(assignment))

    def adjust(self, second: float, rate: float) -> None:
        """From run-second `second` on, the asked rate is `rate` (requests/s over the cluster)."""
        assert self.schedule is not None
        self.schedule = self.schedule.adjusted(second, rate)
        self.adjustments.append((second, rate))
        if self.search is not None:
            self.search.adjusted(second, rate)

    def order(self, assignment: Assignment, order: Order, at: Moment) -> None:
        assignment.ordered = at.now
        self.orders.append(order)

    def end_load(self, state: str, reason: str, kind: str, at: Moment) -> None:
        """Stop all assignments, and remember how the run is to end then. Only the first cause is kept."""
        self.wanted, self.ending_since = (state, reason, kind), at.now
        self.state, self.reason = STOPPING, reason
        for assignment in self.assignments.values():
            if assignment.live:
                self.order(assignment, StopOrder(assignment.name, assignment.epoch), at)
        self.record_event(at, "stopping", reason)

    def finish(self, state: str, reason: str, kind: str, at: Moment) -> None:
        """Give the run its final state."""
        self.load_end = round(self._measured(), 6)
        self.duration = round(duration(self.task, self.schedule, self.load_end, self.ledger.total), 6)
        self.ledger.changed_since(self.load_end, self.version + 1)
        self.backlog.end()
        self.state, self.reason, self.kind, self.ended_at = state, reason, kind, at.wall
        self.record_event(at, state, reason or f"{state} after {self.duration:.2f} s")

    def _measured(self) -> float:
        """When the load ended: by the endings that nodes reported, else by the last second in which a node sent."""
        plan = planned_end(self.task, self.schedule)
        ended = [
            assignment.ending.ended if assignment.ending else seen_until(self.ledger.last_sent(assignment.name), plan)
            for assignment in self.assignments.values()
        ]
        return max(ended, default=0.0)

    def record_event(self, at: Moment, kind: str, text: str, node: str = "", second: int | None = None) -> None:
        """Add a line to the run's history."""
        self.touch()
        if second is None and self.start is not None:
            second = max(0, int(self.elapsed(at.now)))
        self.events.append(RunEvent(at.wall, second, kind, node, text, self.version))

    def touch(self) -> None:
        """Something has changed."""
        self.version += 1


def _search_of(task: Task, workload: Workload | None) -> Search | None:
    """The search for the capacity; None: most runs have none."""
    if not task.find_capacity:
        return None
    from gluten.cluster.run.search import Search

    return Search(task, workload)


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
