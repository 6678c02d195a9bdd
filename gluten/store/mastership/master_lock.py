"""Allows one active master at a time on a Postgres: an advisory lock, held by a session of its own.

Postgres frees the lock when the session ends. It ends with the process, however that died; a few seconds after the host
or its network is gone (keepalive); and, from Postgres 14 on, when a frozen master has said nothing for `IDLE` ms. The
lock needs a connection that stays: no pooler that gives each transaction another one.
"""

from __future__ import annotations

import contextlib
from typing import Any, Self

import psycopg2

from gluten.errors import StoreConfigError, StoreError, Superseded
from gluten.store.database_url import Address, parse
from gluten.store.mastership import active, fence
from gluten.store.mastership.active import ActiveMaster

IDLE = 6_000
_LOCK, _WAITING = 0x676C7501, 0x676C7502
"""The first half of two keys. The second half stands for the schema, because it has the tables."""
_SCHEMA = "hashtext(current_schema()) & 2147483647"
_SETTINGS = (
    f"set idle_session_timeout = {IDLE}",
    "set tcp_keepalives_idle = 2",
    "set tcp_keepalives_interval = 1",
    "set tcp_keepalives_count = 3",
    "set tcp_user_timeout = 5000",
)
"""Older versions lack some. Each is of use without the others."""
_PATIENCE = {
    "connect_timeout": 3,
    "keepalives": 1,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 3_000,
}
"""The same for this end: who is cut off from Postgres has to notice that before another master is active."""
_COUNT = f"""select count(*) from pg_locks where locktype = 'advisory' and classid = {_WAITING} and objid = {_SCHEMA}
    and database = (select oid from pg_database where datname = current_database())"""
_EXISTS = "select to_regclass('gluten_meta') is not null"


class MasterLock:
    """Calls come from one thread at a time and may wait for Postgres. Each may raise StoreError: it does not answer."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._connection: Any = None
        self._own = 0

    @classmethod
    def of(cls, url: str) -> Self | None:
        """The lock of this database, or None for SQLite, which allows one master by a file. Raises StoreConfigError."""
        if not url or url.partition("://")[0] == "sqlite":
            return None
        return cls(parse(url))

    def acquire_first(self) -> bool:
        """The first try of a process. Raises StoreConfigError if Postgres does not answer."""
        try:
            return self._acquire()
        except psycopg2.Error as error:
            self._drop()
            raise StoreConfigError(f"{self._problem(error)}; start it, or check --db") from None

    def acquire(self) -> bool:
        """Try to become active. False: another master is."""
        with self._errors():
            return self._acquire()

    def _acquire(self) -> bool:
        cursor = self._cursor()
        held = bool(_value(cursor, f"select pg_try_advisory_lock({_LOCK}, {_SCHEMA})"))
        if held:
            cursor.execute(f"select pg_advisory_unlock_shared({_WAITING}, {_SCHEMA})")
        return held

    def wait(self) -> ActiveMaster:
        """Count as a master that waits. Returns what is known of the active one."""
        with self._errors():
            cursor = self._cursor()
            waits = f"select 1 from pg_locks where pid = pg_backend_pid() and classid = {_WAITING}"
            if _value(cursor, waits) is None:
                cursor.execute(f"select pg_advisory_lock_shared({_WAITING}, {_SCHEMA})")
            return active.read(cursor) if _value(cursor, _EXISTS) else ActiveMaster()

    def begin(self, master: ActiveMaster) -> int:
        """Begin this master's turn. The lock must be held, and the tables must exist. Returns the fence's number.

        A start may take longer than Postgres bears an idle session: then the lock is taken again."""
        with self._errors():
            try:
                return self._begun(master)
            except psycopg2.Error:
                if not self._connection.closed:
                    raise
            self._drop()
            if self._acquire():
                return self._begun(master)
        self._drop()
        label = self._address.label
        raise StoreError(f"database {label}: another master has become active while this one started: start it again")

    def _begun(self, master: ActiveMaster) -> int:
        cursor = self._cursor()
        self._own = fence.raised(cursor)
        active.write(cursor, master)
        return self._own

    def describe(self, master: ActiveMaster) -> None:
        """Write what has changed about this master, which is active."""
        with self._errors():
            self._check()
            active.write(self._cursor(), master)

    def keep(self) -> int:
        """Make sure that the lock is still held, or take it again if nobody had it meanwhile. Returns how many others
        wait. Raises Superseded; StoreError if nobody can tell."""
        try:
            return self._kept()
        except psycopg2.Error:  # the session may have ended, as that of a frozen master does
            self._drop()
        with self._errors():
            return self._kept()

    def _kept(self) -> int:
        self._check()
        return int(_value(self._cursor(), _COUNT))

    def _check(self) -> None:
        held = self._connection is not None or self._acquire()
        if fence.read(self._cursor()) != self._own:
            raise Superseded("another master has become active on this database")
        if not held:
            self._drop()
            raise StoreError(f"database {self._address.label}: another session has the lock of the active master")

    def close(self) -> None:
        """Free the lock at once."""
        if self._connection is not None:
            with contextlib.suppress(psycopg2.Error):
                self._connection.cursor().execute("select pg_advisory_unlock_all()")
        self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(psycopg2.Error):
                self._connection.close()
            self._connection = None

    def _cursor(self) -> Any:
        if self._connection is None:
            database = self._address.database
            self._connection = psycopg2.connect(dbname=database.database, **database.connect_params | _PATIENCE)
            self._connection.autocommit = True
            cursor = self._connection.cursor()
            for setting in _SETTINGS:
                with contextlib.suppress(psycopg2.errors.UndefinedObject):
                    cursor.execute(setting)
        return self._connection.cursor()

    @contextlib.contextmanager
    def _errors(self) -> Any:
        try:
            yield
        except psycopg2.Error as error:
            self._drop()
            raise StoreError(f"{self._problem(error)}; see that it is up and has room") from None

    def _problem(self, error: Exception) -> str:
        return f"database {self._address.label}: {self._address.error_text(error)}"


def _value(cursor: Any, statement: str) -> Any:
    cursor.execute(statement)
    row = cursor.fetchone()
    return row[0] if row else None
