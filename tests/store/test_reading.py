"""A second process reads the database of a master, and cannot write to it."""

from __future__ import annotations

import pytest

from gluten.errors import NotFound, StoreError
from gluten.store.store import Store, to_read
from tests.support.store_records import a_delta, a_run


def test_it_sees_what_the_master_has_committed(store: Store, url: str) -> None:
    reader = to_read(url)
    run = store.create_run(a_run())
    store.save_deltas([a_delta(run.id, 1)])
    assert reader.run("last") == run
    assert list(reader.deltas(run.id)) == [a_delta(run.id, 1)]
    store.delete_run(store.create_run(a_run(state="finished")).id)
    with pytest.raises(NotFound):
        reader.run("2")
    reader.close()


def test_it_cannot_write_also_after_its_connection_was_lost(store: Store, url: str) -> None:
    reader = to_read(url)
    for _ in range(2):
        with pytest.raises(StoreError):
            reader.create_run(a_run())
        reader.close()
    assert store.runs() == []


def test_a_head_is_the_run_without_its_report(store: Store) -> None:
    run = store.create_run(a_run())
    store.save_run(run.id, state="finished", report={"seconds": []}, summary={"good": 1})
    assert store.run(run.id).report == {"seconds": []}
    head = store.head("last")
    assert (head.report, head.summary, head.state, head.id) == (None, {"good": 1}, "finished", run.id)
    with pytest.raises(NotFound):
        store.head("9")
