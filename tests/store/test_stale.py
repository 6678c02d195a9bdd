"""Marks of reports that lack deltas, in both databases."""

from __future__ import annotations

from gluten.store.records import StoredEvent
from gluten.store.store import Store
from tests.support.store_records import a_run


def test_a_stale_report_is_known_until_it_is_cleared(store: Store) -> None:
    one, other = (store.create_run(a_run()).id for _ in range(2))
    assert store.stale_runs() == []
    for run in (one, one, other):
        store.mark_stale(run)
    assert store.stale_runs() == sorted([one, other])
    store.clear_stale(one)
    store.clear_stale(one)
    assert store.stale_runs() == [other]


def test_a_report_comes_with_its_events_or_not_at_all(store: Store) -> None:
    run = store.create_run(a_run()).id
    event = StoredEvent(run, 5.0, "late_numbers", "late", None, "a")
    for _ in range(2):
        store.save_run(run, reason="x", events=[event])
    assert store.run(run).reason == "x"
    assert store.events(run) == [event]
