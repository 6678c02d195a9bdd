"""Deletes runs. A deleted run is gone for everyone at once; its rows are removed later, a few at a time.

A long run has very many rows. To remove them in one transaction would delay the deltas of a run that is on.
"""

from __future__ import annotations

from typing import Any

from peewee import fn

from gluten.errors import WrongState
from gluten.plan.run_state import FINAL
from gluten.store.codec import to_json
from gluten.store.migrations import sql
from gluten.store.models import AssignmentRow, BaselineRow, Event, Meta, NoteRow, Run
from gluten.store.session import Session
from gluten.store.tables.writing import remove_some

DELETED = "deleted"
"""The state of a run whose rows are still to be removed. Nobody finds such a run."""
ROWS = 500
"""How many rows are removed at once."""
_LAST_NUMBER = "last number"


def there() -> Any:
    """The condition for runs that are not deleted."""
    return Run.state != DELETED


def delete(session: Session, number: int) -> None:
    """Delete the run with this number. Raises WrongState for a run that is not over, and for a baseline."""
    session.write(lambda: _delete(session, number))


def expired(session: Session, before: float, most: int) -> list[tuple[str, int]]:
    """(id, number) of the oldest runs that ended before this Unix time, without baselines."""
    pinned = BaselineRow.select(BaselineRow.run)
    ended = fn.coalesce(Run.ended_at, Run.created_at) < before
    query = Run.select(Run.id, Run.number).where(Run.state.in_(FINAL), ended, Run.number.not_in(pinned))
    rows = query.order_by(Run.number).limit(most)
    return session.read(lambda: [(row.id, row.number) for row in rows.execute(session.database)])


def purge(session: Session) -> bool:
    """Remove some rows of deleted runs. False: there were none."""
    return session.write(lambda: _purge(session))


def highest_number(session: Session) -> int:
    """The highest number that a run has or had. A number is never given again. Call it within `Session.write`."""
    kept = Meta.select(Meta.content).where(Meta.name == _LAST_NUMBER).scalar(session.database)
    return max(int(kept or 0), Run.select(fn.max(Run.number)).scalar(session.database) or 0)


def _delete(session: Session, number: int) -> None:
    database = session.database
    state = Run.select(Run.state).where(Run.number == number).scalar(database)
    if state not in (*FINAL, DELETED):
        raise WrongState(f"run {number} is {state}: stop it before you delete it")
    name = BaselineRow.select(BaselineRow.name).where(BaselineRow.run == number).scalar(database)
    if name is not None:
        called = f"runs called {name!r}" if name else "runs without a name"
        raise WrongState(f"run {number} is the baseline of {called}: `gluten.pyz baseline --remove {number}` first")
    NoteRow.delete().where(NoteRow.run == number).execute(database)
    empty = {"key": None, "name": "", "words": "", "who": "", "reason": "", "task": b"\x80"}
    texts = {"adjustments": to_json([]), "summary": None, "report": None}
    Run.update(state=DELETED, **empty, **texts).where(Run.number == number).execute(database)
    _keep_number(session)


def _keep_number(session: Session) -> None:
    highest = str(highest_number(session))
    Meta.delete().where(Meta.name == _LAST_NUMBER).execute(session.database)
    Meta.insert(name=_LAST_NUMBER, content=highest).execute(session.database)


def _purge(session: Session) -> bool:
    number = Run.select(Run.number).where(Run.state == DELETED).limit(1).scalar(session.database)
    if number is None:
        return False
    if _remove_deltas(session, number) or _remove_events(session, number) or remove_some(session, number):
        return True
    for table in (AssignmentRow, NoteRow):
        table.delete().where(table.run == number).execute(session.database)
    Run.delete().where(Run.number == number).execute(session.database)
    return True


def _remove_deltas(session: Session, number: int) -> int:
    some = f"select node, epoch, number from gluten_delta where run = {int(number)} limit {ROWS}"
    statement = f"delete from gluten_delta where run = {int(number)} and (node, epoch, number) in ({some})"
    removed: int = sql(session.database, statement).rowcount
    return removed


def _remove_events(session: Session, number: int) -> int:
    some = Event.select(Event.id).where(Event.run == number).limit(ROWS)
    removed: int = Event.delete().where(Event.id.in_(some)).execute(session.database)
    return removed
