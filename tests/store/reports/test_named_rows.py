"""The seconds of named requests in a stored report: apart, and there again for who asks."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gluten.store.advice import Damaged
from gluten.store.reports.named_rows import PACKED, packed, unpacked
from gluten.store.store import Store
from tests.support.store_records import a_run

REPORT: dict[str, Any] = {
    "id": "a",
    "seconds": [
        {"second": 0, "completed": 3, "by_request": {"home": {"completed": 1}, "cart": {"completed": 2}}},
        {"second": 1, "completed": 4},
        {"second": 3, "completed": 5, "by_request": {"cart": {"completed": 5}, "pay": {"completed": 0, "mean": 1.5}}},
    ],
}
BARE = [{"second": 0, "completed": 3}, {"second": 1, "completed": 4}, {"second": 3, "completed": 5}]


def through_json(report: Any) -> Any:
    return json.loads(json.dumps(packed(report)))


def test_a_report_is_the_same_again() -> None:
    stored = through_json(REPORT)
    assert stored["seconds"] == BARE
    assert unpacked(stored) == REPORT


def test_the_requests_of_a_second_stand_in_the_reports_order() -> None:
    names = ["home", "home (redirect)", "cart"]
    rows = [
        {"second": 0, "by_request": {"home": {}, "cart": {}}},
        {"second": 1, "by_request": {each: {} for each in names}},
    ]
    found = unpacked(through_json({"by_request": [{"name": name} for name in names], "seconds": rows}))
    assert [list(row["by_request"]) for row in found["seconds"]] == [["home", "cart"], names]


@pytest.mark.parametrize(
    ("request_", "figures"),
    [
        ("", [None, None, None]),
        ("cart", [{"cart": {"completed": 2}}, None, {"cart": {"completed": 5}}]),
        ("pay", [None, None, {"pay": {"completed": 0, "mean": 1.5}}]),
        ("nobody", [None, None, None]),
    ],
)
def test_rows_have_the_request_that_is_asked_for(request_: str, figures: list[Any]) -> None:
    """This holds of a report that an earlier version stored, too, which is not packed."""
    for report in (through_json(REPORT), REPORT):
        shown = unpacked(report, request_)
        assert [row.get("by_request") for row in shown["seconds"]] == figures
        assert [{**row, "by_request": 0} for row in shown["seconds"]] == [{**row, "by_request": 0} for row in BARE]
        assert PACKED not in shown


@pytest.mark.parametrize("report", [None, {"long": 1}, {"seconds": []}, {"seconds": [{"second": 0}]}])
def test_a_report_without_named_requests_is_stored_as_it_is(report: Any) -> None:
    assert packed(report) is report
    assert unpacked(report or {}) == (report or {})


def test_what_a_database_refuses_is_mended_in_what_is_packed(store: Store) -> None:
    kept = store.create_run(a_run())
    odd = {"seconds": [{"second": 0, "by_request": {"a\x00": {"mean": float("nan"), "x": "\ud800"}}}]}
    store.save_run(kept.id, report=odd)
    found = unpacked(store.run(kept.id).report or {})
    assert found == {"seconds": [{"second": 0, "by_request": {"a\ufffd": {"mean": None, "x": "?"}}}]}


@pytest.mark.parametrize("text", ["%%%", "AAAA", "eJyrVgIAAAA="])
def test_a_damaged_text_is_an_error(text: str) -> None:
    with pytest.raises(Damaged, match="damaged"):
        unpacked({"seconds": [], PACKED: {"a": text}})
