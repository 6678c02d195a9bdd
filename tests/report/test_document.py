"""The sums of the report document hold for any nodes, and it has all keys of the contract."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.plan.schedule import schedule_of
from gluten.report.load_duration import duration
from gluten.report.results import NodeResult
from gluten.stats import hdr
from gluten.stats.delta import Delta
from gluten.stats.request_stats import ERROR_KINDS
from gluten.task.task import Task
from tests.support.reports import URL, build, closed, head, node, rated, second

QUANTILES = {"min", "mean", "stdev", "max", "p50", "p75", "p90", "p95", "p99", "p99_9", "p99_99"}
CONTRACT = {
    "schema", "id", "name", "state", "reason", "url", "started_at", "duration", "task", "requests", "rate", "status",
    "errors", "bytes", "response_time", "service_time", "seconds", "nodes", "verdict",
}  # fmt: skip
OURS = {"number", "link", "events", "plan", "samples", "lateness"}
NODE_KEYS = {
    "name", "cores", "threads", "connections", "rate", "completed", "failed", "cpu", "lateness_p99", "start_skew",
    "lost", "good", "asked", "achieved", "lag_p99", "host_cpu", "steal", "ended",
}  # fmt: skip


def check_sums(report: Any) -> None:
    requests = report["requests"]
    assert requests["sent"] == requests["completed"] + requests["failed"] + requests["in_flight"]
    if requests["planned"] is not None:
        assert requests["planned"] == requests["sent"] + requests["dropped"]
    assert sum(report["status"].values()) == requests["completed"]
    assert sum(report["errors"].values()) == requests["failed"]
    for count in ("sent", "completed", "good", "failed"):
        assert sum(row[count] for row in report["seconds"]) == requests[count]
        assert sum(part[count] for part in report["nodes"]) == requests[count]
    for row in report["seconds"]:
        assert sum(part["completed"] for part in row["nodes"].values()) == row["completed"]


@pytest.mark.parametrize("report", [closed(), rated(), build(Task(URL), head(), [])])
def test_every_key_of_the_contract_is_there(report: Any) -> None:
    assert set(report) >= CONTRACT | OURS
    assert report["schema"] == "gluten.report/1"
    assert set(report["requests"]) == {
        "planned",
        "sent",
        "completed",
        "good",
        "failed",
        "in_flight",
        "dropped",
        "skipped",
    }
    assert set(report["bytes"]) == {"read", "written"}
    for times in ("response_time", "service_time", "lateness", "lag"):
        assert set(report[times]) >= QUANTILES | {"hdr"}
    for row in report["seconds"]:
        assert set(row) >= {"second", "completed", "failed", "p50", "p99"}
    for part in report["nodes"]:
        assert set(part) >= NODE_KEYS
    assert set(report["verdict"]) == {"value", "reasons"}
    assert set(report["errors"]) <= set(ERROR_KINDS)


@pytest.mark.parametrize("report", [closed(), rated(), build(Task(URL), head(), [])])
def test_a_report_is_plain_json(report: Any) -> None:
    assert json.loads(json.dumps(report, allow_nan=False)) == report


def test_the_figures_of_a_closed_loop() -> None:
    report = closed()
    assert report["requests"] == {
        "planned": None,
        "sent": 300,
        "completed": 300,
        "good": 300,
        "failed": 0,
        "in_flight": 0,
        "dropped": 0,
        "skipped": 0,
    }
    assert (report["duration"], report["rate"]) == (3.0, 100.0)
    assert report["bytes"] == {"read": 30_000, "written": 15_000}
    times = report["response_time"]
    assert (times["min"], times["p50"], times["p99"], times["max"], times["mean"]) == (1000, 1000, 2000, 10_000, 1180.0)
    assert len(hdr.decode(times["hdr"])) == 300


def test_the_rate_is_what_its_reader_computes_to_the_digit() -> None:
    """The rate is completed over the duration as it is written, not over a duration of more digits."""
    delta = second(0, {1000: 1000}, drained=0.0123456789)
    report = build(Task(URL, threads=1, connections=10), head(), [node("alpha", [delta], ended=0.0255913)])
    assert report["rate"] == report["requests"]["completed"] / report["duration"]
    assert report["nodes"][0]["rate"] == report["rate"]


def test_the_figures_of_a_constant_rate() -> None:
    report = rated()
    check_sums(report)
    # 40/s over 3 s are planned; beta sent 20 + 20 + 15
    assert report["requests"] == {
        "planned": 120,
        "sent": 115,
        "completed": 111,
        "good": 96,
        "failed": 4,
        "in_flight": 0,
        "dropped": 5,
        "skipped": 0,
    }
    assert report["rate"] == 37.0
    assert report["errors"] == {"reset": 1, "timeout": 3}
    assert report["status"] == {"200": 96, "503": 15}


@st.composite
def node_results(draw: st.DrawFn, name: str) -> NodeResult:
    seconds = []
    for at in range(draw(st.integers(0, 4))):
        delta = second(at, draw(st.dictionaries(st.integers(1, 10**6), st.integers(1, 50), max_size=4)))
        for kind in draw(st.lists(st.sampled_from(ERROR_KINDS), max_size=4)):
            delta.of().fail(kind, "why")
        delta.of().sent = delta.completed + delta.failed
        seconds.append(delta)
    if seconds:
        seconds[-1].in_flight = draw(st.integers(0, 5))
        seconds[-1].of().sent += seconds[-1].in_flight
    return node(name, seconds, lost=draw(st.booleans()))


@given(
    st.lists(st.sampled_from("abc"), unique=True).flatmap(lambda names: st.tuples(*map(node_results, names))),
    st.sampled_from(["finished", "stopped", "failed"]),
    st.none() | st.floats(1.0, 100.0),
    st.lists(st.tuples(st.floats(0.0, 4.0), st.floats(1.0, 100.0)), max_size=2),
)
def test_the_sums_hold_whatever_the_nodes_say(
    nodes: tuple[NodeResult, ...], state: str, rate: float | None, adjustments: list[tuple[float, float]]
) -> None:
    task = Task(URL, threads=2, connections=4, duration=4.0, rate=rate)
    report = build(task, head(state=state, adjustments=sorted(adjustments)), nodes)
    check_sums(report)
    json.dumps(report, allow_nan=False)


def test_what_a_lost_node_did_not_send_was_dropped() -> None:
    # 40/s over 3 s; beta is gone after the first second: 20 + 60 sent of 120
    nodes = [
        node("alpha", [second(at, {1000: 20}) for at in range(3)], rate=20.0),
        node("beta", [second(0, {1000: 20})], rate=20.0, lost=True),
    ]
    report = build(Task(URL, threads=2, connections=2, duration=3.0, rate=40.0), head(), nodes)
    assert report["requests"]["dropped"] == 40
    assert report["verdict"]["value"] == "suspect"
    assert any("beta" in reason and "lost" in reason for reason in report["verdict"]["reasons"])


@pytest.mark.parametrize(
    ("asked", "state", "value"),
    [
        ({"duration": 60.0, "rate": 40.0}, "failed", "invalid"),  # 120 of 2400
        ({"duration": 60.0}, "failed", "invalid"),  # 3 s of 60
        ({"duration": 60.0}, "stopped", "suspect"),  # somebody asked for it
        ({"duration": 5.0}, "failed", "suspect"),  # 3 s of 5
        ({"requests": 1000, "duration": None}, "failed", "invalid"),  # 120 of 1000
        ({"requests": 130, "duration": 60.0}, "failed", "suspect"),  # 120 of 130
    ],
)
def test_a_run_that_lost_all_its_nodes_before_half_of_its_load_is_invalid(
    asked: dict[str, Any], state: str, value: str
) -> None:
    nodes = [node("alpha", [second(at, {1000: 40}) for at in range(3)], rate=40.0, lost=True)]
    report = build(Task(URL, threads=1, connections=1, **asked), head(state=state), nodes)
    assert report["verdict"]["value"] == value


def test_a_stopped_run_planned_only_what_was_due_until_then() -> None:
    nodes = [node("alpha", [second(at, {1000: 40}) for at in range(2)], rate=40.0)]
    task = Task(URL, threads=1, connections=1, duration=60.0, rate=40.0)
    report = build(task, head(state="stopped"), nodes)
    assert (report["requests"]["planned"], report["duration"]) == (80, 2.0)


@pytest.mark.parametrize("state", ["running", "stopping"])
def test_what_is_still_to_come_of_a_run_is_not_dropped(state: str) -> None:
    task = Task(URL, threads=1, connections=4, duration=10.0, rate=40.0)
    seconds = [second(0, {1000: 40}), second(1, {1000: 38}, dropped=2)]
    report = build(task, head(state=state), [node("alpha", seconds)])
    assert (report["requests"]["planned"], report["requests"]["dropped"]) == (80, 2)
    assert report["verdict"]["value"] == "suspect"
    assert report["verdict"]["reasons"][0].startswith("2.5% of the planned requests")
    assert build(task, head(), [node("alpha", seconds)])["requests"]["dropped"] == 400 - 78


def test_what_was_sent_before_an_adjustment_took_it_back_was_planned() -> None:
    # 5/s from 1.0 s on came so late that 10 were sent in that second, too
    task = Task(URL, threads=1, connections=1, duration=2.0, rate=10.0)
    nodes = [node("alpha", [second(at, {1000: 10}) for at in range(2)])]
    report = build(task, head(adjustments=[(1.0, 5.0)]), nodes)
    assert report["requests"]["planned"] == report["requests"]["sent"] == 20
    assert report["verdict"] == {"value": "suspect", "reasons": ["20 requests were sent of 15 planned"]}


def test_an_adjusted_run_planned_what_the_adjustments_asked() -> None:
    # 10/s for 2 s, then 20/s for 1 s
    task = Task(URL, threads=1, connections=1, duration=3.0, rate=10.0)
    seconds = [second(at, {1000: count}) for at, count in enumerate((10, 10, 20))]
    report = build(task, head(adjustments=[(2.0, 20.0)]), [node("alpha", seconds, rate=10.0)])
    assert report["requests"]["planned"] == 40
    assert [row["asked"] for row in report["seconds"]] == [10.0, 10.0, 20.0]


@pytest.mark.parametrize(
    ("drained", "length"),
    [(0.0, 10.0), (5.0, 10.5)],  # 10 connections waited 5 s in all: half a second each
)
def test_the_last_responses_of_a_closed_loop_take_their_time(drained: float, length: float) -> None:
    total = Delta()
    total.drained = drained
    assert duration(Task(URL), None, 10.0, total) == length


def test_a_schedule_lasts_until_its_end_however_long_the_last_response_takes() -> None:
    task = Task(URL, duration=10.0, rate=5.0)
    assert duration(task, schedule_of(task, []), 10.0, Delta()) == 10.0
    assert duration(task, schedule_of(task, []), 4.0, Delta()) == 4.0


def test_secrets_are_not_in_a_report() -> None:
    task = Task("http://u:hunter2@127.0.0.1/", headers=(("Authorization", "hunter2"),))
    assert "hunter2" not in json.dumps(build(task, head(), []))


def test_nothing_is_asked_after_the_end() -> None:
    late = [second(at, {1000: 10}) for at in range(2)] + [second(2, {1000: 1}, sent=0)]
    late[1].of().sent = 11
    task = Task(URL, threads=1, connections=1, duration=2.0, rate=10.0)
    report = build(task, head(), [node("alpha", late, ended=2.0)])
    assert [row["asked"] for row in report["seconds"]] == [10.0, 10.0, 0.0]


def test_the_generator_s_cpu_is_its_mean_over_whole_seconds() -> None:
    seconds = [second(0, {1: 1}, cpu=0.2), second(1, {1: 1}, cpu=0.6), second(2, {1: 1}, cpu=0.0)]
    assert node("alpha", seconds, ended=2.0).cpu == pytest.approx(0.4)
