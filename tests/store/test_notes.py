"""The notes that people wrote about a run, in both databases."""

from __future__ import annotations

import pytest

from gluten.errors import NotFound
from gluten.store.store import Store
from tests.support.store_records import a_delta, a_run


def test_a_note_is_kept_and_replaced(store: Store) -> None:
    run, other = store.create_run(a_run()).id, store.create_run(a_run()).id
    assert store.read_note(run) == ""
    for text in ("warm cache", "warm cache, new nginx – Übung <b>"):
        store.write_note(run, text)
        assert store.read_note(run) == text
    assert store.read_note(other) == ""


def test_an_empty_note_is_none(store: Store) -> None:
    run = store.create_run(a_run()).id
    store.write_note(run, "x")
    store.write_note(run, "")
    assert store.read_note(run) == ""


def test_an_unknown_run_has_no_notes(store: Store) -> None:
    with pytest.raises(NotFound):
        store.write_note("f" * 32, "x")
    with pytest.raises(NotFound):
        store.read_note("f" * 32)


def test_a_window_has_the_deltas_of_its_seconds_alone(store: Store) -> None:
    run = store.create_run(a_run()).id
    store.save_deltas([a_delta(run, number, node=node) for number in range(1, 80) for node in ("a", "b")])
    found = [(kept.node, kept.second) for kept in store.window(run, 10, 70)]
    every = [(kept.node, kept.second) for kept in store.deltas(run)]
    assert found == [known for known in every if 10 <= known[1] < 70]
    assert len(found) == 120
