"""Marks the runs whose report is stale: it lacks deltas that were committed later, and must be built again."""

from __future__ import annotations

from gluten.store.models import Meta
from gluten.store.session import Session

_MARK = "stale:"


def mark(session: Session, run: str) -> None:
    """Mark the report of the run with this id as stale. A second mark changes nothing."""
    session.write(lambda: session.insert("gluten_meta", ("name", "content"), [(_MARK + run, "")]))


def clear(session: Session, run: str) -> None:
    session.write(lambda: Meta.delete().where(Meta.name == _MARK + run).execute(session.database))


def runs(session: Session) -> list[str]:
    """The ids of the marked runs."""
    query = Meta.select(Meta.name).where(Meta.name.startswith(_MARK)).order_by(Meta.name)
    return session.read(lambda: [row.name.removeprefix(_MARK) for row in query.execute(session.database)])
