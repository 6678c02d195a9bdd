"""Finds the runs that are meant: by a number, by the start of an id, or by words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from peewee import fn

from gluten.errors import NotFound, TaskError
from gluten.store.models import Run
from gluten.store.removal import there
from gluten.store.session import Session

SHORTEST_DIGITS = 4
"""The least length of a prefix of digits alone. A shorter one is meant as a number, so it must find no other run."""
MAX_WORDS, MAX_CHARACTERS = 20, 1000
"""Of a search. A database refuses conditions that are too deep, and patterns that are too long."""
_LONGEST_NUMBER = 19
_HIGHEST_NUMBER = (1 << 63) - 1


def without_reports() -> Any:
    """A query of runs without their reports, which may be large."""
    return Run.select(*(f for f in Run._meta.sorted_fields if f is not Run.report))


def find(session: Session, ref: str) -> int:
    """The number of the run that `ref` names: a number, a prefix of an id, or `last`. Call it within `Session.read`.

    Raises NotFound.
    """
    if ref == "last":
        return _last(session)
    if _is_number(ref) and (number := _numbered(session, int(ref))) is not None:
        return number
    return _prefixed(session, ref)


def _last(session: Session) -> int:
    number = Run.select(fn.max(Run.number)).where(there()).scalar(session.database)
    if number is None:
        raise NotFound("run last: there is no run yet; submit one")
    return int(number)


def _numbered(session: Session, number: int) -> int | None:
    if number > _HIGHEST_NUMBER:
        return None
    found: int | None = Run.select(Run.number).where(Run.number == number, there()).scalar(session.database)
    return found


def _prefixed(session: Session, ref: str) -> int:
    prefix = ref.replace("-", "")
    if not prefix or set(prefix) - set("0123456789abcdef"):
        raise NotFound(f"run {ref!r}: no such run; give its number, the start of its id, or last")
    query = Run.select(Run.number, Run.id).where(Run.id.startswith(prefix), there()).order_by(Run.number.desc())
    found = list(query.limit(4).execute(session.database))
    if not found:
        raise NotFound(f"run {ref!r}: no such run; see them with: gluten.pyz runs")
    if prefix.isdecimal() and len(prefix) < SHORTEST_DIGITS:
        raise NotFound(f"run {ref!r}: no such run; for an id, give at least {SHORTEST_DIGITS} characters")
    if len(found) > 1:
        raise NotFound(f"run {ref!r} is ambiguous: {_listed(found, len(prefix))}; give more characters")
    return int(found[0].number)


def words_of(search: str) -> list[str]:
    """The words of a search, in lower case. Raises TaskError for too many."""
    words = search.lower().split()
    if len(words) > MAX_WORDS or len(search) > MAX_CHARACTERS:
        raise TaskError("search", f"search: at most {MAX_WORDS} words of {MAX_CHARACTERS} characters in all")
    return words


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) <= _LONGEST_NUMBER


def matches(word: str) -> Any:
    """The condition under which a search for this word finds a run. The word is in lower case."""
    found = Run.words.contains(word) | Run.state.contains(word)
    digits = word.removeprefix("#")
    if _is_number(digits) and int(digits) <= _HIGHEST_NUMBER:
        found = found | (Run.number == int(digits))
    return found


def _listed(found: Sequence[Run], length: int) -> str:
    names = [f"{row.id[: length + 4]} (run {row.number})" for row in found[:3]]
    return ", ".join(names) + (" and more" if len(found) > 3 else "")
