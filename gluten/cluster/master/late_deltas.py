"""Runs of which numbers come after their ends: each is reported again once no more come, by the next master if need be.

That a report is stale is stored before such a delta is committed, for an acknowledged delta comes no second time.
"""

from __future__ import annotations

from collections.abc import Callable

from gluten.cluster.master.journal import Journal
from gluten.cluster.ports import AsyncStore, Instant

SETTLED = 1.0
"""LateDeltas numbers of a run are reported once none has come for so many seconds."""


class LateDeltas:
    def __init__(self, desk: AsyncStore, journal: Journal, now: Instant) -> None:
        self._desk, self._journal, self._now = desk, journal, now
        self._heard: dict[str, float] = {}
        self._marked: set[str] = set()

    def open(self) -> None:
        """Take up what an earlier master did not come to. Raises StoreError."""
        for run in self._desk.stale_runs():
            self._heard[run] = self._now()
            self._marked.add(run)

    def heard(self, run: str) -> None:
        """A delta of this run came after its end."""
        self._heard[run] = self._now()

    def mark(self, run: str) -> bool:
        """To be called before deltas of this run are committed. False where the store is away."""
        if run not in self._heard or run in self._marked:
            return True
        if not self._journal.attempt(lambda: self._desk.mark_stale(run)):
            return False
        self._marked.add(run)
        return True

    def rebuild(self, ready: Callable[[str], bool], report: Callable[[str], None]) -> bool:
        """`report` those runs again that are `ready` and of which no more comes. False where the store is away."""
        for run, heard in [late for late in self._heard.items() if self._now() - late[1] >= SETTLED]:
            if ready(run) and not self._rebuild(run, heard, report):
                return False
        return True

    def _rebuild(self, run: str, heard: float, report: Callable[[str], None]) -> bool:
        if not self._journal.attempt(lambda: report(run)):
            return False
        if self._heard[run] != heard:
            return True  # another came meanwhile
        if not self._journal.attempt(lambda: self._desk.clear_stale(run)):
            return False
        self._marked.discard(run)
        if self._heard[run] == heard:
            del self._heard[run]
        return True
