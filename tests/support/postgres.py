"""A real Postgres for tests: Debian's binaries, a unix socket in a temporary directory, no fsync.

From root it runs as the user `postgres`, since Postgres refuses root.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest

from tests.support.needs import find_program, lacking, missing

_USER = "gluten"
_DEADLINE = 30.0  # seconds to start or stop
_MEMORY, _ROOM = "/dev/shm", 2 << 30


class Postgres:
    """One server in a directory of its own. It may be stopped and started again, as faults do."""

    def __init__(self, binaries: Path, directory: Path) -> None:
        self._binaries = binaries
        self._directory = directory
        self._as_user = _as_user()
        self._process: subprocess.Popen[bytes] | None = None
        self._own(directory)
        self._make()

    @property
    def folder(self) -> Path:
        return self._directory

    def url(self, name: str = "postgres") -> str:
        """The URL of one of its databases."""
        return f"postgresql://{_USER}@/{name}?host={self._directory}"

    def create_database(self) -> str:
        """A new empty database's URL."""
        name = "t" + uuid.uuid4().hex[:12]
        self.execute(f"create database {name}")
        return self.url(name)

    def empty_database(self, url: str) -> None:
        """Make a database as it was when it was new. This is much cheaper than another one, which is 300 files."""
        self.kill_connections(urlsplit(url).path[1:])
        self.execute("drop schema public cascade; create schema public", url)

    def empty_tables(self, url: str) -> None:
        """Make a database as it was when a store had been opened in it for the first time. This is ten times as fast as
        to make the tables anew."""
        self.kill_connections(urlsplit(url).path[1:])
        made = "from pg_tables where schemaname = 'public' and tablename <> 'gluten_meta'"
        every = f"(select string_agg(tablename, ', ') {made})"
        self.execute(f"do $$ begin execute 'truncate ' || {every} || ' restart identity'; end $$", url)
        self.execute("delete from gluten_meta where name <> 'schema'", url)

    def execute(self, statement: str, url: str = "") -> None:
        """One statement, in the server's own database unless another is named, outside of transactions."""
        with contextlib.closing(psycopg2.connect(url or self.url())) as connection:
            connection.autocommit = True
            connection.cursor().execute(statement)

    def kill_connections(self, name: str) -> None:
        """End all sessions of the database `name`, as an administrator does."""
        self.execute(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'")

    def start(self, *more: str) -> None:
        """Start and wait until it answers. `more` are further settings, each `NAME=VALUE`."""
        command: list[str | Path] = [
            self._binaries / "postgres",
            "-D",
            self._directory / "data",
            "-k",
            self._directory,
        ]
        settings = ["listen_addresses=", "fsync=off", "shared_buffers=16MB", "max_connections=40", "autovacuum=off"]
        settings += more
        with open(self._directory / "log", "ab") as log:
            self._process = subprocess.Popen(
                [*command, *(part for setting in settings for part in ("-c", setting))],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._directory,
                **self._as_user,
            )
        self._wait_until_up()

    def stop(self) -> None:
        """Stop at once, its clients' connections too; data stays."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(_DEADLINE)
            self._process = None

    def hand_over(self, path: Path) -> None:
        """Make the file one that the server may read."""
        path.chmod(0o600)
        self._own(path)

    def _make(self) -> None:
        command: list[str | Path] = [self._binaries / "initdb", "-D", self._directory / "data", "-U", _USER]
        flags = ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        done = subprocess.run(
            [*command, *flags],
            capture_output=True,
            text=True,
            cwd=self._directory,
            check=False,
            **self._as_user,
        )
        if done.returncode:
            raise RuntimeError(f"initdb: {done.stderr.strip()}")

    def _wait_until_up(self) -> None:
        until = time.monotonic() + _DEADLINE
        while True:
            try:
                psycopg2.connect(self.url()).close()
                return
            except psycopg2.OperationalError:
                assert self._process is not None
                if self._process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError((self._directory / "log").read_text()) from None
            time.sleep(0.02)

    def _own(self, directory: Path) -> None:
        if self._as_user:
            os.chown(directory, self._as_user["user"], self._as_user["group"])


def _as_user() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("postgres")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def binaries() -> Path | None:
    """Where the newest installed Postgres is. None: there is none, or it is hidden."""
    if missing("postgres"):
        return None
    own = Path(find_program("postgres")).parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, default=own)


def _version(path: Path) -> int:
    name = path.parent.name
    return int(name) if name.isdecimal() else 0


@contextlib.contextmanager
def running() -> Iterator[Postgres]:
    """A started server, gone with its directory at the end. Skips the test where there are no binaries."""
    where = binaries()
    if where is None:
        lacking("postgres")
    # Not pytest's own directory: that is closed to other users, and too long for a socket's path.
    directory = Path(tempfile.mkdtemp(prefix="gluten-pg-", dir=_roomy(_MEMORY, "/tmp")))
    try:
        server = Postgres(where, directory)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _roomy(memory: str, disk: str) -> str:
    """A cluster is thousands of files, which a busy disk makes slow. A container's memory may be too small for them."""
    try:
        return memory if shutil.disk_usage(memory).free >= _ROOM else disk
    except OSError:
        return disk


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for the whole session. Do not stop it: a test that stops one takes `running()` itself."""
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_database(postgres: Postgres) -> str:
    return postgres.create_database()


@pytest.fixture
def fresh_postgres_url(postgres: Postgres, postgres_database: str) -> Iterator[str]:
    """An empty database for one test."""
    yield postgres_database
    postgres.empty_database(postgres_database)
