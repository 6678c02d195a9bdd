"""Who did what, and which of the web page's sessions were ended: the tables that guard the rest."""

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
"""Deeds that are read at once, the newest."""


def add(session: Session, deeds: Sequence[AuditEntry]) -> None:
    """Commit them; an equal one (its instant too) is kept once."""
    if deeds:
        rows = [_row(deed) for deed in deeds]
        session.write(lambda: session.insert("gluten_deed", COLUMNS, rows))


def of_run(session: Session, run: str) -> list[AuditEntry]:
    """Oldest first; of the run with this id, or of none."""
    query = AuditRow.select().where(AuditRow.run == run).order_by(AuditRow.id.desc()).limit(MAX_ENTRIES)
    rows = session.read(lambda: list(query.execute(session.database)))
    return [AuditEntry(**{name: getattr(row, name) for name in NAMES}) for row in reversed(rows)]


def end_session(session: Session, name: str, until: float, now: float) -> None:
    """Remember that it has ended, forget those that would have ended by themselves."""

    def write() -> None:
        EndedSession.delete().where(EndedSession.until <= now).execute(session.database)
        session.insert("gluten_ended", ("session", "until"), [(name, until)])

    session.write(write)


def ended(session: Session) -> list[tuple[str, float]]:
    rows = session.read(lambda: list(EndedSession.select().execute(session.database)))
    return [(row.session, row.until) for row in rows]


def _row(deed: AuditEntry) -> tuple[Any, ...]:
    values = [getattr(deed, name) for name in NAMES]
    cleaned = [clean(value) if isinstance(value, str) else value for value in values]
    return (fingerprint(cleaned), *cleaned)
