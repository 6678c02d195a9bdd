"""The migrations of the schema, forward only. Each step is one transaction, so a kill during a step undoes it.

A released step never changes, because databases exist that it has made. To change the tables, change the models and
add a step. Its `apply` may use SQL that both databases understand, or `playhouse.migrate`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import Database, PostgresqlDatabase, SqliteDatabase

from gluten.errors import StoreConfigError
from gluten.store.codec import storable_json
from gluten.store.tables import schema as tables

_LOCK = 0x676C7574656E  # "gluten": an advisory lock, so that two masters on one Postgres do not migrate at once


@dataclass(frozen=True, slots=True)
class Step:
    """Changes the schema from the version before to `version`."""

    version: int
    apply: Callable[[Database], None]


def _first(database: Database) -> None:
    for statement in _SCHEMA_1:
        sql(database, _dialect(database, statement))


_SCHEMA_1 = (
    "create table gluten_meta (name text not null primary key, content text not null)",
    """create table gluten_run (
        number bigint not null primary key, id text not null unique, "key" text unique, name text not null,
        state text not null, reason text not null, who text not null, words text not null,
        epoch integer not null, created_at double precision not null, started_at double precision,
        ended_at double precision, task {blob} not null, adjustments text not null,
        summary text, report text)""",
    "create index gluten_run_state on gluten_run (state)",
    """create table gluten_share (
        run bigint not null references gluten_run (number), epoch integer not null, position integer not null,
        share {blob} not null, primary key (run, epoch, position))""",
    """create table gluten_delta (
        run bigint not null references gluten_run (number), node text not null, epoch integer not null,
        number bigint not null, second integer not null, body {blob} not null,
        primary key (run, node, epoch, number))""",
    """create table gluten_event (
        id {serial} primary key, run bigint not null references gluten_run (number), digest text not null,
        at double precision not null, second integer, kind text not null, node text not null,
        text text not null)""",
    "create unique index gluten_event_run_digest on gluten_event (run, digest)",
    "insert into gluten_meta (name, content) values ('schema', '0')",
)


def _deeds(database: Database) -> None:
    for statement in _SCHEMA_2:
        sql(database, _dialect(database, statement))


_SCHEMA_2 = (
    """create table gluten_deed (
        id {serial} primary key, digest text not null unique, run text not null, at double precision not null,
        action text not null, way text not null, role text not null, address text not null, who text not null,
        detail text not null)""",
    "create index gluten_deed_run on gluten_deed (run)",
    "create table gluten_ended (session text not null primary key, until double precision not null)",
)


def _baselines(database: Database) -> None:
    sql(
        database,
        "create table gluten_baseline (name text not null primary key, "
        "run bigint not null references gluten_run (number))",
    )


def _notes(database: Database) -> None:
    sql(
        database,
        "create table gluten_note (run bigint not null primary key references gluten_run (number), text text not null)",
    )


def _storable_json(database: Database) -> None:
    """Clean the JSON columns. One report with a NUL, from its task's body, made Postgres' JSON functions fail for all
    runs."""
    numbers = [row[0] for row in sql(database, "select number from gluten_run order by number").fetchall()]
    for number in numbers:
        for column in ("adjustments", "summary", "report"):
            text = sql(database, f"select {column} from gluten_run where number = {int(number)}").fetchone()[0]
            storable = storable_json(text)
            if storable != text:
                _set_text(database, column, int(number), storable)


def _set_text(database: Any, column: str, number: int, text: str | None) -> None:
    mark = "%s" if isinstance(database, PostgresqlDatabase) else "?"
    database.execute_sql(f"update gluten_run set {column} = {mark} where number = {number}", (text,))


def _packed_deltas(_database: Database) -> None:
    """Change no table. From this version on the bodies of deltas are stored as slaves pack them.

    Older bodies stay as they are (`delta_bodies`).
    """


def _tables_for_people(database: Database) -> None:
    """Numbers that people query in SQL. A master fills them in for older runs (`Store.without_totals`)."""
    for statement in tables.statements():
        sql(database, _dialect(database, statement))


STEPS: tuple[Step, ...] = (
    Step(1, _first),
    Step(2, _deeds),
    Step(3, _baselines),
    Step(4, _notes),
    Step(5, _storable_json),
    Step(6, _packed_deltas),
    Step(7, _tables_for_people),
)


def migrate(database: Database, where: str, steps: Sequence[Step] = STEPS) -> None:
    """Bring the database to the last step. `where` is its name for people.

    This writes even if there is nothing to do, so that a read-only database is noticed at the start.
    Raises StoreConfigError for the database of a newer program, and peewee's errors if the database does not answer.
    """
    for step in steps:
        with transaction(database):
            _take_turns(database)
            if _checked(schema(database), steps[-1].version, where) < step.version:
                step.apply(database)
            _set_schema(database, max(step.version, schema(database)))


def schema(database: Database) -> int:
    """The version of the schema, or 0 for an empty database. Raises ValueError if it is not a number."""
    if not database.table_exists("gluten_meta"):
        return 0
    row = sql(database, "select content from gluten_meta where name = 'schema'").fetchone()
    return int(row[0]) if row else 0


def sql(database: Any, statement: str) -> Any:
    """Execute one statement. Returns its cursor."""
    return database.execute_sql(statement)


def transaction(database: Database) -> Any:
    """A transaction that will write. SQLite takes the lock at once, or waits for it."""
    return database.atomic("IMMEDIATE") if isinstance(database, SqliteDatabase) else database.atomic()


def _checked(found: int, newest: int, where: str) -> int:
    if found > newest:
        raise StoreConfigError(
            f"database {where}: its schema is {found}, this program knows up to {newest}; "
            "use a newer GLuTEN or another --db"
        )
    return found


def _set_schema(database: Database, version: int) -> None:
    sql(database, f"update gluten_meta set content = '{version}' where name = 'schema'")


def _take_turns(database: Database) -> None:
    if isinstance(database, PostgresqlDatabase):
        sql(database, f"select pg_advisory_xact_lock({_LOCK})")


def _dialect(database: Database, statement: str) -> str:
    postgres = isinstance(database, PostgresqlDatabase)
    return statement.format(
        blob="bytea" if postgres else "blob",
        serial="bigserial" if postgres else "integer not null",
        without_rowid="" if postgres else "without rowid",
    )
