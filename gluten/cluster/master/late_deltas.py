"""Runs whose deltas arrive after their end. Each is reported again when no more arrive, if need be by the next master.

That a report is stale is stored before such a delta is committed: a delta that was acknowledged is not sent again.
"""

from __future__ import annotations

from collections.abc import Callable

from gluten.cluster.master.journal import Journal
from gluten.cluster.ports import AsyncStore, Instant

SETTLED = 1.0
"""The late deltas of a run are reported when none has arrived for so many seconds."""
_LONGEST = 60.0
"""A run that cannot be reported, since its rows are damaged or the store is away, is tried again after a second, then
after twice as long each time, up to so many seconds."""


class LateDeltas:
    def __init__(self, store: AsyncStore, journal: Journal, now: Instant) -> None:
        self._store, self._journal, self._now = store, journal, now
        self._last: dict[str, float] = {}
        self._marked: set[str] = set()
        self._pauses: dict[str, float] = {}
        self._next: dict[str, float] = {}

    def __len__(self) -> int:
        """Runs that are to be reported again."""
        return len(self._last)

    def open(self) -> None:
        """Take over the stale runs of an earlier master. Raises StoreError."""
        for run in self._store.stale_runs():
            self._last[run] = self._now()
            self._marked.add(run)

    def arrived(self, run: str) -> None:
        """A delta of this run arrived after its end."""
        self._last[run] = self._now()

    def mark(self, run: str) -> bool:
        """To be called before deltas of this run are committed. False where the store is away."""
        if run not in self._last or run in self._marked:
            return True
        if not self._journal.attempt(lambda: self._store.mark_stale(run)):
            return False
        self._marked.add(run)
        return True

    def rebuild(self, ready: Callable[[str], bool], report: Callable[[str], None]) -> bool:
        """`report` again the runs that are `ready` and whose late deltas are all in. False where the store is away."""
        for run, last in [late for late in self._last.items() if self._now() - late[1] >= SETTLED]:
            if self._now() < self._next.get(run, 0.0) or not ready(run):
                continue
            if not self._rebuild(run, last, report):
                self._pause(run)
                return False
            self._pauses.pop(run, None)
        return True

    def _pause(self, run: str) -> None:
        pause = self._pauses[run] = min(_LONGEST, 2 * self._pauses.get(run, SETTLED / 2))
        self._next[run] = self._now() + pause

    def _rebuild(self, run: str, last: float, report: Callable[[str], None]) -> bool:
        if not self._journal.attempt(lambda: report(run)):
            return False
        if self._last[run] != last:
            return True  # another one arrived meanwhile
        if not self._journal.attempt(lambda: self._store.clear_stale(run)):
            return False
        self._marked.discard(run)
        if self._last[run] == last:
            del self._last[run]
            self._next.pop(run, None)
        return True
