"""Writes the seconds of runs into the tables that people query (docs/sql.md), while the run is on.

The store writes the totals itself, with the report. A second is written once it is settled, and again if it changes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from gluten.cluster.master import views
from gluten.cluster.master.journal import Journal
from gluten.cluster.master.scheduler import Scheduler
from gluten.cluster.ports import AsyncStore, Instant
from gluten.cluster.run.run_book import RunBook
from gluten.documents import ReportDocument, Row
from gluten.stats.request_stats import REQUEST
from gluten.store.reports.named_rows import unpacked

log = logging.getLogger(__name__)

SETTLED = 3
"""A second is written when so many later ones have begun: then nearly all nodes have reported it."""
EACH = 1.0
"""Seconds between two looks at a run that is on."""
CHUNK = 50
"""How many seconds are written in one transaction. It is short, so that the deltas of a run do not wait for long."""


class TableWriter:
    """It looks at the runs of the scheduler."""

    def __init__(self, store: AsyncStore, journal: Journal, scheduler: Scheduler, now: Instant) -> None:
        self._store, self._journal, self._scheduler, self._now = store, journal, scheduler, now
        self._written: dict[str, dict[int, int]] = {}  # run -> second -> its version in the tables
        self._looked = 0.0
        self._before: int | None = None
        self.filling = False
        """There may be runs that an earlier version stored, which are not in the tables."""

    def flush(self) -> bool:
        """Write what is new. False where the store is away."""
        live = [each for each in self._scheduler.runs if each.book.start is not None and not each.saved]
        self._written = {each.book.id: self._written.get(each.book.id, {}) for each in live}
        for each in live:
            if not self._write(each.book):
                return False
        return bool(live) or not self.filling or self._journal.attempt(self._fill)

    def _write(self, book: RunBook) -> bool:
        """Of a run that is over write all: its report follows."""
        if not book.final:
            if self._now() - self._looked < EACH:
                return True
            self._looked = self._now()
            return self._write_some(book, self._due(book)[:CHUNK])
        due = self._due(book)
        return all(self._write_some(book, due[at : at + CHUNK]) for at in range(0, len(due), CHUNK))

    def _due(self, book: RunBook) -> list[int]:
        known, written = book.ledger.seconds, self._written[book.id]
        until = max(known, default=0) - (0 if book.final else SETTLED)
        changed = [number for number, seen in known.items() if written.get(number) != seen.version]
        return sorted(number for number in changed if number <= until)

    def _write_some(self, book: RunBook, numbers: Sequence[int]) -> bool:
        versions = {number: book.ledger.seconds[number].version for number in numbers}
        rows = views.rows_of(book, numbers)
        names = [only_name(book, row) for row in rows]
        if rows and not self._journal.write(lambda: self._store.save_seconds(book.id, rows, names)):
            return False
        self._written.get(book.id, {}).update(versions)
        return True

    def _fill(self) -> None:
        """Put a run of an earlier version into the tables, the newest first."""
        found = self._store.without_totals(self._before)
        if not found:
            self.filling = False
            return
        run, number = found[0]
        self._before = number  # first, because a run that cannot be read must not hold up the others
        report = self._store.run(run).report or {}
        try:
            report = unpacked(report)
            named = [part["name"] for part in report.get("by_request") or [{"name": REQUEST}]]
            name = named[0] if len(named) == 1 else None
            write_report(self._store, run, report, lambda row: name)  # type: ignore[arg-type]
            self._store.save_totals(run, report)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            log.error("run %d cannot be put into the tables for SQL: %r", number, error)


def write_report(store: AsyncStore, run: str, report: ReportDocument, name_of: Callable[[Row], str | None]) -> None:
    """Write all seconds of a report once more. Raises StoreError."""
    rows = report.get("seconds") or []
    for at in range(0, len(rows), CHUNK):
        some = rows[at : at + CHUNK]
        store.save_seconds(run, some, [name_of(row) for row in some])


def only_name(book: RunBook, row: Row) -> str | None:
    """The name of all requests of a second. None: it has requests of several names, or none."""
    if "by_request" in row:
        return None
    names = list(book.ledger.seconds[row["second"]].delta.by_name)
    return names[0] if len(names) == 1 else None
