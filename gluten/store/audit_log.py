"""The tables of the audit log, and of the web page's sessions that were ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from gluten.audit import AuditEntry
from gluten.store.codec import clean, fingerprint
from gluten.store.models import AuditRow, EndedSession
from gluten.store.session import Session

NAMES = tuple(field.name for field in fields(AuditEntry))
COLUMNS = ("digest", *NAMES)
MAX_ENTRIES = 1000
"""The number of entries that are read at once, the newest ones."""


def add(session: Session, entries: Sequence[AuditEntry]) -> None:
    """Commit the entries. Equal entries, with an equal time, are stored once."""
    if entries:
        rows = [_row(entry) for entry in entries]
        session.write(lambda: session.insert("gluten_deed", COLUMNS, rows))


def of_run(session: Session, run: str) -> list[AuditEntry]:
    """The entries of the run with this id, oldest first. An empty id gives the entries about no run."""
    query = AuditRow.select().where(AuditRow.run == run).order_by(AuditRow.id.desc()).limit(MAX_ENTRIES)
    rows = session.read(lambda: list(query.execute(session.database)))
    return [AuditEntry(**{name: getattr(row, name) for name in NAMES}) for row in reversed(rows)]


def end_session(session: Session, name: str, until: float, now: float) -> None:
    """Store that the session has ended, and delete those that have expired."""

    def write() -> None:
        EndedSession.delete().where(EndedSession.until <= now).execute(session.database)
        session.insert("gluten_ended", ("session", "until"), [(name, until)])

    session.write(write)


def ended(session: Session) -> list[tuple[str, float]]:
    rows = session.read(lambda: list(EndedSession.select().execute(session.database)))
    return [(row.session, row.until) for row in rows]


def _row(entry: AuditEntry) -> tuple[Any, ...]:
    values = [getattr(entry, name) for name in NAMES]
    cleaned = [clean(value) if isinstance(value, str) else value for value in values]
    return (fingerprint(cleaned), *cleaned)
