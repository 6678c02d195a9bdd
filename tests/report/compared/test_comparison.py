"""Runs are compared: what changed, whether it is noise, and which tasks differ."""

from __future__ import annotations

from typing import Any

import pytest

from gluten.report.compared.comparison import (
    TIMES,
    differences,
    named_differences,
    samples,
    scenario_differences,
    unlike,
)
from gluten.report.compared.document import comparison
from gluten.report.compared.named import numbered
from gluten.report.compared.regressions import regressions
from gluten.report.compared.shared_requests import of_request, shared_names
from gluten.report.compared.shared_scenarios import of_scenario, shared_scenarios
from gluten.task.task import Task
from tests.support.reports import URL, build, head, mixed, node, second, visited, visits
from tests.support.session_reports import BROWSE, BUY, sold

Report = Any


def run(micros: int = 1000, count: int = 100, seconds: int = 20, number: int = 1, **task: Any) -> Report:
    """A run with `count` requests a second, a little more in every other one, and likewise for the times."""
    deltas = [second(at, {micros + at % 2: count + at % 2, 2 * micros: 1}) for at in range(seconds)]
    values: dict[str, Any] = {"url": URL, "threads": 1, "connections": 10, "duration": float(seconds)}
    asked = Task(**(values | task))
    return build(asked, head(number=number), [node("alpha", deltas)])


def by_name(a: Report, b: Report) -> Any:
    return {one.what: one for one in differences(a, b)}


def test_a_run_does_not_differ_from_itself() -> None:
    for one in differences(run(), run()):
        assert (one.change, one.regression, one.exceeds_noise) == (0, 0, False)


def test_slower_is_worse_and_less_is_worse() -> None:
    found = by_name(run(), run(1200, 80))
    assert found["p50"].change == pytest.approx(0.2, abs=0.01)
    assert found["p50"].regression == found["p50"].change
    assert found["requests/s"].change == pytest.approx(-0.198, abs=0.01)
    assert found["requests/s"].regression == -found["requests/s"].change
    assert all(one.exceeds_noise for name, one in found.items() if name != "errors")


def test_a_faster_run_is_not_a_regression() -> None:
    found = by_name(run(), run(800, 120))
    assert {one.regression for one in found.values()} == {0}
    assert found["p99"].exceeds_noise


def test_a_regression_is_more_than_the_limit_and_more_than_noise() -> None:
    (p50,) = [one for one in differences(run(), run(1200)) if one.what == "p50"]
    assert p50.regressed(0.1)
    assert not p50.regressed(0.25)
    a = run(seconds=20)
    noisy = run(1000, seconds=20)
    noisy["response_time"] = noisy["response_time"] | {"p99": 9999}  # one second's outlier, the others alike
    (p99,) = [one for one in differences(a, noisy) if one.what == "p99"]
    assert p99.change > 0.1
    assert not p99.regressed(0.1)


def test_short_runs_are_judged_by_the_limit_alone() -> None:
    (p50,) = [one for one in differences(run(seconds=3), run(1200, seconds=3)) if one.what == "p50"]
    assert p50.exceeds_noise is None
    assert p50.regressed(0.1)


def test_the_errors_share_differs_by_itself() -> None:
    a, b = run(), run()
    # 1 of 20 that were answered or failed
    b["requests"] = b["requests"] | {"failed": b["requests"]["completed"] // 19}
    assert by_name(a, b)["errors"].change == pytest.approx(0.05, abs=0.001)


def test_the_first_second_and_what_follows_the_last_whole_one_are_no_samples() -> None:
    report = run(seconds=5)
    report["duration"] = 4.5
    assert len(samples(report, lambda row: row["second"])) == 3
    assert samples(report, lambda row: row["second"]) == [1, 2, 3]


def test_a_long_run_has_the_means_of_batches_as_samples() -> None:
    report: Any = {"seconds": [{"second": at} for at in range(1502)], "duration": 1502.0}
    # 1500 seconds from 1 to 1500: batches of 3
    found = samples(report, lambda row: row["second"])
    assert len(found) == 500
    assert found[:2] == [2, 5]
    assert found[-1] == 1499


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"url": "http://127.0.0.1:9/"}, "url: http://127.0.0.1:8080/ and http://127.0.0.1:9/"),
        ({"connections": 20}, "connections: 10 and 20"),
        ({"rate": 50.0}, "rate: none and 50"),
        ({"stages": ((0.0, 0.0), (30.0, 1500.0))}, "stages: none and 0s:0, 30s:1500"),
        ({"duration": 90.0}, "duration: 20s and 1m30s"),
        ({"method": "POST"}, "method: GET and POST"),
        ({"keepalive": False}, "keepalive: True and False"),
    ],
)
def test_what_makes_runs_unlike_is_named(change: Any, word: str) -> None:
    assert word in unlike(run(), run(**change))


