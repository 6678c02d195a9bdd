"""Runs by state, verdict and name, in every order, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from gluten.listing import EVERY, SORTS, Listing
from gluten.store.store import Store
from tests.support.store_records import a_run


def report(verdict: str, rate: float, p99: int, completed: int, failed: int) -> dict[str, Any]:
    times = {"p50": p99 // 10, "p95": p99 // 2, "p99": p99}
    return {
        "verdict": {"value": verdict, "reasons": []},
        "rate": rate,
        "duration": completed / rate,
        "response_time": times,
        "requests": {"completed": completed, "failed": failed, "good": completed - failed, "sent": completed + failed},
    }


@pytest.fixture
def full(store: Store) -> Store:
    """Runs 1 to 5. The errors of run 1 are 2, of run 2 are 0, of run 3 are 20; runs 4 and 5 are not over."""
    for name, state in (("a", "finished"), ("b", "finished"), ("a", "stopped"), ("a", "running"), ("", "queued")):
        store.create_run(a_run(name=name, state=state))
    kept = [run.id for run in store.runs()][::-1]
    store.save_run(kept[0], report=report("valid", 100.0, 900, 1000, 1))
    store.save_run(kept[1], report=report("suspect", 50.0, 5000, 100, 0))
    store.save_run(kept[2], report=report("valid", 200.0, 100, 4000, 10))
    return store


def numbers(store: Store, **by: Any) -> list[int]:
    return [run.number for run in store.runs(by=Listing(**by))]


@pytest.mark.parametrize(
    ("by", "found"),
    [
        ({}, [5, 4, 3, 2, 1]),
        ({"states": ("finished",)}, [2, 1]),
        ({"states": ("queued", "running")}, [5, 4]),
        ({"verdict": "valid"}, [3, 1]),
        ({"verdict": "invalid"}, []),
        ({"name": "a"}, [4, 3, 1]),
        ({"name": "A"}, []),
        ({"name": "a", "verdict": "valid", "states": ("finished",)}, [1]),
        ({"name": "\x00'%_"}, []),
    ],
)
def test_a_list_is_narrowed_by_everything_that_is_asked(full: Store, by: dict[str, Any], found: list[int]) -> None:
    assert numbers(full, **by) == found


@pytest.mark.parametrize(
    ("sort", "highest_first"),
    [
        ("number", [5, 4, 3, 2, 1]),
        ("rate", [3, 1, 2, 5, 4]),
        ("p50", [2, 1, 3, 5, 4]),
        ("p95", [2, 1, 3, 5, 4]),
        ("p99", [2, 1, 3, 5, 4]),
        ("errors", [3, 1, 2, 5, 4]),
        ("requests", [3, 1, 2, 5, 4]),
        ("duration", [3, 1, 2, 5, 4]),
    ],
)
def test_a_list_is_sorted_and_runs_without_the_figure_come_last(
    full: Store, sort: str, highest_first: list[int]
) -> None:
    assert numbers(full, sort=sort) == highest_first
    known, unknown = (highest_first, []) if sort == "number" else (highest_first[:3], [5, 4])
    assert numbers(full, sort=sort, ascending=True) == known[::-1] + unknown


def test_every_order_that_is_offered_works_with_a_page_and_a_search(full: Store) -> None:
    for sort in SORTS:
        found = full.runs(2, 4, "target", Listing(name="a", sort=sort))
        assert {run.number for run in found} == {1, 3}, sort


def test_names_come_with_their_count_the_latest_first(full: Store) -> None:
    assert full.names(10) == [("a", 3, 4), ("b", 1, 2)]
    assert full.names(1) == [("a", 3, 4)]
    assert full.runs(by=EVERY)[0].number == 5


def test_a_deleted_run_has_no_name_any_more(full: Store) -> None:
    full.delete_run(full.run("2").id)
    assert full.names(10) == [("a", 3, 4)]
