"""JUnit: how the run ended and its verdict as cases, the figures as properties."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

import pytest

from gluten.report.formats.junit import Case, Suite, as_junit, document
from gluten.task.task import Task
from tests.support.reports import URL, build, closed, head, node, rated, second, with_slos
from tests.support.session_reports import sold


def suite(report: Any) -> ElementTree.Element:
    root = ElementTree.fromstring(as_junit(report))
    assert root.tag == "testsuites"
    (found,) = root
    assert found.tag == "testsuite"
    return found


def kinds(report: Any) -> list[str | None]:
    """What each case has in it."""
    return [case[0].tag if len(case) else None for case in suite(report).iter("testcase")]


def test_a_valid_run_passes() -> None:
    found = suite(closed())
    assert (found.get("tests"), found.get("failures"), found.get("errors")) == ("3", "0", "0")
    names = [case.get("name") for case in found.iter("testcase")]
    assert names == ["the run finished", "the measurement can be trusted", "most requests were good"]
    assert kinds(closed()) == [None, "system-out", None]


def test_a_suspect_verdict_passes_and_says_why() -> None:
    report = rated()
    assert report["verdict"]["value"] == "suspect"
    assert suite(report).get("failures") == "0"
    said, errors = suite(report).iter("system-out")
    assert errors.text == "failed 4, bad status 15\n200 96, 503 15"
    assert said.text == "\n".join(["suspect", *report["verdict"]["reasons"]])


def test_an_invalid_verdict_is_a_failure_with_its_reasons() -> None:
    report = build(Task(URL, threads=1), head(), [node("a", [second(0, {})])])
    assert report["verdict"]["value"] == "invalid"
    found = suite(report)
    assert found.get("failures") == "1"
    (failure,) = found.iter("failure")
    assert failure.get("message") == "the verdict is invalid"
    assert failure.text == "\n".join(report["verdict"]["reasons"])


def test_a_run_that_failed_is_an_error() -> None:
    report = build(Task(URL), head(state="failed", reason="the target cannot be reached", started_at=None), [])
    found = suite(report)
    assert found.get("errors") == "1"
    (error,) = found.iter("error")
    assert error.get("message") == "the run failed: the target cannot be reached"
    assert found.get("timestamp") is None


def test_a_run_that_was_stopped_passes_and_says_so() -> None:
    report = closed() | {"state": "stopped", "reason": "stopped by a person"}
    assert kinds(report) == ["system-out", "system-out", None]


def test_the_properties_are_the_json_report_s_figures() -> None:
    report = rated()
    found = {one.get("name"): str(one.get("value")) for one in suite(report).iter("property")}
    assert json.loads(found["rate"]) == report["rate"]
    assert json.loads(found["requests.completed"]) == report["requests"]["completed"]
    assert json.loads(found["response_time.p99"]) == report["response_time"]["p99"]
    assert json.loads(found["errors.timeout"]) == 3
    assert found["verdict.value"] == "suspect"
    assert "requests.planned" not in {one.get("name") for one in suite(closed()).iter("property")}


@pytest.mark.parametrize("name", ["<b>&amp;\"'", "a\x00b\x1b[31m", "漢字"])
def test_no_name_breaks_the_document(name: str) -> None:
    assert suite(closed() | {"name": name}).get("name") is not None


def test_a_document_counts_over_its_suites() -> None:
    text = document(
        [
            (Suite("a", 1.0), [Case("x"), Case("y", "failure", "no")]),
            (Suite("b", 2.0), [Case("z", "error", "gone")]),
        ]
    )
    root = ElementTree.fromstring(text)
    assert [root.get(name) for name in ("tests", "failures", "errors")] == ["3", "1", "1"]


def test_a_target_that_answers_500_to_everything_is_a_failure() -> None:
    report = build(Task(URL, threads=1, duration=1.0), head(), [node("a", [second(0, {1000: 40}, status=500)])])
    assert report["verdict"]["value"] == "valid"
    assert suite(report).get("failures") == "1"
    (failure,) = suite(report).iter("failure")
    assert failure.get("message") == "100.0% of the requests were errors: bad status 40"
    assert failure.text == "bad status 40\n500 40\nmost answers have a bad status (4xx or 5xx): 40 of 40"
    found = {one.get("name"): one.get("value") for one in suite(report).iter("property")}
    assert (found["requests.good"], found["status.500"]) == ("0", "40")
    assert found["verdict.note.1"] == "most answers have a bad status (4xx or 5xx): 40 of 40"


def test_redirects_alone_are_no_failure_but_leave_a_trace() -> None:
    report = build(Task(URL, threads=1, duration=1.0), head(), [node("a", [second(0, {1000: 40}, status=301)])])
    assert suite(report).get("failures") == "0"
    told = [str(said.text) for said in suite(report).iter("system-out")]
    assert told[-1].startswith("301 40\nmost answers are redirects")


def test_the_good_requests_of_an_earlier_version_s_report_follow_from_its_statuses() -> None:
    report = rated()
    del report["requests"]["good"]
    found = {one.get("name"): one.get("value") for one in suite(report).iter("property")}
    assert found["requests.good"] == "96"


def test_each_slo_is_a_case_of_its_own_before_the_others() -> None:
    found = suite(with_slos("p99 < 5ms", "p99.9 < 1ms", "errors < 0.5%"))
    cases = list(found.iter("testcase"))
    assert [case.get("name") for case in cases[:4]] == [
        "SLO: p99 < 5ms", "SLO: p99.9 < 1ms", "SLO: errors < 0.5%", "the run finished",
    ]  # fmt: skip
    assert [case[0].tag for case in cases[:3]] == ["system-out", "failure", "system-out"]
    assert cases[1][0].get("message") == "SLO missed: p99.9 < 1ms (10.00ms)"
    assert cases[2][0].text == "value 0%, limit 0.5%, not sure"
    assert found.get("failures") == "1"


def test_with_slo_sure_one_that_is_not_sure_is_a_failure() -> None:
    assert suite(with_slos("errors < 0.5%", slo_sure=True)).get("failures") == "1"
    assert suite(with_slos("errors < 10%", slo_sure=True)).get("failures") == "0"


def test_sessions_scenarios_and_groups_are_properties() -> None:
    found = {one.get("name"): one.get("value") for one in suite(sold()).iter("property")}
    assert found["sessions.begun"] == "98"
    assert found["sessions.most"] == "47"
    assert float(str(found["sessions.time.p50"])) == pytest.approx(2e6, rel=0.001)
    assert found["by_scenario.browse.ended"] == "5"
    assert found["by_scenario.<b>buy</b>.finished"] == "18"
    assert found["groups.checkout.count"] == "17"
    assert found["by_request.view.skipped"] == "6"
    assert not [name for name in found if name is None or ".steps" in name or name.endswith(".name")]


def test_a_closed_loop_has_no_property_of_planned_sessions() -> None:
    found = {one.get("name") for one in suite(sold(planned=False)).iter("property")}
    assert "sessions.begun" in found
    assert "sessions.planned" not in found


def test_a_run_whose_sessions_were_mostly_not_good_is_a_failure() -> None:
    report = sold()
    counts = {"begun": 10, "finished": 4, "good": 4, "ended": 0, "cut": 6, "active": 0}
    for state, failed in (("finished", True), ("stopped", False)):
        changed = report | {"state": state, "sessions": report["sessions"] | counts}
        cases = {case.get("name"): case for case in suite(changed).iter("testcase")}
        case = cases["most sessions were good"]
        assert (case.find("failure") is not None) is failed
    assert case.find("failure") is None
    assert "most sessions were good" not in {case.get("name") for case in suite(closed()).iter("testcase")}
