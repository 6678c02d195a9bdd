"""The search for the capacity, over all nodes of a run. Pure.

What it decides follows from the adjustments, the settled seconds and the events of the run alone. So a master that was
restarted replays them and goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from gluten.capacity.asked import plan_of
from gluten.capacity.decision import Decision, Stay
from gluten.capacity.node_use import NodeUses
from gluten.capacity.searcher import Searcher
from gluten.cluster.run.assignment import Assignment, RunEvent, RunNotice
from gluten.cluster.run.ledger import Ledger
from gluten.document_parts import CapacityDocument
from gluten.plan.elastic import bound
from gluten.plan.split import spread
from gluten.report.capacity import Found, part_of
from gluten.report.measured import measured_from
from gluten.report.verdict import LATENESS_LIMIT, LEAST_LATE
from gluten.stats.delta import Delta
from gluten.task.task import Task
from gluten.workload.workload import Workload

MOST_AT_ONCE = 50
"""How many seconds are looked at in one turn of the master, at most. After a restart there may be hundreds."""
AFTER = 2
"""The part of a lost node has moved so many seconds after its loss was noticed."""
RESPAWN = 3
"""A worker that died was missing for at most so many seconds before that is known."""


class Search:
    """`document` is what is known so far."""

    def __init__(self, task: Task, workload: Workload | None) -> None:
        self._searcher = Searcher(plan_of(task, workload))
        self._uses = NodeUses(LATENESS_LIMIT, LEAST_LATE)
        self._first, self._decided, self._read = measured_from(task), -1, 0
        self._full: dict[str, tuple[int, int]] = {}
        """(second, connections) of each node that has told that it may open no more."""
        self.document: CapacityDocument = self._searcher.document()

    def adjusted(self, second: float, rate: float) -> None:
        """From this run-second on, the cluster makes so many sessions/s."""
        self._searcher.adjusted(second, rate)

    def take(self, assignment: Assignment, most: int | None, delta: Delta) -> None:
        """What a node has counted. `most` is the master's ceiling of connections."""
        self._uses.take(assignment.name, delta, self._is_capped(assignment, most, delta))

    def note(self, name: str, notice: RunNotice) -> None:
        """A node tells something. `capped`: it may open no more connections than it had open in this second."""
        if notice.kind == "capped" and notice.second is not None:
            self._full.setdefault(name, (notice.second, 0))

    def _is_capped(self, assignment: Assignment, most: int | None, delta: Delta) -> bool:
        if not delta.backlog:
            return False
        name, task = assignment.name, assignment.node_task.task
        limit = bound(task, most)
        if limit is not None:
            mine = sum(max(1, spread(limit, task.thread_count, thread)) for thread in assignment.node_task.threads)
            if delta.connections >= mine:
                return True
        if name not in self._full or delta.second < self._full[name][0]:
            return False
        second, known = self._full[name]
        if second == delta.second:
            self._full[name] = (second, delta.connections)
            return True
        return 0 < known <= delta.connections

    def decide(self, ledger: Ledger, assignments: Iterable[Assignment], events: list[RunEvent]) -> Decision:
        """What follows from the seconds that have settled since the last call."""
        self._note_losses(events, ledger)
        until = complete(assignments, ledger)
        ready = sorted(second for second in ledger.changed if until is not None and second <= until)
        for second in ready[:MOST_AT_ONCE]:
            self._look(second, ledger)
        if not ready or len(ready) > MOST_AT_ONCE:
            return Stay()
        decision: Decision = Stay()
        if until is not None and until > self._decided and until >= self._first:
            self._decided = until
            decision = self._searcher.decide(until)
        self.document = self._searcher.document()
        return decision

    def found(self, ledger: Ledger, over: str, give_way: Callable[[], None]) -> Found:
        """What the search has found, by all that was counted. `over`: why the run is over; empty: it goes on."""
        for second in sorted(ledger.changed):
            self._look(second, ledger)
            give_way()
        if over:
            self._searcher.ended(over)
        self.document = self._searcher.document()
        hold = part_of(self.document, self._searcher.last_hold)
        return Found(self.document, hold, self._uses.between(*hold) if hold is not None else ())

    def _look(self, second: int, ledger: Ledger) -> None:
        if second >= self._first:
            self._searcher.look(second, ledger.deltas[second], self._uses.generators(second))
        ledger.changed.discard(second)

    def _note_losses(self, events: list[RunEvent], ledger: Ledger) -> None:
        """The counts of these seconds lack a part of the load."""
        new, self._read = events[self._read :], len(events)
        for event in new:
            for second in _tainted(event, ledger.last_second(event.node)):
                self._searcher.lost(second, event.node)


def complete(assignments: Iterable[Assignment], ledger: Ledger) -> int | None:
    """The newest second that all live assignments have reported; None: none is live. A node with more than one of them
    may yet have to report the newest second of the other."""
    live = [assignment.name for assignment in assignments if assignment.live]
    if not live:
        return None
    reported = [ledger.last_second(name) for name in live]
    return min(-1 if second is None else second for second in reported) - (len(set(live)) < len(live))


def _tainted(event: RunEvent, last: int | None) -> Iterable[int]:
    """The seconds in which a part of the load was missing."""
    if event.second is None:
        return ()
    if event.kind == "node_lost":
        return range(0 if last is None else last, event.second + AFTER)
    if event.kind == "worker_lost":
        return range(max(0, event.second - RESPAWN), event.second + AFTER)
    return ()
