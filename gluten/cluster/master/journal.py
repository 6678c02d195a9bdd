"""The master's writes that wait for the store, in order. Each is tried until it succeeds. Only `flush` waits."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from typing import Any

from gluten.audit import AuditEntry
from gluten.cluster.ports import AsyncStore, Instant
from gluten.errors import GlutenError, StoreError
from gluten.store.records import StoredEvent

log = logging.getLogger(__name__)


SLOW = 5.0
"""Seconds after which a write is said to be slow."""
_LOOK = "see that no other program holds it, and that its disk keeps up"
_WAITS = "(what is counted waits for it, and nothing is lost)"


class Journal:
    """`away` is why the store does not answer; empty while it does."""

    def __init__(self, store: AsyncStore, now: Instant) -> None:
        self._store, self._now = store, now
        self._since: float | None = None
        """When the write began that is on."""
        self._work: deque[Callable[[], None]] = deque()
        self.away = ""

    def save(self, run: str, done: Callable[[], None] | None = None, **fields: Any) -> None:
        """Change fields of a run, then call `done`."""

        def work() -> None:
            self._store.save_run(run, **fields)
            if done is not None:
                done()

        self._work.append(work)

    def add_events(self, events: list[StoredEvent]) -> None:
        if events:
            self._work.append(lambda: self._store.add_events(events))

    def note(self, deed: AuditEntry) -> None:
        self._work.append(lambda: self._store.add_audit([deed]))

    def end_session(self, session: str, until: float, now: float) -> None:
        self._work.append(lambda: self._store.end_session(session, until, now))

    def after(self, done: Callable[[], None]) -> None:
        """Call `done` once everything that was given so far is written."""
        self._work.append(done)

    @property
    def notice(self) -> str:
        """What people should know of it; empty: nothing."""
        said = self.away or self._slow("has not answered for")
        return f"{said} {_WAITS}" if said else ""

    def __len__(self) -> int:
        return len(self._work)

    def flush(self) -> bool:
        """Write everything. False where the store is away; the rest stays."""
        while self._work:
            if not self.write(self._work[0]):
                return False
            self._work.popleft()
        return True

    def attempt(self, work: Callable[[], None]) -> bool:
        """Call `work`. False where the store is away, which is logged once. Work that can never succeed is given up."""
        try:
            work()
        except StoreError as error:
            if not self.away:
                log.warning("%s; what has to be stored waits", error)
            self.away = str(error)
            return False
        except GlutenError as error:
            log.error("not stored: %s", error)
        if self.away:
            log.warning("the database is back")
            self.away = ""
        return True

    def write(self, work: Callable[[], None]) -> bool:
        """The same of a single write. Only one is on at a time. One that takes long is said."""
        self._since = self._now()
        try:
            done = self.attempt(work)
            if done and (said := self._slow("took")):
                log.warning("%s; what had to be stored waited", said)
            return done
        finally:
            self._since = None

    def _slow(self, words: str) -> str:
        """That the write that is on takes long; empty: it does not."""
        seconds = 0.0 if self._since is None else self._now() - self._since
        if seconds < SLOW:
            return ""
        return f"database {self._store.label}: it {words} {seconds:.0f} s: {_LOOK}"
