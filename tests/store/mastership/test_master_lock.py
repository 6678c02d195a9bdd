"""One active master on a Postgres: who holds the lock, who waits, and who may write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from gluten.errors import StoreError, Superseded
from gluten.store.mastership.active import ActiveMaster
from gluten.store.mastership.master_lock import MasterLock
from gluten.store.store import Store
from tests.support.e2e.programs import wait_for
from tests.support.postgres import Postgres
from tests.support.store_records import a_run

A = ActiveMaster("a", "http://a:8888", "a:9090", "k")


@pytest.fixture
def url(fresh_postgres_url: str) -> str:
    Store.open(fresh_postgres_url).close()
    return fresh_postgres_url


@pytest.fixture
def locks(url: str) -> Iterator[tuple[MasterLock, MasterLock]]:
    with ExitStack() as ends:
        made = [lock(url) for _ in range(2)]
        for one in made:
            ends.callback(one.close)
        yield made[0], made[1]


def lock(url: str) -> MasterLock:
    found = MasterLock.of(url)
    assert found is not None
    return found


def test_sqlite_has_no_such_lock() -> None:
    assert MasterLock.of("") is None
    assert MasterLock.of("sqlite:///x.db") is None


def test_one_is_active_and_who_waits_learns_where(locks: tuple[MasterLock, MasterLock]) -> None:
    first, second = locks
    assert first.acquire()
    assert second.wait() == ActiveMaster()
    assert first.begin(A) == 1
    assert not second.acquire()
    assert second.wait() == A
    assert first.keep() == 1
    first.close()
    assert second.acquire()
    assert second.begin(ActiveMaster("b")) == 2
    assert second.keep() == 0


def test_an_empty_database_has_a_lock_too(fresh_postgres_url: str) -> None:
    first, second = lock(fresh_postgres_url), lock(fresh_postgres_url)
    assert first.acquire()
    assert not second.acquire()
    assert second.wait() == ActiveMaster()
    first.close()
    second.close()


def test_writes_of_an_earlier_master_are_refused_and_reads_are_not(
    url: str, locks: tuple[MasterLock, MasterLock]
) -> None:
    first, second = locks
    old, new = Store.open(url), Store.open(url)
    assert first.acquire()
    old.claim(first.begin(A))
    assert old.create_run(a_run(id="1" * 32)).number == 1
    first.close()
    assert second.acquire()
    new.claim(second.begin(A))
    for write in (lambda: old.create_run(a_run(id="2" * 32)), lambda: old.save_run("1" * 32, state="failed")):
        with pytest.raises(Superseded, match="another master has become active"):
            write()
    assert old.run("1").state == "queued"
    assert new.create_run(a_run(id="3" * 32)).number == 2
    old.close()
    new.close()


def test_who_lost_the_session_takes_the_lock_again_if_nobody_had_it(
    url: str, postgres: Postgres, locks: tuple[MasterLock, MasterLock]
) -> None:
    first, _ = locks
    assert first.acquire()
    first.begin(A)
    postgres.kill_connections(urlsplit(url).path[1:])
    assert first.keep() == 0


def test_who_lost_the_session_is_superseded_if_another_was_active(
    url: str, postgres: Postgres, locks: tuple[MasterLock, MasterLock]
) -> None:
    first, second = locks
    assert first.acquire()
    first.begin(A)
    postgres.kill_connections(urlsplit(url).path[1:])
    assert second.acquire()
    with pytest.raises(StoreError, match="another session has the lock"):
        first.keep()  # the other one has not begun yet: nobody can tell
    second.begin(A)
    with pytest.raises(Superseded):
        first.keep()
    with pytest.raises(Superseded):
        first.describe(A)
    second.close()
    with pytest.raises(Superseded):
        first.keep()


def test_a_new_master_waits_for_a_write_that_is_under_way(url: str, locks: tuple[MasterLock, MasterLock]) -> None:
    """Its number is raised after that write, or the write is refused: nothing is written after that."""
    first, second = locks
    assert first.acquire()
    store = Store.open(url)
    store.claim(first.begin(A))
    first.close()
    assert second.acquire()
    session = store._session

    def stuck() -> None:
        second_cursor = second._cursor()
        second_cursor.execute("set lock_timeout = 100")
        with pytest.raises(StoreError, match="lock timeout"):
            second.begin(A)

    session.write(stuck)
    assert second.acquire()
    assert second.begin(A) == 2
    store.close()


def test_a_master_whose_session_ended_while_it_started_takes_the_lock_again(
    url: str, locks: tuple[MasterLock, MasterLock], postgres: Postgres
) -> None:
    first, second = locks
    assert first.acquire()
    Store.open(url).close()
    here = "(select oid from pg_database where datname = current_database())"
    ended = f"select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and database = {here}"
    postgres.execute(ended, url)
    assert first.begin(A) == 1
    assert not second.acquire()
    postgres.execute(ended, url)
    wait_for("the other one", second.acquire)
    with pytest.raises(StoreError, match="another master has become active while this one started"):
        first.begin(A)


def test_another_schema_of_one_database_has_another_lock(url: str, postgres: Postgres) -> None:
    postgres.execute("create schema other", url)
    one, other = lock(url), lock(f"{url}&options=-csearch_path%3Dother")
    assert one.acquire()
    assert other.acquire()
    one.close()
    other.close()
    postgres.execute("drop schema other cascade", url)
