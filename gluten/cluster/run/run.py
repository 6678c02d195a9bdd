"""One run's life: queued, starting, running, stopping, then exactly one of finished, stopped, failed. Pure.

Instants come in as `Moment`s. `orders` are for the nodes; the scheduler takes and sends them. `events` are for people.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from gluten.capacity.decision import Over, SetRate
from gluten.cluster.run import around
from gluten.cluster.run.assignment import (
    ARMED,
    ENDED,
    LEFT,
    LOST,
    SENT,
    AdjustOrder,
    Assignment,
    Ending,
    Moment,
    Order,
    RunEvent,
    RunNotice,
    StopOrder,
    absent,
    give_up,
    idle,
    repeat_order,
)
from gluten.cluster.run.gaps import missing_cause, notice_cause
from gluten.cluster.run.loss import lose
from gluten.cluster.run.run_book import RunBook, counted
from gluten.cluster.run.slos import judge_slos
from gluten.errors import TaskError, WrongState
from gluten.plan.job import LEASE, ROWS
from gluten.plan.run_state import FAILED, FINISHED, QUEUED, RUNNING, STARTING, STOPPED, STOPPING
from gluten.plan.split import NodeTask, PlanNode, resolve
from gluten.stats.delta import Delta
from gluten.task.limits import MAX_ADJUSTMENTS, MAX_RATE

SKIPPED = 1
"""Epochs that a restarted master leaves out. Its predecessor may have died between giving out one and storing it."""
STRAGGLE = 30.0
"""The run waits so many seconds for missing deltas when all assignments have ended."""


class Run:
    """What people, nodes and time do to a run. `book` is what is known of it."""

    def __init__(self, book: RunBook) -> None:
        self.book = book

    def take_orders(self) -> list[Order]:
        taken, self.book.orders = self.book.orders, []
        return taken

    # People

    def resolve(self, nodes: Sequence[PlanNode], most: int | None = None) -> None:
        """Set the number of threads, which depends on the nodes that will load."""
        book = self.book
        book.task, book.most = resolve(book.asked, nodes, most), most

    def prepare(self, nodes: int, at: Moment) -> None:
        """The run is going to begin. First, this number of nodes gets the files of the run."""
        self.book.state = STARTING
        self.waits(nodes)
        self.book.record_event(at, "preparing", self.book.reason)

    def waits(self, nodes: int) -> None:
        """Say in the run's reason how many nodes do not have its files yet."""
        reason = f"waits for files on {counted(nodes, 'node')}" if nodes else ""
        if self.book.reason != reason:
            self.book.reason = reason
            self.book.touch()

    def left_out(self, name: str, why: str, at: Moment) -> None:
        """The node does not get its files, so it is given nothing to do."""
        self.book.record_event(at, "left_out", f"node {name} takes no part, because it lacks files: {why}", name)

    def begin(self, plan: Sequence[NodeTask], start: float, at: Moment, idle: int = 0) -> None:
        """Give every node its assignment, to start together at `start`. No thread is left for `idle` nodes."""
        book = self.book
        if idle:
            option = "-c" if book.asked.threads is None else "-t"
            words = f"{counted(idle, 'node')} had no thread to run: {option} {len(plan) + idle} or more would use all"
            book.record_event(at, "idle", words)
        book.state, book.start, book.reason = STARTING, start, ""
        book.assign(plan, at)
        book.started_at = at.wall + (start - at.now)
        book.touch()

    def stop(self, at: Moment, who: str = "") -> None:
        """End early; a second time changes nothing. Raises `WrongState` when it is over."""
        book = self.book
        if book.final:
            raise WrongState(f"run {book.number} is over ({book.state}): there is nothing to stop")
        reason = f"stopped by {who}" if who else "stopped on request"
        if book.state == QUEUED:
            book.finish(STOPPED, reason, "", at)
        elif book.wanted is None:
            book.end_load(STOPPED, reason, "", at)

    def adjust(self, rate: float, at: Moment, who: str = "") -> float:
        """Set another rate (requests/s over the cluster). The run-second from which it holds. Raises WrongState,
        TaskError."""
        self._check_adjust(rate)
        return self._set_rate(rate, at, who)

    def _set_rate(self, rate: float, at: Moment, who: str = "") -> float:
        book = self.book
        second = book.next_second(at)
        book.adjust(second, rate)
        live = [each for each in book.assignments.values() if each.live]
        book.orders += [AdjustOrder(each.name, each.epoch, rate, second) for each in live]
        by = f" by {who}" if who else ""
        book.record_event(at, "adjusted", f"rate set to {rate:g}/s{by}, from second {second:.0f}", second=int(second))
        return second

    def _check_adjust(self, rate: float) -> None:
        book = self.book
        if not 0 < rate <= MAX_RATE:
            raise TaskError("rate", f"rate: {rate!r} is not allowed; above 0 and at most {MAX_RATE:.0f} requests/s")
        if book.state not in (STARTING, RUNNING) or book.preparing:
            raise WrongState(f"run {book.number} is {book.state}: only a running one can be adjusted")
        if book.schedule is None:
            raise WrongState(f"run {book.number} is a closed loop: only one with a rate can be adjusted")
        if len(book.adjustments) >= MAX_ADJUSTMENTS:
            raise WrongState(f"run {book.number} was adjusted {MAX_ADJUSTMENTS} times, which is the most: stop it")
        if book.search is not None:
            raise WrongState(f"run {book.number} searches for the capacity: it sets the rate itself")

    # Nodes

    def armed(self, name: str, epoch: int, late: float, at: Moment) -> None:
        """The node has accepted its assignment."""
        book = self.book
        assignment = book.assignments.get((name, epoch))
        if assignment is None or assignment.state != SENT or book.final:
            return
        assignment.state, assignment.since, assignment.late = ARMED, at.now, late
        book.skews[name] = max(late, book.skews.get(name, 0.0))
        if late > 0:
            book.record_event(at, "late", f"{name} got its part {late * 1000:.0f} ms after the start", name)
        book.touch()

    def delta(self, name: str, epoch: int, number: int, delta: Delta) -> bool:
        """Count a delta. False if it changes nothing: it was counted before, or belongs to no assignment."""
        book = self.book
        if (name, epoch) not in book.assignments or book.final:
            return False
        if not book.ledger.add(name, epoch, number, delta, book.version + 1):
            return False
        if book.search is not None:
            book.search.take(book.assignments[name, epoch], book.most, delta)
        book.touch()
        return True

    def ended(self, name: str, epoch: int, ending: Ending, at: Moment) -> None:
        """The node's assignment is over."""
        book = self.book
        assignment = book.assignments.get((name, epoch))
        if assignment is None or not assignment.live or book.final:
            return
        if ending.kind in (LEASE, LEFT):
            self.lose(name, f"{ending.reason}", at)
            return
        assignment.state, assignment.since, assignment.ending = ENDED, at.now, ending
        book.touch()
        if book.wanted is None and ending.state != FINISHED:
            # A node stops by itself where a request that was not good stops the run.
            state = STOPPED if ending.state == STOPPED and ending.reason else FAILED
            reason = ending.reason or f"ended its part early ({ending.state})"
            book.end_load(state, f"node {name}: {reason}", ending.kind, at)

    def awaits(self, name: str, epoch: int) -> bool:
        """The node's ending is needed: its assignment is live, or it ended and will be stored with the run."""
        assignment = self.book.assignments.get((name, epoch))
        return assignment is not None and assignment.state != LOST

    def notice(self, name: str, epoch: int, notice: RunNotice, at: Moment) -> None:
        """A node reports something about its assignment. It counts once, however often it is sent."""
        book = self.book
        if (name, epoch) not in book.assignments or book.final:
            return
        if book.gaps.note(name, notice_cause(epoch, notice.text), notice.gap):
            if book.search is not None:
                book.search.note(name, notice)
            book.record_event(at, notice.kind, f"node {name}: {notice.text}", name, notice.second)

    def working(self, name: str, node: str, epochs: Sequence[int], at: Moment) -> None:
        """The node of this name and id works on the assignments of these epochs. One that it does not work on
        although it should is lost."""
        for assignment in self._assignments_of(name):
            if assignment.node_task.node != node or not assignment.live:
                continue
            assignment.last_seen = at.now
            if assignment.epoch in epochs:
                assignment.last_worked = at.now
                if assignment.state == SENT and self.book.withheld:
                    assignment.state, assignment.since = ARMED, at.now  # it cannot be sent again, and need not be
            elif self.book.active and (why := idle(assignment, at.now)):
                self.lose(name, why, at)

    def _assignments_of(self, name: str) -> list[Assignment]:
        """A node has at most one assignment an epoch. A heartbeat must not cost a look at those of all nodes."""
        found = (self.book.assignments.get((name, epoch)) for epoch in range(1, self.book.epoch + 1))
        return [assignment for assignment in found if assignment is not None]

    def silent(self, name: str, seconds: float, more: float, at: Moment) -> None:
        """The node has been silent for so many seconds. Its lease, and so its load, may last for `more`."""
        book = self.book
        if book.active and book.live_of(name):
            text = f"nothing was received from node {name} for {seconds:.0f} s"
            book.record_event(at, "silent", f"{text}: its part is lost unless it is back within {more:.0f} s", name)

    def absent(self, name: str, patience: float, at: Moment) -> None:
        """The node is not present. Its assignments are lost after so many seconds of silence."""
        whys = (absent(assignment, at.now, patience) for assignment in self.book.live_of(name))
        if why := next(filter(None, whys), None):
            self.lose(name, why, at)

    def lose(self, name: str, why: str, at: Moment) -> None:
        """The node is lost; what follows is the task's `on_loss`."""
        lose(self.book, name, why, at)

    # Time

    def tick(self, at: Moment) -> None:
        """Do what has become due."""
        book = self.book
        if book.state == STARTING and book.start is not None and at.now >= book.start:
            book.state = RUNNING
            book.record_event(at, "started", f"load began on {counted(len(book.assignments), 'node')}", second=0)
        if book.active:
            for assignment in list(book.assignments.values()):
                if assignment.live:
                    self._repeat_order(assignment, at)
            self._watch_backlog(at)
            judge_slos(book, at)
            self._search(at)
            self._conclude(at)

    def _search(self, at: Moment) -> None:
        """Look for the capacity: another rate, or the end of the load."""
        book = self.book
        if book.search is None or book.state != RUNNING or not book.ledger.changed:
            return
        before = book.search.document
        match book.search.decide(book.ledger, book.assignments.values(), book.events):
            case SetRate(rate):
                self._set_rate(rate, at)
            case Over(reason):
                book.end_load(FINISHED, reason, "", at)
        if book.search.document is not before:
            book.touch()

    def _repeat_order(self, assignment: Assignment, at: Moment) -> None:
        """Send an order again to a node that does not follow it. In the end, give the node up."""
        due = self._due_end()
        if why := give_up(assignment, at.now, due):
            self.lose(assignment.name, why, at)
        elif order := repeat_order(assignment, at.now, due, self.book.wanted is not None):
            self.book.order(assignment, order, at)

    def _due_end(self) -> float:
        """When the last response should be in, by the master's clock; infinity where the task has no time limit."""
        book = self.book
        if book.wanted is not None:
            return book.ending_since + book.task.timeout
        if book.task.duration is None or book.start is None:
            return math.inf
        return book.start + book.task.duration + book.task.timeout + book.task.longest_drain

    def _watch_backlog(self, at: Moment) -> None:
        book = self.book
        if book.schedule is None:
            return
        if text := book.backlog.judge(book.assignments.values(), book.ledger, book.schedule):
            book.record_event(at, "backlog", text, second=book.backlog.judged)

    def _conclude(self, at: Moment) -> None:
        """End the run once every assignment has ended and every delta is in."""
        book = self.book
        if book.preparing or any(assignment.live for assignment in book.assignments.values()):
            return
        ended = [assignment for assignment in book.assignments.values() if assignment.ending]
        if any(book.missing(each) and at.now - each.since < STRAGGLE for each in ended):
            return
        for each in ended:
            if missing := book.missing(each):
                book.gaps.note(each.name, missing_cause(each.epoch), missing)
                book.record_event(at, "gap", f"{counted(missing, 'second')} of {each.name} never came", each.name)
        around.end(book, book.wanted or _by_itself(ended), at)

    # The master

    def resume(self, state: str, wanted: tuple[str, str, str] | None, at: Moment) -> None:
        """Continue what an earlier master has begun, with what `recovery` has found."""
        book = self.book
        assert book.start is not None
        book.epoch += SKIPPED
        book.state = RUNNING if at.now >= book.start else STARTING
        book.wanted, book.ending_since = wanted, at.now
        if wanted is not None:
            book.state, book.reason = STOPPING, wanted[1]
        accepted = SENT if state == STARTING else ARMED
        for assignment in book.assignments.values():
            assignment.state, assignment.since = LOST if assignment.state == LOST else accepted, at.now
        book.record_event(at, "resumed", "the master was restarted; the run goes on")

    def excuse(self, seconds: float) -> None:
        """The master itself was paused for so long. This silence is not held against the nodes."""
        for assignment in self.book.assignments.values():
            assignment.last_worked += seconds
            assignment.last_seen += seconds

    def add_late(self, report: Mapping[str, Any], before: Mapping[str, int], at: Moment) -> list[RunEvent]:
        """After the end, record which nodes have sent more than `before`; the new events."""
        book, had = self.book, len(self.book.events)
        for node in report["nodes"]:
            more = node["sent"] - before.get(node["name"], 0)
            if more:
                text = f"late counts of {node['name']} arrived: {more} requests"
                book.record_event(at, "late_numbers", text, node["name"])
        return book.events[had:]

    def fail(self, reason: str, at: Moment) -> None:
        """End it at once, whatever its nodes do."""
        if not self.book.final:
            self.book.finish(FAILED, reason, "", at)

    def leave(self, reason: str, at: Moment) -> None:
        """End it at once, and have its nodes end at once."""
        live = [each for each in self.book.assignments.values() if each.live]
        self.book.orders = [StopOrder(each.name, each.epoch, abort=True) for each in live]
        self.fail(reason, at)


def _by_itself(ended: Sequence[Assignment]) -> tuple[str, str, str]:
    """State, reason and kind of a run that nobody ended. Its plan may have ended with the rows of a feed."""
    endings = [assignment.ending for assignment in ended if assignment.ending]
    if endings and all(ending.kind == ROWS for ending in endings):
        return FINISHED, endings[0].reason, ROWS
    return FINISHED, "", ""
