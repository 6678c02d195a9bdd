"""One connection to one database: transactions, and one retry when the connection turns out to be dead."""

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
from gluten.store.database_url import Address
from gluten.store.migrations import STEPS, Step, migrate, sql, transaction

T = TypeVar("T")

# Rows go in by the drivers' own fast paths, past peewee and so past its translation of errors.
_ALL = (peewee.PeeweeException, sqlite3.Error, psycopg2.Error)
_LOST = (
    peewee.OperationalError,
    peewee.InterfaceError,
    sqlite3.OperationalError,
    psycopg2.OperationalError,
    psycopg2.InterfaceError,
)
_PAGE = 100  # rows in one INSERT of Postgres; larger ones take longer


class Session:
    """Work on the database in transactions.

    Work may be done twice: the connection can break when COMMIT is on its way, and then nobody knows whether
    it was done. So all that is handed to `write` must come to the same when it is repeated.
    """

    def __init__(self, address: Address) -> None:
        self.database: Any = address.database
        self._address = address

    @property
    def label(self) -> str:
        """The database's name for people, without its password."""
        return self._address.label

    @property
    def file(self) -> Path | None:
        """SQLite's; None for Postgres, and in memory."""
        return self._address.file

    def open(self, steps: Sequence[Step] = STEPS) -> None:
        """Connect and bring the schema up to date. Raises StoreConfigError."""
        try:
            self.database.connect(reuse_if_open=True)
            migrate(self.database, self.label, steps)
        except (*_ALL, ValueError) as error:
            self.close()
            raise StoreConfigError(
                f"database {self.label}: {self._address.tell(error)}; start it, or check --db"
            ) from None
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        with contextlib.suppress(*_ALL):
            self.database.close()

    def read(self, work: Callable[[], T]) -> T:
        """One consistent look. Raises StoreError."""
        return self._twice(work, self.database.atomic)

    def write(self, work: Callable[[], T]) -> T:
        """Do and commit, or do nothing. Raises StoreError."""
        return self._twice(work, lambda: transaction(self.database))

    def alone(self, table: str) -> None:
        """Let nobody else write to the table until the transaction ends. To be called in `write`."""
        if isinstance(self.database, PostgresqlDatabase):
            sql(self.database, f"lock table {table} in share row exclusive mode")

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        """Rows that are not there yet; those that are stay as they are. To be called in `write`."""
        start = f"insert into {table} ({', '.join(columns)}) values "
        end = " on conflict do nothing"
        cursor = self.database.cursor()
        if isinstance(self.database, PostgresqlDatabase):
            execute_values(cursor, start + "%s" + end, rows, page_size=_PAGE)
        else:
            marks = ", ".join("?" * len(columns))
            cursor.executemany(f"{start}({marks}){end}", rows)

    def _twice(self, work: Callable[[], T], begin: Callable[[], Any]) -> T:
        try:
            return self._once(work, begin)
        except _LOST as error:
            if self._address.in_memory:
                raise self._failed(error) from None
            self.close()
        except _ALL as error:
            raise self._failed(error) from None
        try:
            return self._once(work, begin)
        except _ALL as error:
            self.close()
            raise self._failed(error) from None

    def _once(self, work: Callable[[], T], begin: Callable[[], Any]) -> T:
        self.database.connect(reuse_if_open=True)
        with begin():
            return work()

    def _failed(self, error: Exception) -> StoreError:
        return StoreError(f"database {self.label}: {self._address.tell(error)}; see that it is up and has room")
