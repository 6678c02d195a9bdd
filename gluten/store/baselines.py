"""The baselines: for each name, the run that later runs of that name are compared with."""

from __future__ import annotations

from gluten.store.codec import clean
from gluten.store.models import BaselineRow, Run
from gluten.store.session import Session


def pin(session: Session, name: str, number: int | None) -> None:
    """Make the run with this number the baseline of the name, in place of any other. None removes the baseline."""

    def write() -> None:
        BaselineRow.delete().where(BaselineRow.name == clean(name)).execute(session.database)
        if number is not None:
            BaselineRow.insert(name=clean(name), run=number).execute(session.database)

    session.write(write)


def pinned(session: Session) -> list[tuple[str, str, int]]:
    """(name, id of the run, number of the run), ordered by name."""
    query = BaselineRow.select(BaselineRow.name, Run.id, Run.number).join(Run).order_by(BaselineRow.name).tuples()
    return session.read(lambda: [tuple(row) for row in query.execute(session.database)])
