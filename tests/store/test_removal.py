"""A deleted run is gone at once, its rows a few at a time, and its number is never given again; in both databases."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gluten.audit import AuditEntry
from gluten.errors import NotFound, WrongState
from gluten.store.migrations import sql
from gluten.store.records import RunRecord
from gluten.store.removal import ROWS
from gluten.store.store import Store
from tests.support.store_records import a_delta, a_run, an_event

TABLES = ("gluten_share", "gluten_delta", "gluten_event", "gluten_note", "gluten_baseline")


def a_run_that_is_over(store: Store, **fields: object) -> RunRecord:
    fields = {"state": "finished", "ended_at": 100.0, "report": {"schema": "gluten.report/1"}, **fields}
    run = store.create_run(a_run(name="shop", key="", plan=[{"node": "one"}]))
    store.save_deltas([a_delta(run.id, number) for number in range(3)])
    store.add_events([an_event(run.id)])
    store.write_note(run.id, "a note")
    store.save_run(run.id, **fields)
    return store.run(run.id)


def rows_of(store: Store, number: int) -> dict[str, int]:
    database = store._session.database
    counts = {
        table: sql(database, f"select count(*) from {table} where run = {number}").fetchone()[0] for table in TABLES
    }
    counts["gluten_run"] = sql(database, f"select count(*) from gluten_run where number = {number}").fetchone()[0]
    return {table: count for table, count in counts.items() if count}


def purged(store: Store) -> int:
    """How many steps it took to remove all rows."""
    steps = 0
    while store.purge():
        steps += 1
    return steps


def test_a_deleted_run_is_gone_for_everyone_before_its_rows_are(store: Store) -> None:
    kept, run = a_run_that_is_over(store), a_run_that_is_over(store)
    store.delete_run(run.id)
    assert [found.id for found in store.runs()] == [kept.id]
    assert store.run("last").id == kept.id
    assert store.unfinished() == []
    for ref in (run.id, run.id[:8], str(run.number)):
        with pytest.raises(NotFound):
            store.run(ref)
    for read in (store.events, store.read_note, store.assignments, store.delta_page):
        with pytest.raises(NotFound):
            read(run.id)


def test_its_rows_are_removed_and_those_of_others_stay(store: Store) -> None:
    kept, run = a_run_that_is_over(store), a_run_that_is_over(store)
    before = rows_of(store, kept.number)
    store.delete_run(run.id)
    purged(store)
    assert rows_of(store, run.number) == {}
    assert rows_of(store, kept.number) == before
    assert not store.purge()


def test_no_step_removes_more_than_its_share(store: Store) -> None:
    run = a_run_that_is_over(store)
    store.save_deltas([a_delta(run.id, number, "two") for number in range(ROWS + 1)])
    store.delete_run(run.id)
    before = rows_of(store, run.number)["gluten_delta"]
    store.purge()
    assert rows_of(store, run.number)["gluten_delta"] == before - ROWS
    purged(store)
    assert rows_of(store, run.number) == {}


def test_what_another_process_left_is_removed(url: str) -> None:
    first = Store.open(url)
    run = a_run_that_is_over(first)
    first.delete_run(run.id)
    first.close()
    second = Store.open(url)
    assert purged(second) > 0
    assert rows_of(second, run.number) == {}
    second.close()


def test_its_number_is_never_given_again(store: Store) -> None:
    run = a_run_that_is_over(store)
    store.delete_run(run.id)
    assert store.create_run(a_run()).number == run.number + 1
    purged(store)
    assert store.create_run(a_run()).number == run.number + 2


def test_its_idempotency_key_is_free_again(store: Store) -> None:
    run = store.create_run(a_run(key="once"))
    store.save_run(run.id, state="finished")
    store.delete_run(run.id)
    assert store.create_run(a_run(key="once")).number == run.number + 1


def test_who_did_what_to_it_stays(store: Store) -> None:
    run = a_run_that_is_over(store)
    store.add_audit([AuditEntry("submit", "gRPC", "admin", who="ann", run=run.id, at=1.0)])
    store.delete_run(run.id)
    purged(store)
    assert [entry.who for entry in store.audit_entries(run.id)] == ["ann"]


@pytest.mark.parametrize("state", ["queued", "starting", "running", "stopping"])
def test_a_run_that_is_not_over_is_not_deleted(store: Store, state: str) -> None:
    run = a_run_that_is_over(store, state=state)
    with pytest.raises(WrongState, match=f"run 1 is {state}: stop it"):
        store.delete_run(run.id)
    assert store.run("1").state == state


def test_a_baseline_is_not_deleted(store: Store) -> None:
    run = a_run_that_is_over(store)
    store.pin("shop", run.id)
    with pytest.raises(WrongState, match=r"run 1 is the baseline of runs called 'shop': .*baseline --remove 1"):
        store.delete_run(run.id)
    store.pin("shop", None)
    store.delete_run(run.id)
    assert store.runs() == []


def test_nothing_of_a_deleted_run_can_be_stored(store: Store) -> None:
    run = a_run_that_is_over(store)
    store.delete_run(run.id)
    writes: list[Callable[[], object]] = [
        lambda: store.save_run(run.id, state="finished"),
        lambda: store.save_deltas([a_delta(run.id, 9)]),
        lambda: store.add_events([an_event(run.id, 11.0)]),
        lambda: store.write_note(run.id, "late"),
        lambda: store.pin("shop", run.id),
        lambda: store.delete_run(run.id),
    ]
    for write in writes:
        with pytest.raises(NotFound):
            write()


def test_the_oldest_expire_first_but_no_baseline_and_nothing_that_is_on(store: Store) -> None:
    old, older, young = (a_run_that_is_over(store, ended_at=at) for at in (50.0, 40.0, 100.0))
    pinned = a_run_that_is_over(store, ended_at=10.0)
    store.pin("shop", pinned.id)
    a_run_that_is_over(store, state="running", ended_at=None)
    assert store.expired(100.0, 10) == [(old.id, 1), (older.id, 2)]
    assert store.expired(100.0, 1) == [(old.id, 1)]
    assert store.expired(100.5, 10)[-1] == (young.id, 3)
