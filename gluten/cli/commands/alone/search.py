"""The search for the capacity in `gluten run`: this process is its only node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gluten.capacity.asked import plan_of
from gluten.capacity.decision import Decision, Stay
from gluten.capacity.node_use import NodeUses
from gluten.capacity.searcher import Searcher
from gluten.plan.elastic import bound
from gluten.report.capacity import Found, part_of
from gluten.report.measured import measured_from
from gluten.report.verdict import LATENESS_LIMIT, LEAST_LATE
from gluten.stats.delta import Delta
from gluten.task.task import Task
from gluten.workload.workload import Workload

if TYPE_CHECKING:
    from gluten.document_parts import CapacityDocument

RESPAWN = 3
"""A worker that died was missing for at most so many seconds before that is known."""


class Search:
    """`most` is how many connections there may be, by the policy and by this host; None: no bound is known."""

    def __init__(self, task: Task, workload: Workload | None, node: str, most: int | None) -> None:
        self._searcher = Searcher(plan_of(task, workload))
        self._uses, self._node = NodeUses(LATENESS_LIMIT, LEAST_LATE), node
        self._most = bound(task, most)
        self._first, self._decided = measured_from(task), -1
        self.adjustments: list[tuple[float, float]] = []

    def document(self) -> CapacityDocument:
        return self._searcher.document()

    def adjusted(self, second: float, rate: float) -> None:
        """From this run-second on, so many sessions/s are made."""
        self.adjustments.append((second, rate))
        self._searcher.adjusted(second, rate)

    def lost_worker(self, second: int) -> None:
        """A worker is known to have died in this second."""
        for each in range(max(0, second - RESPAWN), second + 2):
            self._searcher.lost(each, self._node)

    def look(self, delta: Delta, whole: Delta) -> Decision:
        """What follows from a second: `delta` is what is new of it, `whole` all that is known."""
        self._uses.take(self._node, delta, self._is_capped(whole))
        if delta.second < self._first:
            return Stay()
        self._searcher.look(delta.second, whole, self._uses.generators(delta.second))
        if delta.second <= self._decided:
            return Stay()
        self._decided = delta.second
        return self._searcher.decide(delta.second)

    def found(self, over: str) -> Found:
        """What the search has found. `over`: why the load ended, if not by the search."""
        self._searcher.ended(over)
        document = self._searcher.document()
        hold = part_of(document, self._searcher.last_hold)
        return Found(document, hold, self._uses.between(*hold) if hold is not None else ())

    def _is_capped(self, whole: Delta) -> bool:
        return self._most is not None and whole.backlog > 0 and whole.connections >= self._most
