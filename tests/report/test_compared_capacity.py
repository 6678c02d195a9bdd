"""Searches for the capacity are compared by their answers alone: whether the intervals have anything in common."""

from __future__ import annotations

from typing import Any

import pytest

from gluten.report.compared.comparison import differences
from gluten.report.compared.document import comparison
from gluten.report.compared.named import numbered
from gluten.report.compared_capacity import are_apart
from tests.support.capacity.found import found, searched
from tests.support.reports import closed


def answer(holds: float | None, misses: float | None) -> dict[str, Any]:
    return found(holds=holds, misses=misses)


def search(holds: float | None, misses: float | None) -> Any:
    return searched(holds=holds, misses=misses)


@pytest.mark.parametrize(
    ("a", "b", "apart"),
    [
        ((100.0, 102.0), (102.0, 104.0), True),
        ((100.0, 102.0), (90.0, 92.0), True),
        ((100.0, 102.0), (101.0, 103.0), False),
        ((100.0, 102.0), (100.0, 102.0), False),
        ((100.0, None), (90.0, 92.0), True),  # at least 100, and below 92
        ((100.0, None), (120.0, 122.0), None),
        ((100.0, 102.0), (None, 10.0), True),
        ((None, None), (100.0, 102.0), None),
    ],
)
def test_intervals_are_apart_whichever_comes_first(a: Any, b: Any, apart: bool | None) -> None:
    assert are_apart(answer(*a), answer(*b)) is apart
    assert are_apart(answer(*b), answer(*a)) is apart


def test_two_searches_differ_in_their_capacity_alone() -> None:
    (one,) = differences(search(100.0, 102.0), search(90.0, 92.0))
    assert (one.what, one.a, one.b) == ("capacity", 100.0, 90.0)
    assert one.change == pytest.approx(-0.1)
    assert one.regression == pytest.approx(0.1)
    assert one.exceeds_noise
    assert one.regressed(0.05)
    assert not one.regressed(0.15)


def test_within_the_intervals_nothing_is_worse() -> None:
    (one,) = differences(search(100.0, 112.0), search(90.0, 101.0))
    assert one.exceeds_noise is False
    assert not one.regressed(0.05)


def test_what_a_search_does_not_know_is_not_worse() -> None:
    (one,) = differences(search(100.0, 102.0), search(None, None))
    assert one.exceeds_noise is None
    assert not one.regressed(0.05)


def test_a_search_in_which_nothing_held_is_the_worst() -> None:
    (one,) = differences(search(100.0, 102.0), search(None, 1.0))
    assert (one.b, one.regression, one.exceeds_noise) == (0.0, 1.0, True)


def test_a_search_beside_another_run_is_compared_as_ever() -> None:
    for pair in ((searched(), closed()), (closed(), searched())):
        assert [one.what for one in differences(*pair)] == [one.what for one in differences(closed(), closed())]


def test_the_requests_of_searches_are_not_compared() -> None:
    (pair,) = comparison(numbered([searched(), searched()]))["pairs"]
    assert [one["what"] for one in pair["differences"]] == ["capacity"]
    assert pair["by_request"] == pair["by_scenario"] == []
