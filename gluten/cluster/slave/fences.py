"""Which epoch of a run is the highest that a node knows: what belongs to an older one is over. Pure."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

KNOWN = 256
"""Runs whose highest epoch is remembered."""


class Fences:
    def __init__(self, known: Iterable[tuple[str, int]] = ()) -> None:
        """`known` are (run, epoch) of this node's last life."""
        self._highest: OrderedDict[str, int] = OrderedDict()
        for run, epoch in known:
            self.set(run, epoch)

    def highest(self, run: str) -> int:
        """0: none is known."""
        return self._highest.get(run, 0)

    def set(self, run: str, epoch: int) -> None:
        """No subtask of this epoch, or of an older one, is begun any more."""
        self._highest[run] = max(epoch, self.highest(run))
        self._highest.move_to_end(run)
        while len(self._highest) > KNOWN:
            self._highest.popitem(last=False)
