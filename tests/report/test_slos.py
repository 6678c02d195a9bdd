"""The SLOs of a report: judged over all nodes and the whole run, and by the whole seconds of load in windows."""

from __future__ import annotations

from typing import Any

import pytest

from gluten.task.task import Task
from tests.support.reports import URL, build, head, node, second, shop


def states(report: Any) -> list[tuple[str, Any]]:
    return [(entry["state"], entry["value"]) for entry in report["slo"]]


def a_report(*texts: str, nodes: Any, state: str = "finished", **task: Any) -> Any:
    values: dict[str, Any] = {"threads": 1, "connections": 10, "duration": 3.0} | task
    return build(Task(URL, slo=texts, **values), head(state=state), nodes)


def test_a_report_without_slos_has_an_empty_list() -> None:
    assert a_report(nodes=[node("a", [second(0, {1000: 5})])])["slo"] == []


def test_the_seconds_of_all_nodes_are_merged() -> None:
    nodes = [node(name, [second(at, {1000: count}) for at in range(3)]) for name, count in (("a", 40), ("b", 60))]
    report = a_report("rate >= 100 over 3s", "p99 < 2ms", "rate > 100", nodes=nodes)
    assert states(report) == [("holds", 100.0), ("holds", 1000.0), ("missed", 100.0)]


def test_the_answers_after_the_end_of_load_count_in_the_whole_run_and_in_no_window() -> None:
    late = second(3, {900_000: 5})
    late.of().sent = 0
    deltas = [*(second(at, {1000: 100}) for at in range(3)), late]
    report = a_report("rate >= 100 over 1s", "p99 < 2ms for 1s", "p99 < 2ms", nodes=[node("a", deltas, ended=3.0)])
    assert states(report) == [("holds", 100.0), ("holds", 1000.0), ("missed", pytest.approx(900_000, rel=0.01))]


def test_what_was_planned_and_not_sent_is_dropped_whatever_the_reason() -> None:
    nodes = [node("a", [second(at, {1000: 30}) for at in range(3)], rate=40.0)]
    report = a_report("dropped < 20%", "dropped < 31", nodes=nodes, rate=40.0)
    assert report["requests"]["dropped"] == 30
    assert states(report) == [("missed", 0.25), ("holds", 30.0)]


def test_each_request_of_a_mix_is_judged_by_its_name() -> None:
    nodes = [node("a", [shop(0), shop(1)])]
    report = a_report("p50 of view < 1ms", "errors of request == 0", "errors of each < 1%", nodes=nodes, duration=2.0)
    assert [entry["state"] for entry in report["slo"]] == ["holds", "holds", "missed"]
    assert report["slo"][2]["request"] == "view"


def test_while_the_run_goes_on_nothing_measured_is_not_missed() -> None:
    assert states(a_report("p99 < 1s", nodes=[], state="running")) == [("unmeasured", None)]
    assert states(a_report("p99 < 1s", nodes=[], state="stopped")) == [("missed", None)]
