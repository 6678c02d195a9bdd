"""A run's requests that wait for connections, over all its nodes, second by second. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from gluten.cluster.run.assignment import Assignment
from gluten.cluster.run.ledger import Ledger
from gluten.plan.backlog import Waiting, Watch, hold, waiting
from gluten.plan.schedule import Schedule
from gluten.report.asked import asked

LATE = 2
"""A second is judged without the nodes that are so many seconds behind the quickest one."""


def settled(assignments: Iterable[Assignment], ledger: Ledger) -> int | None:
    """The newest second that all live assignments have reported. None: none is live."""
    reported = [ledger.last_second(assignment.name) for assignment in assignments if assignment.live]
    known = [-1 if second is None else second for second in reported]
    return max(min(known), max(known) - LATE) if known else None


class Congestion(Watch):
    """`judged` is the last second that was judged."""

    def __init__(self, timeout: float, streams: int = 1) -> None:
        super().__init__()
        self._timeout, self._streams, self.judged = timeout, streams, -1

    def judge(self, assignments: Iterable[Assignment], ledger: Ledger, schedule: Schedule) -> str:
        """Judge the newest second that all live assignments have reported. The text to report, or empty."""
        second = settled(assignments, ledger)
        if second is None:
            self.end()
            return ""
        if second <= self.judged:
            return ""
        self.judged = second
        return self.take(self._waiting(second, ledger, schedule))

    def _waiting(self, second: int, ledger: Ledger, schedule: Schedule) -> Waiting:
        total, seen = ledger.total, ledger.seconds.get(second)
        seconds = hold(seen.delta, self._timeout, self._streams) if seen is not None else None
        seconds = hold(total, self._timeout, self._streams) if seconds is None else seconds
        return waiting(asked(schedule, second) or 0.0, total, seconds)
