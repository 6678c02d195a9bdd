from __future__ import annotations

from dataclasses import replace

import pytest

from gluten.errors import NotFound
from gluten.stats.packed_delta import pack
from gluten.store import store as store_module
from gluten.store.delta_bodies import delta_of
from gluten.store.records import StoredDelta
from gluten.store.store import Store
from gluten.task.limits import MAX_DURATION
from tests.support.store_records import a_delta, a_run, an_event


@pytest.fixture
def run(store: Store) -> str:
    return store.create_run(a_run()).id


def test_a_delta_comes_back_exactly(store: Store, run: str) -> None:
    given_delta = a_delta(run, 7, node="Gerät 1")
    store.save_deltas([given_delta])
    assert list(store.deltas(run)) == [given_delta]
    assert pack(delta_of(next(store.deltas(run)))) == given_delta.body


def test_a_delta_is_counted_once_however_often_it_comes(store: Store, run: str) -> None:
    batch = [a_delta(run, number) for number in range(3)]
    store.save_deltas(batch)
    store.save_deltas([*batch, *batch, a_delta(run, 3)])
    assert [kept.number for kept in store.deltas(run)] == [0, 1, 2, 3]


def test_the_first_of_two_deltas_with_one_name_stays(store: Store, run: str) -> None:
    first, second = a_delta(run, 1), a_delta(run, 2)
    store.save_deltas([first])
    store.save_deltas([StoredDelta(run, first.node, first.epoch, first.number, second.second, second.body)])
    assert list(store.deltas(run)) == [first]


def test_runs_nodes_and_epochs_count_apart(store: Store, run: str) -> None:
    other = store.create_run(a_run()).id
    batch = [a_delta(run, 1), a_delta(other, 1), a_delta(run, 1, node="two"), a_delta(run, 1, epoch=2)]
    store.save_deltas(batch)
    assert len(list(store.deltas(run))) == 3
    assert list(store.deltas(other)) == [a_delta(other, 1)]


def test_the_largest_numbers_that_the_bus_accepts_can_be_stored(store: Store, run: str) -> None:
    most = (1 << 31) - 1
    kept, event = a_delta(run, 1, epoch=most), an_event(run, second=most)
    store.save_deltas([replace(kept, number=most, second=int(MAX_DURATION) + 86_400)])
    store.add_events([event])
    assert [(delta.epoch, delta.number) for delta in store.deltas(run)] == [(most, most)]
    assert store.events(run) == [event]


def test_no_deltas_are_no_work(store: Store) -> None:
    store.save_deltas([])
    store.add_events([])


def test_deltas_come_page_by_page_by_node_epoch_and_number(
    store: Store, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "PAGE", 3)
    names = [(node, epoch, n) for node in ("a", "b") for epoch in (1, 2) for n in (2, 9, 10)]
    store.save_deltas([a_delta(run, n, node, epoch) for node, epoch, n in reversed(names)])
    assert [(kept.node, kept.epoch, kept.number) for kept in store.deltas(run)] == names


def test_a_batch_with_an_unknown_run_is_refused_whole(store: Store, run: str) -> None:
    with pytest.raises(NotFound):
        store.save_deltas([a_delta(run, 1), a_delta("f" * 32, 1)])
    assert list(store.deltas(run)) == []


def test_nothing_is_known_of_a_new_run(store: Store, run: str) -> None:
    assert list(store.deltas(run)) == []
    assert store.events(run) == []


def test_events_come_in_the_order_in_which_they_were_added(store: Store, run: str) -> None:
    events = [an_event(run, at=20.0, second=3, node="two"), an_event(run, at=10.0, kind="failed", text="µ")]
    store.add_events(events[:1])
    store.add_events(events)
    assert store.events(run) == events


def test_equal_events_of_different_runs_or_instants_are_all_kept(store: Store, run: str) -> None:
    other = store.create_run(a_run()).id
    store.add_events([an_event(run, at=1.0), an_event(run, at=1.001), an_event(other, at=1.0)])
    assert (len(store.events(run)), len(store.events(other))) == (2, 1)


def test_an_event_with_a_nul_in_its_text_is_kept_once(store: Store, run: str) -> None:
    for _ in range(2):
        store.add_events([an_event(run, text="peer said \x00")])
    assert [event.text for event in store.events(run)] == ["peer said \ufffd"]
