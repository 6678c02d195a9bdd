from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from gluten.errors import NotFound, TaskError
from gluten.store.store import Store
from gluten.task.task import Task
from tests.support.store_records import a_run

PLAN = [{"name": "one", "threads": [0, 2], "body": b"\xff"}, {"name": "two", "threads": [1], "rate": 0.1}]


def test_a_run_comes_back_as_it_was_given_with_a_number(store: Store) -> None:
    given = a_run(name="Première", who="Ann", key="k1", plan=PLAN, epoch=3, adjustments=[[2.5, 100.0]])
    kept = store.create_run(given)
    assert kept == dataclasses.replace(given, number=1)
    assert store.run(given.id) == kept
    assert Task.from_map(kept.task) == Task.from_map(given.task)


def test_numbers_rise_from_one(store: Store) -> None:
    assert [store.create_run(a_run()).number for _ in range(3)] == [1, 2, 3]


def test_history_survives_a_reopening(url: str) -> None:
    first = Store.open(url)
    kept = first.create_run(a_run(plan=PLAN))
    first.close()
    again = Store.open(url)
    assert again.run("last") == kept
    assert again.create_run(a_run()).number == 2
    again.close()


def test_a_known_idempotency_key_gives_the_run_that_is_there(store: Store) -> None:
    first = store.create_run(a_run(key="same", name="first"))
    assert store.create_run(a_run(key="same", name="second")) == first
    assert store.create_run(a_run(key="other")).number == 2


def test_runs_without_a_key_are_all_different(store: Store) -> None:
    assert store.create_run(a_run(key="")).number != store.create_run(a_run(key="")).number


def test_the_same_id_is_created_once(store: Store) -> None:
    record = a_run()
    assert store.create_run(record) == store.create_run(record)
    assert len(store.runs()) == 1


def test_a_key_that_is_too_long_is_refused(store: Store) -> None:
    with pytest.raises(TaskError, match="key: at most 200"):
        store.create_run(a_run(key="k" * 201))


def test_saved_fields_change_and_the_others_stay(store: Store) -> None:
    kept = store.create_run(a_run(name="n", plan=PLAN))
    report = {"schema": "gluten.report/1", "seconds": [{"second": 0, "p50": 1}], "text": "µs \u20ac"}
    changes: dict[str, Any] = {
        "state": "finished",
        "reason": "done",
        "started_at": 2.5,
        "ended_at": 3.75,
        "epoch": 4,
        "adjustments": [[1.0, 10.0]],
        "summary": {"rate": 1.5},
        "report": report,
    }
    store.save_run(kept.id, **changes)
    assert store.run(kept.id) == dataclasses.replace(kept, **changes)


def test_a_run_shows_its_newest_plan_and_keeps_the_earlier_ones(store: Store) -> None:
    kept = store.create_run(a_run(plan=PLAN, epoch=1))
    store.save_run(kept.id, epoch=2, plan=PLAN[:1])
    store.save_run(kept.id, epoch=3)
    assert store.run(kept.id).plan == PLAN[:1]
    assert store.assignments(kept.id) == {1: PLAN, 2: PLAN[:1]}


def test_what_cannot_change_is_refused(store: Store) -> None:
    kept = store.create_run(a_run())
    with pytest.raises(TypeError, match="number, task"):
        store.save_run(kept.id, task={}, number=3)


def test_saving_an_unknown_run_is_refused(store: Store) -> None:
    with pytest.raises(NotFound):
        store.save_run("0" * 32, state="failed")


def test_a_run_is_found_by_number_by_prefix_and_as_last(store: Store) -> None:
    first = store.create_run(a_run(id="abcd" + "0" * 28))
    second = store.create_run(a_run(id="abce" + "0" * 28))
    for ref, found in {"1": first, "2": second, "abcd": first, "ABCE0": second, "last": second}.items():
        assert store.run(ref) == found


def test_digits_are_a_number_first_and_a_prefix_then(store: Store) -> None:
    kept = store.create_run(a_run(id="1234" + "0" * 28))
    assert store.run("1234") == kept