STAGES = ((0.0, 100.0), (20.0, 100.0))


@pytest.mark.parametrize(
    ("first", "other", "judged"),
    [
        ({"rate": 100.0}, {"rate": 50.0}, False),
        ({"rate": 50.0}, {"rate": 100.0}, False),
        ({"rate": 100.0}, {"stages": STAGES}, False),
        ({"rate": 100.0}, {"rate": 100.0}, True),
        ({"stages": STAGES}, {"stages": STAGES}, True),
        ({"rate": 100.0}, {}, True),
        ({}, {}, True),
    ],
)
def test_throughput_is_not_judged_between_rates_that_differ(first: Any, other: Any, judged: bool) -> None:
    a, b = run(1000, 100, **first), run(1500, 50, **other)
    found = by_name(a, b)
    assert (found["requests/s"].judged, found["requests/s"].regressed(0.1)) == (judged, judged)
    assert found["p50"].judged
    assert found["p50"].regressed(0.1)
    assert any("requests/s is not judged" in why for why in unlike(a, b)) != judged
    assert ("requests/s" in regressions(numbered([a, b]), 0.1)[0]) == judged


FILE = "url = 'http://h'\n[request.a]\nget = '/a'\n"


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        (
            {"workload": FILE},
            {"workload": FILE.replace("/a", "/b")},
            "workload: from line 3 on: get = '/a' and get = '/b'",
        ),
        ({"workload": FILE}, {"workload": FILE + "body = 'x'\n"}, "workload: from line 4 on: its end and body = 'x'"),
        ({"workload": FILE, "files": {"u.csv": "0123456789"}}, {"workload": FILE}, "files: u.csv 01234567 and none"),
    ],
)
def test_of_files_that_differ_only_the_difference_is_shown(a: Any, b: Any, said: str) -> None:
    first, second = (report | {"task": report["task"] | task} for report, task in ((run(), a), (run(), b)))
    assert unlike(first, second) == [said]


def test_a_run_that_ended_early_or_is_not_valid_is_unlike() -> None:
    assert unlike(run(), run()) == []
    stopped = run(number=2) | {"state": "stopped", "verdict": {"value": "suspect", "reasons": []}}
    assert unlike(run(), stopped) == ["run 2 was stopped", "run 2's verdict is suspect"]


def test_other_nodes_make_runs_unlike() -> None:
    wide = run()
    wide["nodes"] = wide["nodes"] * 2
    assert unlike(run(), wide) == ["nodes: 1 and 2"]


def test_each_later_run_is_compared_with_the_first() -> None:
    found = comparison(numbered([run(number=1), run(1200, number=2), run(800, number=3)]))
    assert [one["number"] for one in found["runs"]] == [1, 2, 3]
    assert len(found["pairs"]) == 2
    assert found["differences"] == found["pairs"][0]["differences"]
    assert [one["what"] for one in found["differences"]] == ["requests/s", *TIMES, "errors"]
    p50 = [pair["differences"][1]["change"] for pair in found["pairs"]]
    assert p50[0] > 0 > p50[1]


def test_a_run_without_an_answer_is_not_faster() -> None:
    dead = run(number=2)
    dead["requests"] = dead["requests"] | {"completed": 0, "good": 0, "failed": 100}
    dead["response_time"] = dict.fromkeys(dead["response_time"], 0)
    found = by_name(run(), dead)
    assert all((found[name].change, found[name].exceeds_noise) == (0.0, None) for name in TIMES)
    assert found["errors"].b == 1.0


