"""What each node of a run has counted up to a second, and what it saw last. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from gluten.push.batch import SECOND, Batch, Part, RunHead
from gluten.push.figures import SLO, Figure, figures
from gluten.stats.delta import Delta


class Sums:
    """The sums of one run. A delta may come late: it is in the sums from then on."""

    def __init__(self, head: RunHead) -> None:
        self.head = head
        self._totals: dict[str, Delta] = {}
        self._latest: dict[str, Delta] = {}

    def add(self, node: str, delta: Delta) -> None:
        """Count a delta. From now on it belongs to the sums."""
        self._totals.setdefault(node, Delta(-1)).follow(delta)
        latest = self._latest.get(node)
        if latest is None or delta.second > latest.second:
            self._latest[node] = delta
        elif delta.second == latest.second:
            latest.follow(delta)

    def batch(self, second: int, slos: Iterable[tuple[str, bool]] = (), node: str = "") -> Batch:
        """The sums at the end of a second, of those nodes that have counted anything since the last batch. `node` is
        the one that judges the SLOs."""
        parts = [
            Part(name, list(figures(delta, self._totals[name], self._totals[name])))
            for name, delta in self._latest.items()
        ]
        self._latest = {}
        judged = [Figure(SLO, (("slo", text),), int(holds)) for text, holds in slos]
        if judged:
            parts.append(Part(node, judged))
        return Batch(self.head, end_of(self.head, second), parts)


def end_of(head: RunHead, second: int) -> int:
    """When the second ends, in Unix nanoseconds."""
    return head.start + (second + 1) * SECOND
