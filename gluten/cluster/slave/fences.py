"""The highest epoch of each run that a node knows. An assignment of an older epoch is over. Pure."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

KNOWN = 256
"""The highest epochs of so many runs are kept."""


class Fences:
    def __init__(self, known: Iterable[tuple[str, int]] = ()) -> None:
        """`known` are the (run, epoch) of this node's earlier process."""
        self._highest: OrderedDict[str, int] = OrderedDict()
        for run, epoch in known:
            self.set(run, epoch)

    def highest(self, run: str) -> int:
        """0: none is known."""
        return self._highest.get(run, 0)

    def set(self, run: str, epoch: int) -> None:
        """No assignment of this epoch, or of an older one, begins any more."""
        self._highest[run] = max(epoch, self.highest(run))
        self._highest.move_to_end(run)
        while len(self._highest) > KNOWN:
            self._highest.popitem(last=False)
