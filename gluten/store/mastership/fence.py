"""The fence: the number of the turn of the active master, in Postgres. Each master that becomes active raises it.

Each write compares it with the writer's own number in the same transaction, and holds the row until it commits. So
whoever raises it waits for the writes that are under way, and later writes of an earlier master are refused.
"""

from __future__ import annotations

from typing import Any

from gluten.errors import Superseded
from gluten.store.migrations import sql

NAME = "fence"
_STALLED = 5_000
"""Milliseconds after which Postgres ends the transaction of a master that is frozen, so that its successor can work."""
_RAISE = f"""insert into gluten_meta (name, content) values ('{NAME}', '1') on conflict (name)
    do update set content = cast(cast(gluten_meta.content as bigint) + 1 as text) returning content"""


def prepare(database: Any) -> None:
    """Bound the time in which a new connection may leave a transaction idle."""
    sql(database, f"set idle_in_transaction_session_timeout = {_STALLED}")


def check(database: Any, own: int) -> None:
    """Call it in a transaction that writes. Raises Superseded if another master has become active."""
    row = sql(database, f"select content from gluten_meta where name = '{NAME}' for share").fetchone()
    if row is None or int(row[0]) != own:
        raise Superseded("another master has become active on this database: this one writes no more")


def raised(cursor: Any) -> int:
    """Raise the fence. Returns the new number."""
    cursor.execute(_RAISE)
    return int(cursor.fetchone()[0])


def read(cursor: Any) -> int:
    """The number, or 0 if no master was active yet. The tables must exist."""
    cursor.execute(f"select content from gluten_meta where name = '{NAME}'")
    row = cursor.fetchone()
    return int(row[0]) if row else 0
