"""Parses a database URL. No text for people contains its password."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import psycopg2
from peewee import Database, PostgresqlDatabase, SqliteDatabase
from psycopg2.extensions import parse_dsn

from gluten.errors import StoreConfigError
from gluten.store import postgres_tls

CONNECT_TIMEOUT = 5
"""Seconds to wait for Postgres."""
BUSY_TIMEOUT = 5.0
"""Seconds to wait for another program's lock on a SQLite file."""

_FORMS = "use sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME"
IN_MEMORY = "sqlite:///:memory:"
"""A database of one connection alone."""
_PRAGMAS = {"journal_mode": "wal", "synchronous": "normal", "foreign_keys": 1}
# Without these a lost connection to Postgres blocks the store for two hours, which is the kernel's default.
_KEEPALIVE = {
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}


@dataclass(frozen=True, slots=True)
class Address:
    """A database that is not connected yet. `label` is its name for people. `secret` must never be shown."""

    database: Database
    label: str
    secret: str = ""
    in_memory: bool = False
    file: Path | None = None
    """The file of SQLite."""
    verified: bool = False
    """TLS is verified although the URL does not say so."""

    def error_text(self, error: BaseException) -> str:
        """The first line of the driver's message, without the password."""
        text = str(error).strip().partition("\n")[0] or type(error).__name__
        text = text.replace(self.secret, "***") if self.secret else text
        return postgres_tls.advised(text) if self.verified else text


def sqlite_url(path: Path) -> str:
    """The URL of a SQLite file."""
    return "sqlite://" + quote(str(path.absolute()))


def parse(url: str) -> Address:
    """Read the URL, without connecting. SQLite's file and its directory are created. Raises StoreConfigError."""
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite":
        return _sqlite(rest)
    if scheme in ("postgresql", "postgres"):
        return _postgres(url)
    # A text without a scheme may be anything, even a password. So it is not shown.
    problem = f"scheme {scheme!r} is not known" if "://" in url else "it has no scheme"
    raise StoreConfigError(f"database URL: {problem}; {_FORMS}")


def _sqlite(rest: str) -> Address:
    if f"sqlite://{rest}" == IN_MEMORY:
        database = SqliteDatabase(":memory:", pragmas={"foreign_keys": 1}, **_sqlite_settings())
        return Address(database, IN_MEMORY, in_memory=True)
    path = "/" + unquote(rest).lstrip("/")
    if not rest.startswith("/") or path == "/" or "?" in rest or "\0" in path:
        raise StoreConfigError(
            f"database URL 'sqlite://{rest}': needs an absolute path, as in sqlite:///var/lib/gluten.db"
        )
    _make_file(path)
    return Address(SqliteDatabase(path, pragmas=_PRAGMAS, **_sqlite_settings()), f"sqlite://{path}", file=Path(path))


def _sqlite_settings() -> dict[str, Any]:
    # One thread at a time uses a store, but it may be another one than the one that opened it.
    return {"timeout": BUSY_TIMEOUT, "thread_safe": False, "check_same_thread": False, "autoconnect": False}


def _make_file(path: str) -> None:
    """Create the file for its owner only, because tasks hold tokens. SQLite gives its other files the same mode.

    A file that is there is not opened: SQLite loses its locks on a file when its process closes any descriptor of it.
    Then another process would remove the log that this one writes to.
    """
    try:
        with contextlib.suppress(FileExistsError):  # if a file is there, the next line has the better message
            os.makedirs(os.path.dirname(path), mode=0o700)
        real = os.path.realpath(path)
        with contextlib.suppress(FileExistsError):
            os.close(os.open(real, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        names = _names_of(real)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise StoreConfigError(
            f"database sqlite://{path}: cannot be written: {reason}; give another --data or --db"
        ) from None
    if names > 1:  # SQLite keeps a journal beside each name, so two masters would write without seeing each other
        raise StoreConfigError(
            f"database sqlite://{path}: the file has {names} names (hard links), and another master could use it by "
            "another one: remove the others, or make a copy"
        )


def _names_of(path: str) -> int:
    """How many names the file has. Raises OSError if it cannot be written."""
    found = os.stat(path)
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not os.access(path, os.R_OK | os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return found.st_nlink


def _postgres(url: str) -> Address:
    try:
        urlsplit(url).port  # noqa: B018 -- libpq's message about a bad port would contain the password
        given = parse_dsn(url)
    except (ValueError, psycopg2.Error):
        raise StoreConfigError(
            "database URL: cannot be read; write postgresql://USER:PASSWORD@HOST:PORT/NAME, "
            "with special characters as %-escapes"
        ) from None
    if not given.get("dbname"):
        raise StoreConfigError(f"database {_label(given)}: the name of the database is missing; {_FORMS}")
    tls = postgres_tls.settings(given)
    settings = {"connect_timeout": CONNECT_TIMEOUT, "application_name": "gluten", **_KEEPALIVE, **tls, **given}
    name = settings.pop("dbname")
    database = PostgresqlDatabase(name, thread_safe=False, autoconnect=False, **settings)
    return Address(database, _label(given), secret=given.get("password", ""), verified=bool(tls))


def _label(given: dict[str, str]) -> str:
    user = f"{given['user']}@" if "user" in given else ""
    host = given.get("host", "")
    port = f":{given['port']}" if "port" in given else ""
    if host.startswith("/"):
        return f"postgresql://{user}{port}/{given.get('dbname', '')}?host={host}"
    return f"postgresql://{user}{host}{port}/{given.get('dbname', '')}"
