"""What to do when the database fails, by the words of its driver."""

from __future__ import annotations

_DAMAGED = "put a backup in its place, or start with another --db"
_ADVICE = (
    ("is locked", "another program holds it: end that program, such as a backup or sqlite3"),
    ("is full", "make room on its disk"),
    ("no space left", "make room on its disk"),
    ("disk i/o error", "check its disk"),
    ("readonly", "let this user write it, or give another --db"),
    ("read-only", "let this user write it, or give another --db"),
    ("unable to open", "see that its file is there and may be written"),
    ("malformed", f"it is damaged: {_DAMAGED}"),
    ("not a database", f"if it was one, it is damaged: {_DAMAGED}"),
    ("damaged", _DAMAGED),
)


class Damaged(ValueError):
    """A value of the database that cannot be read."""


_NOTHING_TO_UNDO = "no transaction is active"


def first_cause(error: BaseException) -> BaseException:
    """What had failed before a rollback failed. SQLite rolls back by itself where its disk is full, for example."""
    while _NOTHING_TO_UNDO in str(error) and error.__context__ is not None:
        error = error.__context__
    return error


def advised(text: str, default: str) -> str:
    """The driver's text with what to do; `default` where its cause is not known."""
    low = text.lower()
    return f"{text}: {next((advice for cause, advice in _ADVICE if cause in low), default)}"
