"""Runs leave the history: when somebody deletes them, and by their age. What uses the store waits for it."""

from __future__ import annotations

import logging
from collections.abc import Callable

from gluten.audit import AuditEntry
from gluten.cluster.master.history import History
from gluten.cluster.master.journal import Journal
from gluten.cluster.master.queries import Queries
from gluten.cluster.master.run_writer import LiveRun
from gluten.cluster.master.scheduler import Scheduler
from gluten.cluster.ports import AsyncStore, Instant
from gluten.documents import RunDocument
from gluten.errors import NotFound, WrongState

log = logging.getLogger(__name__)

BATCH = 500
"""How many runs `expire` deletes at most in one call. The others are deleted by the next calls."""


class Deletion:
    """`wall` is Unix time. `wake` is called when `purge` has something to do."""

    def __init__(
        self,
        store: AsyncStore,
        journal: Journal,
        scheduler: Scheduler,
        history: History,
        queries: Queries,
        wall: Instant,
        wake: Callable[[], None],
    ) -> None:
        self._store, self._journal, self._scheduler = store, journal, scheduler
        self._history, self._queries, self._wall, self._wake = history, queries, wall, wake
        self.purging = False
        """There may be rows of deleted runs."""

    def delete(self, ref: str) -> RunDocument:
        """Delete a run that is over and is no baseline. Raises NotFound, WrongState, StoreError."""
        found = self._queries.find(ref)
        if isinstance(found, LiveRun):
            _check_stored(found)
        run = self._queries.run(ref)
        self._remove(run["id"])
        return run

    def expire(self, keep: float) -> None:
        """Delete the runs that ended more than `keep` s ago, but for baselines."""
        self._journal.attempt(lambda: self._expire(self._wall() - keep))

    def purge(self) -> bool:
        """Remove some rows of deleted runs. False where the store is away."""
        if not self.purging:
            return True
        self.purging = False  # first, because somebody may delete a run meanwhile
        if self._journal.write(self._purge):
            return True
        self.purging = True
        return False

    def _purge(self) -> None:
        self.purging = self._store.purge() or self.purging

    def _expire(self, before: float) -> None:
        for run, number in self._store.expired(before, BATCH):
            if not self._scheduler.is_saved(run):
                continue  # its report comes
            try:
                self._remove(run)
            except (NotFound, WrongState) as error:
                log.info("run %d stays: %s", number, error)
                continue
            log.info("run %d is deleted: it is older than --keep allows", number)
            self._journal.note(AuditEntry("expire", "host", run=run, detail=f"run {number}", at=self._wall()))

    def _remove(self, run: str) -> None:
        self._store.delete_run(run)
        self._scheduler.forget(run)
        self._history.forget(run)
        self.purging = True
        self._wake()


def _check_stored(live: LiveRun) -> None:
    if not live.over:
        raise WrongState(f"run {live.book.number} is not over: stop it before you delete it")
    if not live.saved:
        raise WrongState(f"run {live.book.number} has just ended, and its report is being stored: try again")
