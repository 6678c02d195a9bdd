"""The figures by request: every total is the sum over them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.document_parts import RequestFigures
from gluten.report import document
from gluten.report.by_request import filled, in_order, live, named_rows, of_report, planned_by_name
from gluten.stats.delta import Delta
from gluten.stats.request_stats import REQUEST, Stats, redirect_name
from gluten.task.task import Task
from tests.support.reports import URL, build, closed, head, mixed, node, rated, second

REPORTS = [closed, rated, mixed]
COUNTS = ("sent", "completed", "good", "failed", "in_flight", "dropped", "skipped")


def test_the_redirects_of_a_request_stand_after_it() -> None:
    found = in_order(["login", "view"], ["view (redirect)", "view", "more", "login (redirect)", "login"])
    assert found == ["login", "login (redirect)", "view", "view (redirect)", "more"]
    assert in_order(["login"], ["login"]) == ["login"]


def redirecting(number: int, redirects: int) -> Delta:
    """A second with 10 answers, and so many that led to them."""
    delta = second(number, {1000: 10})
    if redirects:
        delta.of(redirect_name(REQUEST)).add(second(number, {500: redirects}, status=302).of())
    return delta


def test_each_second_tells_its_requests_where_redirects_are_followed_in_some() -> None:
    nodes = [node("alpha", [redirecting(0, 0), redirecting(1, 3), redirecting(2, 0)])]
    report = build(Task(URL, threads=1, connections=10, redirects=1), head(), nodes)
    found = [{name: part["completed"] for name, part in row["by_request"].items()} for row in report["seconds"]]
    assert found == [{"request": 10}, {"request": 10, "request (redirect)": 3}, {"request": 10}]
    for entry in report["by_request"]:
        parts = [row["by_request"].get(entry["name"], {}) for row in report["seconds"]]
        assert sum(part.get("completed", 0) for part in parts) == entry["completed"]
    one, several = (set(report["seconds"][at]["by_request"]["request"]) for at in (0, 1))
    assert one == several


def test_each_second_tells_its_requests_in_one_order() -> None:
    late = Delta(0)
    for name in ("view", "login", redirect_name("login")):
        late.of(name).add(second(0, {1000: 1}).of())
    rows = document.rows(Task(URL), head(), [node("alpha", [late])])
    names = ["login", redirect_name("login"), "view"]
    assert list(named_rows(rows, names)[0]["by_request"]) == names


def test_a_row_is_filled_for_the_request_whose_figures_it_has() -> None:
    (row,), names = document.rows(Task(URL), head(), [node("alpha", [redirecting(0, 0)])]), ["a", "a (redirect)"]
    assert filled(row, names)["by_request"]["a"]["completed"] == 10
    assert "by_request" in filled(row, names, "a")
    assert "by_request" not in filled(row, names, "a (redirect)")
    assert "by_request" not in filled(row, ["a", "b"])


@pytest.mark.parametrize("make", REPORTS)
def test_every_count_is_the_sum_over_the_requests(make: Any) -> None:
    report = make()
    entries = report["by_request"]
    for name in COUNTS:
        assert report["requests"][name] == sum(entry[name] for entry in entries)
    for kinds in ("status", "errors", "bytes"):
        for key, times in report[kinds].items():
            assert times == sum(entry[kinds].get(key, 0) for entry in entries)
    if report["requests"]["planned"] is not None:
        assert report["requests"]["planned"] == sum(entry["planned"] for entry in entries)
    assert report["rate"] == pytest.approx(sum(entry["rate"] for entry in entries))


def test_a_plain_url_has_one_entry_called_request() -> None:
    report = rated()
    [entry] = report["by_request"]
    assert entry["name"] == "request"
    assert entry["response_time"] == report["response_time"]


def test_times_are_those_of_the_request_alone() -> None:
    login, view = mixed()["by_request"]
    assert (login["response_time"]["max"], view["response_time"]["max"]) == (1500, 90_000)


def test_checks_and_good_responses_are_counted_by_request() -> None:
    login, view = mixed()["by_request"]
    assert (login["checks"], login["good"]) == ([], 8)
    assert view["checks"] == [{"check": 'body contains "price"', "passed": 36, "failed": 8}]
    assert view["good"] == view["completed"] - 3 * 2 - 2


def test_the_first_failure_of_a_kind_says_how_many_there_were() -> None:
    [failure] = mixed()["failures"]
    assert (failure["request"], failure["kind"], failure["second"], failure["count"]) == ("view", "status 503", 0, 6)
    assert failure["answer"] == {"status": 503, "headers": [["Retry-After", "1"]], "body": "<busy>"}


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=5),
    st.integers(0, 300),
)
def test_what_is_planned_by_name_is_at_least_what_was_sent_and_adds_up(
    counts: list[tuple[int, int]], more: int
) -> None:
    sent = {f"r{at}": was for at, (was, _) in enumerate(counts)}
    plan = {f"r{at}": planned for at, (_, planned) in enumerate(counts)}
    planned = sum(sent.values()) + more
    found = planned_by_name(sent, plan, planned)
    assert sum(found.values()) == planned
    assert all(found[name] >= times for name, times in sent.items())


@given(st.lists(st.integers(0, 50), min_size=1, max_size=5))
def test_without_a_loss_it_is_what_the_weights_give(counts: list[int]) -> None:
    plan = {f"r{at}": planned for at, planned in enumerate(counts)}
    sent = {name: planned // 2 for name, planned in plan.items()}
    assert planned_by_name(sent, plan, sum(counts)) == plan


def test_the_figures_of_a_run_so_far_are_those_that_its_report_will_have() -> None:
    report, stats = mixed(), Stats()
    stats.response.record(700, 3)
    stats.sent, stats.completed, stats.status = 4, 3, {200: 3}
    stats.checked("status 2xx", 3, 0)
    stats.checked("time < 1ms", 2, 1)
    [home, order] = live(["home", "order"], {"home": stats}, 1.5)
    assert (home["rate"], home["good"], home["in_flight"], home["p95"]) == (2.0, 3, 1, 700)
    assert (home["checks_passed"], home["checks_failed"]) == (5, 1)
    assert (order["name"], order["sent"], order["rate"]) == ("order", 0, 0.0)
    for entry in of_report(report["by_request"]):
        assert entry.keys() == home.keys() == RequestFigures.__annotations__.keys()
