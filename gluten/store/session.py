"""One connection to one database: transactions, with one retry if the connection is lost."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import peewee
import psycopg2
from peewee import PostgresqlDatabase
from psycopg2.extras import execute_values

from gluten.errors import StoreConfigError, StoreError
from gluten.store.advice import Damaged, advised, first_cause
from gluten.store.database_url import Address
from gluten.store.mastership import fence
from gluten.store.migrations import STEPS, Step, migrate, sql, transaction

T = TypeVar("T")

# Rows are inserted by the drivers directly, which is fast. So their errors are not translated by peewee.
_DATABASE_ERRORS = (peewee.PeeweeException, sqlite3.Error, psycopg2.Error, Damaged)
_CONNECTION_LOST = (
    peewee.OperationalError,
    peewee.InterfaceError,
    sqlite3.OperationalError,
    psycopg2.OperationalError,
    psycopg2.InterfaceError,
)
_PAGE = 100  # rows in one INSERT of Postgres; larger statements are slower


class Session:
    """Runs work on the database in transactions.

    Work may run twice: if the connection breaks during COMMIT, it is unknown whether it was committed. So what is given
    to `write` must have the same result when it is repeated.
    """

    def __init__(self, address: Address, read_only: bool = False) -> None:
        self.database: Any = address.database
        self._read_only = read_only
        self.fence = 0
        """The number of this master's turn (`mastership.fence`). 0: writes are not checked."""
        self._address = address

    @property
    def label(self) -> str:
        """The database's name for people, without its password."""
        return self._address.label

    @property
    def file(self) -> Path | None:
        """The file of SQLite. None for Postgres, and for a database in memory."""
        return self._address.file

    def open(self, steps: Sequence[Step] = STEPS) -> None:
        """Connect and bring the schema up to date. Raises StoreConfigError."""
        try:
            self.database.connect(reuse_if_open=True)
            migrate(self.database, self.label, steps)
        except (*_DATABASE_ERRORS, ValueError) as error:
            self.close()
            text = advised(self._address.error_text(error), "start it, or check --db")
            raise StoreConfigError(f"database {self.label}: {text}") from None
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        with contextlib.suppress(*_DATABASE_ERRORS):
            self.database.close()

    def read(self, work: Callable[[], T]) -> T:
        """Run queries that see one consistent state. Raises StoreError."""
        return self._with_retry(work, self.database.atomic)

    def write(self, work: Callable[[], T]) -> T:
        """Run the work and commit it, or change nothing. Raises StoreError; Superseded if another master is active."""
        return self._with_retry(lambda: self._fenced(work), lambda: transaction(self.database))

    def _fenced(self, work: Callable[[], T]) -> T:
        if self.fence:
            fence.check(self.database, self.fence)
        return work()

    def lock_table(self, table: str) -> None:
        """Block other writers of the table until the transaction ends. Call it within `write`."""
        if isinstance(self.database, PostgresqlDatabase):
            sql(self.database, f"lock table {table} in share row exclusive mode")

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert the rows that do not exist yet. Existing ones stay as they are. Call it within `write`."""
        start = f"insert into {table} ({', '.join(columns)}) values "
        end = " on conflict do nothing"
        cursor = self.database.cursor()
        if isinstance(self.database, PostgresqlDatabase):
            execute_values(cursor, start + "%s" + end, rows, page_size=_PAGE)
        else:
            marks = ", ".join("?" * len(columns))
            cursor.executemany(f"{start}({marks}){end}", rows)

    def _with_retry(self, work: Callable[[], T], begin: Callable[[], Any]) -> T:
        try:
            return self._in_transaction(work, begin)
        except _CONNECTION_LOST as error:
            if self._address.in_memory:
                raise self._store_error(error) from None
            self.close()
        except _DATABASE_ERRORS as error:
            raise self._store_error(error) from None
        try:
            return self._in_transaction(work, begin)
        except _DATABASE_ERRORS as error:
            self.close()
            raise self._store_error(error) from None

    def _in_transaction(self, work: Callable[[], T], begin: Callable[[], Any]) -> T:
        if self.database.connect(reuse_if_open=True):
            self._prepare()
        with begin():
            return work()

    def _prepare(self) -> None:
        """Set up a new connection."""
        if self.fence:
            fence.prepare(self.database)
        if self._read_only:
            is_postgres = isinstance(self.database, PostgresqlDatabase)
            sql(self.database, "set default_transaction_read_only = on" if is_postgres else "pragma query_only = 1")

    def _store_error(self, error: Exception) -> StoreError:
        text = advised(self._address.error_text(first_cause(error)), "see that it is up and has room")
        return StoreError(f"database {self.label}: {text}")