def test_a_bad_status_is_an_error_as_a_failure_is() -> None:
    a, b = run(), run(number=2)
    b["requests"] = b["requests"] | {"good": b["requests"]["completed"] // 2}
    assert by_name(a, b)["errors"].regression == pytest.approx(0.5, abs=0.001)
    del b["requests"]["good"]  # as an earlier version stored it
    b["status"] = {"500": b["requests"]["completed"]}
    assert by_name(a, b)["errors"].b == 1.0


def test_named_requests_that_both_runs_have_are_compared_by_name() -> None:
    named = named_differences(mixed(), mixed())
    assert list(named) == ["request", "view"]
    for found in named.values():
        assert all((one.change, one.regression) == (0, 0) for one in found)
    rates = [next(one.a for one in found if one.what == "requests/s") for found in named.values()]
    assert sum(rates) == pytest.approx(mixed()["rate"])
    pair = comparison(numbered([mixed(), mixed()]))["pairs"][0]
    assert [one["name"] for one in pair["by_request"]] == list(named)


def test_a_request_is_compared_by_its_own_seconds() -> None:
    slow = mixed()
    for row in slow["seconds"]:
        row["by_request"] = row["by_request"] | {"view": row["by_request"]["view"] | {"p50": 900_000}}
    of_view = of_request(slow, "view")
    assert {row["p50"] for row in of_view["seconds"]} == {900_000}
    assert {row["completed"] for row in of_request(slow, "request")["seconds"]} == {4}


def test_scenarios_that_both_runs_have_are_compared_by_their_sessions() -> None:
    before = visited(*[visits(at, browse=8 + at % 2) for at in range(20)], number=1)
    after = visited(*[visits(at, browse=6 + at % 2, micros=1_500_000 + at % 2) for at in range(20)], number=2)
    assert shared_scenarios([before, after]) == ["browse", "buy"]
    found = scenario_differences(before, after)
    browse, buy = ({one.what: one for one in found[name]} for name in ("browse", "buy"))
    assert list(browse) == ["sessions/s", *TIMES, "errors"]
    assert (browse["sessions/s"].a, browse["sessions/s"].b) == (8.5, 6.5)
    assert browse["sessions/s"].exceeds_noise
    assert buy["sessions/s"].change == 0
    assert buy["p50"].change == pytest.approx(0.5, abs=0.01)
    assert buy["p50"].exceeds_noise
    # One of three sessions was ended by a request.
    assert browse["errors"].a == 0
    assert buy["errors"].a == pytest.approx(1 / 3)
    pair = comparison(numbered([before, after]))["pairs"][0]
    assert [one["name"] for one in pair["by_scenario"]] == ["browse", "buy"]
    assert pair["by_scenario"][0]["differences"][0]["what"] == "sessions/s"


def test_runs_without_scenarios_have_no_sessions_to_compare() -> None:
    assert shared_scenarios([run(), visited(visits(0))]) == []
    assert comparison(numbered([run(), run()]))["by_scenario"] == []


def test_runs_of_one_url_have_nothing_to_compare_by_name() -> None:
    assert shared_names([run(), run()]) == []
    assert named_differences(run(), mixed()) == {}


def test_sessions_are_compared_by_scenario() -> None:
    fewer = sold()
    fewer["by_scenario"][0] |= {"finished": 35, "good": 30}
    found = {one.what: one for one in scenario_differences(sold(), fewer)[BROWSE]}
    assert list(found) == ["sessions/s", *TIMES, "errors"]
    assert found["sessions/s"].change == pytest.approx(-0.5)
    assert found["p50"].change == 0
    # of 70 finished and 5 ended 68 were good, then of 35 and 5 only 30
    assert found["errors"].change == pytest.approx(10 / 40 - 7 / 75)
    assert [one.change for one in scenario_differences(sold(), fewer)[BUY]] == [0] * len(found)


def test_a_scenario_is_compared_by_its_own_seconds() -> None:
    report = sold()
    seen = {"finished": 30, "ended": 2, "good": 29, "dropped": 0}
    times = dict.fromkeys(("mean", "p50", "p90", "p95", "p99", "p99_9", "max"), 7)
    report["seconds"][0]["by_scenario"] = {BROWSE: seen | times}
    first, second = of_scenario(report, BROWSE)["seconds"]
    assert (first["completed"], first["failed"], first["good"], first["p50"]) == (30, 2, 29, 7)
    assert (second["completed"], second["failed"], second["status"]) == (0, 0, {})


def test_runs_are_compared_by_the_scenarios_that_both_have() -> None:
    other = sold()
    other["by_scenario"] = other["by_scenario"][1:]
    assert shared_scenarios([sold(), other]) == [BUY]
    assert shared_scenarios([sold(), mixed()]) == []
    (pair,) = comparison(numbered([sold(), other]))["pairs"]
    assert [one["name"] for one in pair["by_scenario"]] == [BUY]
    (plain,) = comparison(numbered([run(), run()]))["pairs"]
    assert plain["by_scenario"] == []
