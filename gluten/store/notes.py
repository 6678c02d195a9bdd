"""What people wrote about a run: one text a run."""

from __future__ import annotations

from gluten.store.codec import clean
from gluten.store.models import NoteRow
from gluten.store.session import Session


def write(session: Session, number: int, text: str) -> None:
    """In place of what is there; an empty text takes it away."""

    def replace() -> None:
        NoteRow.delete().where(NoteRow.run == number).execute(session.database)
        if text:
            NoteRow.insert(run=number, text=clean(text)).execute(session.database)

    session.write(replace)


def read(session: Session, number: int) -> str:
    query = NoteRow.select(NoteRow.text).where(NoteRow.run == number)
    return session.read(lambda: query.scalar(session.database)) or ""
