"""What happens when the database breaks under the store."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import peewee
import pytest

from gluten.errors import StoreError
from gluten.store import database_url
from gluten.store.database_url import parse, sqlite_url
from gluten.store.session import Session
from gluten.store.store import Store
from tests.support.postgres import Postgres, running
from tests.support.store_records import a_delta, a_run, an_event


def test_a_killed_connection_is_made_again(postgres: Postgres, fresh_postgres_url: str) -> None:
    store = Store.open(fresh_postgres_url)
    run = store.create_run(a_run()).id
    acts: list[Callable[[], Any]] = [
        lambda: store.save_deltas([a_delta(run, 1)]),
        lambda: store.run("last"),
        lambda: store.create_run(a_run()),
    ]
    for act in acts:
        postgres.kill_connections(urlsplit(fresh_postgres_url).path[1:])
        act()
    assert [kept.number for kept in store.deltas(run)] == [1]
    store.close()


def test_a_stopped_postgres_is_said_in_one_line_and_used_again_when_it_is_back() -> None:
    with running() as server:
        store = Store.open(server.create_database())
        run = store.create_run(a_run()).id
        server.stop()
        for _ in range(2):
            with pytest.raises(StoreError) as caught:
                store.save_deltas([a_delta(run, 1)])
            assert "\n" not in str(caught.value)
        server.start()
        store.save_deltas([a_delta(run, 1)])
        assert store.run("last").id == run
        store.close()


def _commit_breaks_once(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next COMMIT is done, but its answer is lost."""
    real = session.database.commit

    def commit() -> None:
        real()
        monkeypatch.setattr(session.database, "commit", real)
        raise peewee.OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(session.database, "commit", commit)


def test_a_commit_whose_answer_was_lost_is_repeated_without_harm(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(parse(url))
    session.open()
    store = Store(session)
    record = a_run(key="", plan=[{"name": "one"}])
    acts: list[Callable[[], Any]] = [
        lambda: store.create_run(record),
        lambda: store.save_deltas([a_delta(record.id, 1)]),
        lambda: store.add_events([an_event(record.id)]),
        lambda: store.save_run(record.id, state="running", plan=[{"name": "two"}]),
    ]
    for act in acts:
        _commit_breaks_once(session, monkeypatch)
        act()
    assert [(run.number, run.state, run.plan) for run in store.runs()] == [(1, "running", [{"name": "two"}])]
    assert (len(list(store.deltas(record.id))), len(store.events(record.id))) == (1, 1)
    store.close()


def test_a_batch_is_kept_whole_or_not_at_all(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(parse(url))
    session.open()
    store = Store(session)
    run = store.create_run(a_run()).id

    def broken() -> None:
        raise peewee.OperationalError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(session.database, "commit", broken)
        with pytest.raises(StoreError, match="no space left on device"):
            store.save_deltas([a_delta(run, 1), a_delta(run, 2)])
    assert list(store.deltas(run)) == []
    store.save_deltas([a_delta(run, 1)])
    assert len(list(store.deltas(run))) == 1
    store.close()


@contextlib.contextmanager
def locked(path: Path) -> Any:
    """Another program is writing to the SQLite file."""
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("begin immediate")
    try:
        yield other
    finally:
        other.close()


def test_a_locked_sqlite_is_waited_for(tmp_path: Path) -> None:
    store = Store.open(sqlite_url(tmp_path / "gluten.db"))
    run = store.create_run(a_run()).id
    with locked(tmp_path / "gluten.db") as other:
        release = threading.Timer(0.3, other.rollback)
        began = time.monotonic()
        release.start()
        store.save_deltas([a_delta(run, 1)])
        assert time.monotonic() - began > 0.1
        release.join()
    assert len(list(store.deltas(run))) == 1
    store.close()


def test_a_sqlite_that_stays_locked_is_an_error_and_then_works_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_url, "BUSY_TIMEOUT", 0.05)
    store = Store.open(sqlite_url(tmp_path / "gluten.db"))
    run = store.create_run(a_run()).id
    with locked(tmp_path / "gluten.db"):
        with pytest.raises(StoreError, match="locked"):
            store.save_deltas([a_delta(run, 1)])
        assert store.run("last").id == run  # readers do not wait for a writer
    store.save_deltas([a_delta(run, 1)])
    store.close()


def test_history_in_memory_outlives_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(parse("sqlite:///:memory:"))
    session.open()
    store = Store(session)
    run = store.create_run(a_run()).id
    _commit_breaks_once(session, monkeypatch)
    with pytest.raises(StoreError):
        store.save_deltas([a_delta(run, 1)])
    store.save_deltas([a_delta(run, 1)])
    assert len(list(store.deltas(run))) == 1
