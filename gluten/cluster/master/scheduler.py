"""Which run is on: a queue, one run at a time. Carries out what a run orders and writes down what it says."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from gluten.cluster.master import recovery, views
from gluten.cluster.master.journal import Journal
from gluten.cluster.master.membership import ClusterNode, Membership
from gluten.cluster.master.reporting import Reporter
from gluten.cluster.run.assignment import ENDED, LOST, AssignOrder, Moment, Order, StopOrder
from gluten.cluster.run.run import Run
from gluten.net.bus import messages as wire
from gluten.plan import lead
from gluten.plan.run_state import QUEUED
from gluten.plan.split import PlanNode, split
from gluten.store.records import StoredEvent

log = logging.getLogger(__name__)

KEPT = 8
"""Runs that are over and still at hand."""

Send = Callable[[ClusterNode, wire.Message], bool]


class LiveRun:
    """A run that is queued, active or just over, with what of it was written down."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.report: dict[str, Any] | None = None
        self.saved = False
        self.told = 0
        self.mark: tuple[object, ...] = (QUEUED, 0, 0, 0)

    @property
    def over(self) -> bool:
        """It has ended and its report is there; until then it is shown as stopping."""
        return self.report is not None


class Scheduler:
    """`moment` reads the clocks, `link` gives a run's address for people."""

    def __init__(
        self,
        roster: Membership,
        send: Send,
        journal: Journal,
        report: Reporter,
        link: Callable[[str], str],
        moment: Callable[[], Moment],
        patience: float = 0.0,
        most: int | None = None,
    ) -> None:
        """A node of which nothing is heard for `patience` s makes no load any more. `most` is the ceiling of elastic
        connections."""
        self._most, self._roster, self._send, self._journal, self._patience = most, roster, send, journal, patience
        self._report, self._link, self._moment = report, link, moment
        self._live: dict[str, LiveRun] = {}
        self._queue: deque[LiveRun] = deque()
        self._over: deque[LiveRun] = deque()
        self.active: LiveRun | None = None
        self.closing = False
        """No run begins any more."""

    @property
    def runs(self) -> list[LiveRun]:
        """All at hand, oldest first."""
        return sorted(self._live.values(), key=lambda live: live.run.number)

    @property
    def versions(self) -> int:
        """Rises with every change of a run at hand."""
        return sum(live.run.version for live in self._live.values())

    def find(self, run: str) -> LiveRun | None:
        return self._live.get(run)

    def position(self, live: LiveRun) -> int | None:
        """Its place in the queue, from 1; None where it does not wait."""
        return self._queue.index(live) + 1 if live in self._queue else None

    def add(self, run: Run) -> LiveRun:
        """A new run at the queue's end; it begins now if nothing is before it."""
        live = self._live[run.id] = LiveRun(run)
        self._queue.append(live)
        self.settle(live)
        self._begin_next()
        return live

    def adopt(self, run: Run) -> None:
        """A run that an earlier master has left goes on, or waits on in the queue. It is told once it is written."""
        live = self._live[run.id] = LiveRun(run)
        live.told = len(run.events) - (run.state != QUEUED)  # all but that it was resumed
        if run.state == QUEUED:
            self._queue.append(live)
        elif self.active is None:
            live.mark = _mark(run)
            self.active = live
        else:
            run.fail("the master was restarted while another run was on", self._moment())
        self.settle(live)

    def working(self, member: ClusterNode, jobs: Sequence[tuple[str, int]]) -> None:
        """A node's heartbeat: it works on these (run, epoch)."""
        for run, epoch in jobs:
            self.fence(member, run, epoch)
        if self.active is not None:
            active = self.active.run
            epochs = [epoch for name, epoch in jobs if name == active.id]
            active.working(member.name, member.info.node, epochs, self._moment())
            self.settle(self.active)

    def excuse(self, seconds: float) -> None:
        """The master was away for so long."""
        if self.active is not None:
            self.active.run.excuse(seconds)

    def forget(self, run: str) -> None:
        """The store knows this one better."""
        live = self._live.get(run)
        if live is not None and live.saved and live in self._over:
            self._over.remove(live)
            del self._live[run]

    def _miss(self, live: LiveRun) -> None:
        for name, node in {
            (assignment.name, assignment.node_task.node)
            for assignment in live.run.assignments.values()
            if assignment.live
        }:
            member = self._roster.named(name)
            if member is None or member.info.node != node:
                live.run.absent(name, self._patience, self._moment())

    def tick(self) -> None:
        """What the passing of time brings about."""
        if self.active is not None:
            self._miss(self.active)
            self.active.run.tick(self._moment())
            self.settle(self.active)
        self._begin_next()

    def abort(self) -> None:
        """The run that is on has its nodes end at once."""
        if self.active is not None:
            run = self.active.run
            for assignment in run.assignments.values():
                if assignment.live:
                    self._carry_out(run, StopOrder(assignment.name, assignment.epoch, abort=True))

    def silent(self, member: ClusterNode, seconds: float) -> None:
        """Nothing was heard of a node for so many seconds. Its part moves when it makes no load any more: at once
        where its process is known to be gone, else when its lease has ended."""
        more = self._patience - seconds
        if member.gone or more <= 0:
            self.lose(member.name, f"nothing was heard for {seconds:.0f} s")
        elif self.active is not None:
            self.active.run.silent(member.name, seconds, more, self._moment())
            self.settle(self.active)

    def lose(self, name: str, why: str) -> None:
        """The node is gone."""
        if self.active is not None:
            self.active.run.lose(name, why, self._moment())
            self.settle(self.active)

    def fence(self, member: ClusterNode, run: str, epoch: int) -> None:
        """A node says that it makes load: if it should not, have it end at once."""
        live = self._live.get(run)
        assignment = live.run.assignments.get((member.name, epoch)) if live is not None else None
        if live is None or live.run.final or assignment is None or assignment.state == LOST:
            self._send(member, wire.Stop(run, epoch, abort=True))

    def close_share(self, member: ClusterNode, run: str, epoch: int) -> None:
        """A node need not say again that its part has ended, once it is written down that it was lost."""
        self._journal.after(lambda: self._close_share(member, run, epoch))

    def _close_share(self, member: ClusterNode, run: str, epoch: int) -> None:
        self._send(member, wire.Closed(run, epoch))

    def remind(self, member: ClusterNode) -> None:
        """A node is back on a new connection: what was said on the old one may not have reached it."""
        if self.active is None:
            return
        run = self.active.run
        for assignment in run.assignments.values():
            if assignment.live and assignment.name == member.name:
                for second, rate in run.adjustments:
                    self._send(member, wire.Adjust(run.id, assignment.epoch, rate, second))

    def sum_up(self) -> bool:
        """Report the runs that have ended; others have their turns meanwhile. True where there was one."""
        ended = [live for live in self._live.values() if live.run.final and not live.over]
        for live in ended:
            self._close(live)
        return bool(ended)

    def settle(self, live: LiveRun) -> None:
        """Carry out and write down what is new about a run. Its report is for `sum_up`, unless it never began."""
        for order in live.run.take_orders():
            self._carry_out(live.run, order)
        self._write_events(live)
        self._write_state(live)
        if live.run.final and not live.over and live.run.start is None:
            self._close(live)

    # The queue

    def _begin_next(self) -> None:
        while self.active is None and self._queue and not self.closing:
            members = self._roster.able()
            if not members:
                return
            self.active = self._queue.popleft()
            self._begin(self.active, members)

    def _begin(self, live: LiveRun, members: list[ClusterNode]) -> None:
        run, at = live.run, self._moment()
        nodes = [PlanNode(m.info.node, m.name, m.info.cores) for m in members]
        run.resolve(nodes, self._most)
        parts = split(run.task, nodes, self._most)
        slowest = max(member.clock.rtt for member in members if member.clock is not None)
        most = max(part.begun for part in parts)
        run.begin(parts, at.now + lead.CLUSTER.seconds(most) + slowest, at, len(members) - len(parts))
        for member in members:
            if member.clock is not None:
                run.skews[member.name] = member.clock.error
        self.settle(live)

    # Orders

    def _carry_out(self, run: Run, order: Order) -> None:
        name = order.assignment.name if isinstance(order, AssignOrder) else order.name
        member = self._roster.named(name)
        if member is None or (isinstance(order, AssignOrder) and order.assignment.node_task.node != member.info.node):
            return  # it will be lost, or given the order again; another process of the same name is another node
        message = self._assignment(run, order, member) if isinstance(order, AssignOrder) else _message(run, order)
        if message is not None:
            self._send(member, message)

    def _assignment(self, run: Run, order: AssignOrder, member: ClusterNode) -> wire.Message | None:
        if member.clock is None or run.start is None or run.withheld:
            return None
        start_at = run.start - member.clock.offset
        assignment = order.assignment
        return wire.TaskOrder(
            run.id, assignment.epoch, assignment.node_task, run.start, start_at, list(run.adjustments)
        )

    # The store

    def _write_events(self, live: LiveRun) -> None:
        run = live.run
        fresh, live.told = run.events[live.told :], len(run.events)
        for event in fresh:
            log.info("run %d: %s", run.number, event.text)
        self._journal.tell([StoredEvent(run.id, e.wall, e.kind, e.text, e.second, e.node) for e in fresh])

    def _write_state(self, live: LiveRun) -> None:
        run = live.run
        mark = _mark(run)
        if mark == live.mark or run.final:
            return
        fields: dict[str, Any] = {"state": run.state, "started_at": run.started_at}
        fields["adjustments"] = [list(pair) for pair in run.adjustments]
        if run.epoch != live.mark[1]:
            fields["epoch"] = run.epoch
            assignments = run.assignments.values()
            fields["plan"] = [
                views.assignment_record(assignment) for assignment in assignments if assignment.epoch == run.epoch
            ]
        fields["summary"] = views.run_map(run, self._moment().now, self._link(run.id)) | {
            recovery.KEPT: recovery.kept(run)
        }
        live.mark = mark
        self._journal.save(run.id, **fields)

    def _close(self, live: LiveRun) -> None:
        """The run is over: report it, keep it, make room for the next."""
        run, link = live.run, self._link(live.run.id)
        live.report = report = self._report(run, link)
        summary = views.run_map(run, self._moment().now, link, report=report) | {recovery.KEPT: recovery.kept(run)}
        self._journal.save(
            run.id, lambda: self._saved(live), state=run.state, reason=run.reason, started_at=run.started_at,
            ended_at=run.ended_at, adjustments=[list(pair) for pair in run.adjustments], report=report,
            summary=summary,
        )  # fmt: skip
        if self.active is live:
            self.active = None
        elif live in self._queue:
            self._queue.remove(live)
        self._over.append(live)

    def _saved(self, live: LiveRun) -> None:
        live.saved = True
        for (name, epoch), assignment in live.run.assignments.items():
            member = self._roster.named(name)
            if assignment.state == ENDED and member is not None:
                self._send(member, wire.Closed(live.run.id, epoch))
        while len(self._over) > KEPT and self._over[0].saved:
            del self._live[self._over.popleft().run.id]


def _mark(run: Run) -> tuple[object, ...]:
    """What of a run is kept while it is on."""
    return run.state, run.epoch, len(run.adjustments), len(run.gaps)


def _message(run: Run, order: Order) -> wire.Message | None:
    if isinstance(order, StopOrder):
        return wire.Stop(run.id, order.epoch, order.abort)
    if isinstance(order, AssignOrder):
        return None
    return wire.Adjust(run.id, order.epoch, order.rate, order.second)
