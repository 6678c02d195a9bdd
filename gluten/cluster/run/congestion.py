"""A run's requests that wait for connections, over all its nodes, second by second. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from gluten.cluster.run.assignment import Assignment
from gluten.cluster.run.ledger import Ledger
from gluten.plan.backlog import Waiting, Watch, hold
from gluten.plan.schedule import Schedule
from gluten.report.document import asked

LATE = 2
"""So many seconds a node may be behind the quickest before a second is judged without it."""


class Congestion(Watch):
    """`judged` is the last second that was looked at."""

    def __init__(self, timeout: float) -> None:
        super().__init__()
        self._timeout, self.judged = timeout, -1

    def look(self, assignments: Iterable[Assignment], ledger: Ledger, schedule: Schedule) -> str:
        """Take the newest second of which all live shares have told; what is to be told of it, if anything."""
        told = [ledger.last_second(assignment.name) for assignment in assignments if assignment.live]
        if not told:
            self.end()
            return ""
        known = [-1 if second is None else second for second in told]
        second = max(min(known), max(known) - LATE)
        if second <= self.judged:
            return ""
        self.judged = second
        return self.take(self._waiting(second, ledger, schedule))

    def _waiting(self, second: int, ledger: Ledger, schedule: Schedule) -> Waiting:
        total, seen = ledger.total, ledger.seconds.get(second)
        seconds = hold(seen.delta, self._timeout) if seen is not None else None
        seconds = hold(total, self._timeout) if seconds is None else seconds
        return Waiting(asked(schedule, second) or 0.0, total.backlog, total.connections, seconds)
