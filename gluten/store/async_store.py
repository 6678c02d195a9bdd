"""The store for greenlets: every call runs on a native thread, and only the calling greenlet waits.

It has the methods of `Store`, and a test compares them. So a test can hand a role a plain `Store`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, Self, TypeVar

from gluten.audit import AuditEntry
from gluten.listing import EVERY, Listing
from gluten.store.database_url import IN_MEMORY
from gluten.store.deltas import PAGE, WINDOW_PAGE, DeltaKey, paged
from gluten.store.files.native_thread import OwnThread
from gluten.store.records import NodeEnd, RunRecord, StoredDelta, StoredEvent
from gluten.store.store import Store, to_read

P = ParamSpec("P")
T = TypeVar("T")


class AsyncStore:
    """A store with a thread of its own. Calls come from the hub that made it, and run one after the other.

    `lists` is the store over a second connection, with a second thread: to find the runs of a list may take long, and
    deltas must not wait for it to be committed. Without it there is one of both.
    """

    def __init__(self, store: Store, lists: Store | None = None) -> None:
        self._store, self._lists = store, lists
        self._thread = OwnThread()
        self._list_thread = self._thread if lists is None else OwnThread()

    @classmethod
    def open(cls, url: str = "", data_dir: Path | None = None) -> Self:
        """Open the store. This blocks the hub, because a node does nothing before it has its store."""
        store = Store.open(url, data_dir)
        return cls(store, None if url == IN_MEMORY else to_read(url, data_dir))

    def claim(self, fence: int = 0) -> None:
        self._call(self._store.claim, fence)

    def close(self) -> None:
        """Close the store after the waiting calls, and end the thread."""
        self._call(self._store.close)
        if self._lists is not None:
            self._list_thread.call(self._lists.close)
            self._list_thread.end()
        self._thread.end()

    @property
    def label(self) -> str:
        return self._store.label

    def create_run(self, record: RunRecord) -> RunRecord:
        return self._call(self._store.create_run, record)

    def save_run(self, run: str, **fields: Any) -> None:
        self._call(self._store.save_run, run, **fields)

    def run(self, ref: str) -> RunRecord:
        return self._call(self._store.run, ref)

    def head(self, ref: str) -> RunRecord:
        return self._call(self._store.head, ref)

    def runs(
        self, limit: int = 50, before: int | None = None, search: str = "", by: Listing = EVERY
    ) -> list[RunRecord]:
        finder = self._lists or self._store
        return self._list_thread.call(lambda: finder.runs(limit, before, search, by))

    def names(self, most: int) -> list[tuple[str, int, int]]:
        finder = self._lists or self._store
        return self._list_thread.call(lambda: finder.names(most))

    def unfinished(self) -> list[RunRecord]:
        return self._call(self._store.unfinished)

    def assignments(self, run: str) -> dict[int, list[dict[str, Any]]]:
        return self._call(self._store.assignments, run)

    def delete_run(self, run: str) -> None:
        self._call(self._store.delete_run, run)

    def purge(self) -> bool:
        return self._call(self._store.purge)

    def expired(self, before: float, most: int) -> list[tuple[str, int]]:
        return self._call(self._store.expired, before, most)

    def save_deltas(self, deltas: Sequence[StoredDelta]) -> None:
        self._call(self._store.save_deltas, deltas)

    def delta_page(
        self, run: str, after: DeltaKey | None = None, limit: int = PAGE, seconds: tuple[int, int] | None = None
    ) -> list[StoredDelta]:
        return self._call(self._store.delta_page, run, after, limit, seconds)

    def deltas(self, run: str) -> Iterator[StoredDelta]:
        return paged(self.delta_page, run)

    def window(self, run: str, first: int, last: int) -> Iterator[StoredDelta]:
        return paged(partial(self.delta_page, seconds=(first, last)), run, WINDOW_PAGE)

    def add_events(self, events: Sequence[StoredEvent]) -> None:
        self._call(self._store.add_events, events)

    def events(self, run: str) -> list[StoredEvent]:
        return self._call(self._store.events, run)

    def save_seconds(self, run: str, rows: Sequence[Mapping[str, Any]], request: Sequence[str | None]) -> None:
        self._call(self._store.save_seconds, run, rows, request)

    def save_totals(self, run: str, report: Mapping[str, Any]) -> None:
        self._call(self._store.save_totals, run, report)

    def without_totals(self, before: int | None = None) -> list[tuple[str, int]]:
        return self._call(self._store.without_totals, before)

    def node_ends(self, run: str) -> list[NodeEnd]:
        return self._call(self._store.node_ends, run)

    def add_audit(self, entries: Sequence[AuditEntry]) -> None:
        self._call(self._store.add_audit, entries)

    def audit_entries(self, run: str = "") -> list[AuditEntry]:
        return self._call(self._store.audit_entries, run)

    def end_session(self, session: str, until: float, now: float) -> None:
        self._call(self._store.end_session, session, until, now)

    def ended_sessions(self) -> list[tuple[str, float]]:
        return self._call(self._store.ended_sessions)

    def mark_stale(self, run: str) -> None:
        self._call(self._store.mark_stale, run)

    def clear_stale(self, run: str) -> None:
        self._call(self._store.clear_stale, run)

    def stale_runs(self) -> list[str]:
        return self._call(self._store.stale_runs)

    def pin(self, name: str, run: str | None) -> None:
        self._call(self._store.pin, name, run)

    def pinned(self) -> list[tuple[str, str, int]]:
        return self._call(self._store.pinned)

    def write_note(self, run: str, text: str) -> None:
        self._call(self._store.write_note, run, text)

    def read_note(self, run: str) -> str:
        return self._call(self._store.read_note, run)

    def _call(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return self._thread.call(lambda: work(*args, **kwargs))