@pytest.mark.parametrize(
    ("ref", "words"),
    [
        ("last", "there is no run yet"),
        ("7", "no such run"),
        ("9" * 40, "no such run"),
        ("", "no such run"),
        ("%", "no such run"),
        ("cafe", "no such run"),
        ("nonsense\x00", "no such run"),
    ],
)
def test_what_is_not_there_is_said_in_one_line(store: Store, ref: str, words: str) -> None:
    with pytest.raises(NotFound, match=words) as caught:
        store.run(ref)
    assert "\n" not in str(caught.value)


def test_an_ambiguous_prefix_names_the_candidates(store: Store) -> None:
    store.create_run(a_run(id="abcd1" + "0" * 27))
    store.create_run(a_run(id="abcd2" + "0" * 27))
    with pytest.raises(NotFound, match=r"'abcd' is ambiguous: abcd2000 \(run 2\), abcd1000 \(run 1\)"):
        store.run("abcd")


def test_a_short_prefix_is_enough_where_it_is_not_ambiguous(store: Store) -> None:
    kept = store.create_run(a_run(id="abc" + "0" * 29))
    store.create_run(a_run(id="abd" + "0" * 29))
    assert store.run("abc") == kept
    with pytest.raises(NotFound, match="'ab' is ambiguous"):
        store.run("ab")


def test_digits_that_are_no_run_s_number_name_no_other_run_by_chance(store: Store) -> None:
    """Who deletes run 123 twice does not delete another one."""
    store.create_run(a_run(id="123" + "0" * 29))
    with pytest.raises(NotFound, match="no such run; for an id, give at least 4"):
        store.run("123")


def test_runs_come_newest_first_in_pages_without_reports(store: Store) -> None:
    for _ in range(5):
        store.save_run(store.create_run(a_run(plan=PLAN)).id, report={"long": 1})
    assert [run.number for run in store.runs(limit=2)] == [5, 4]
    assert [run.number for run in store.runs(limit=2, before=4)] == [3, 2]
    assert all(run.report is None and run.plan == PLAN for run in store.runs())


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", [3, 2, 1]),
        ("ÉCLAIR", [1]),
        ("shop.example", [2]),
        ("bob shop", [2]),
        ("bob éclair", []),
        ("100%", [3]),
        ("%", [3]),
        ("_", []),
        ("#2", [2]),
        ("failed", [3]),
        ("secret", []),
        ("feed", [1]),
        ("9" * 30, []),
        ("\x00", []),
    ],
)
def test_a_search_finds_runs_with_all_its_words(store: Store, search: str, found: list[int]) -> None:
    store.create_run(a_run(id="feed" + "0" * 28, name="Éclair", who="ann"))
    store.create_run(a_run(id="1" * 32, url="http://u:secret@shop.example/", who="Bob"))
    store.create_run(a_run(id="3" * 32, name="100% more", state="failed"))
    assert [run.number for run in store.runs(search=search)] == found


@pytest.mark.parametrize("search", ["word " * 900, "x" * 2000, "a " * 21], ids=["words", "letters", "a word too many"])
def test_a_search_of_too_many_words_is_refused_in_words(store: Store, search: str) -> None:
    with pytest.raises(TaskError, match="search: at most 20 words of 1000 characters") as caught:
        store.runs(search=search)
    assert caught.value.field == "search"
    assert store.runs(search="a " * 20) == []


@pytest.mark.parametrize("ref", ["9" * 5000, "#" + "9" * 5000, "٣" * 5000])
def test_a_number_of_thousands_of_digits_is_no_run(store: Store, ref: str) -> None:
    with pytest.raises(NotFound):
        store.run(ref)
    assert store.runs(search=ref[:1000]) == []


def test_unfinished_runs_come_oldest_first(store: Store) -> None:
    states = ["queued", "finished", "running", "stopped", "failed", "stopping", "starting"]
    for state in states:
        store.create_run(a_run(state=state))
    assert [run.state for run in store.unfinished()] == ["queued", "running", "stopping", "starting"]


def test_texts_that_a_database_cannot_hold_are_mended(store: Store) -> None:
    kept = store.create_run(a_run(name="a\x00b", key="k\x00", who="\ud800"))
    assert (kept.name, kept.who) == ("a\ufffdb", "?")
    assert store.create_run(a_run(key="k\x00")) == kept
