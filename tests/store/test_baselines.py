"""The run that is pinned for each name, in both databases."""

from __future__ import annotations

import pytest

from gluten.errors import NotFound
from gluten.store.store import Store
from tests.support.store_records import a_run


def test_a_name_has_one_baseline_the_last_pinned(store: Store) -> None:
    first, second, other = (store.create_run(a_run(name=name)) for name in ("shop", "shop", "blog"))
    for name, run in (("shop", first), ("shop", second), ("shop", second), ("blog", other)):
        store.pin(name, run.id)
    assert store.pinned() == [("blog", other.id, 3), ("shop", second.id, 2)]


def test_it_is_taken_back(store: Store) -> None:
    run = store.create_run(a_run(name="shop"))
    store.pin("shop", run.id)
    store.pin("shop", None)
    store.pin("shop", None)
    assert store.pinned() == []


def test_runs_without_a_name_have_one_too(store: Store) -> None:
    run = store.create_run(a_run())
    store.pin("", run.id)
    assert store.pinned() == [("", run.id, 1)]


def test_an_unknown_run_cannot_be_pinned(store: Store) -> None:
    with pytest.raises(NotFound):
        store.pin("shop", "f" * 32)
