"""The notes that people write: one text for each run."""

from __future__ import annotations

from gluten.store.codec import clean
from gluten.store.models import NoteRow
from gluten.store.session import Session


def write(session: Session, number: int, text: str) -> None:
    """Replace the note of the run with this number. An empty text deletes it."""

    def replace() -> None:
        NoteRow.delete().where(NoteRow.run == number).execute(session.database)
        if text:
            NoteRow.insert(run=number, text=clean(text)).execute(session.database)

    session.write(replace)


def read(session: Session, number: int) -> str:
    query = NoteRow.select(NoteRow.text).where(NoteRow.run == number)
    return session.read(lambda: query.scalar(session.database)) or ""
