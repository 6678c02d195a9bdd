"""With a warmup, times, rate and SLOs are of what was due after it; counts are of the whole run."""

from __future__ import annotations

from typing import Any

from gluten.cluster.run.ledger import Ledger
from gluten.report.compared import comparison
from gluten.report.formats.text import render, thread_rates
from gluten.report.slos import live_slos, so_far
from gluten.stats.delta import Delta
from gluten.task.task import Task
from tests.support.reports import URL, build, head, node, second

SLOS = ("p99 < 5ms", "max < 5ms over 1s", "errors < 1%", "rate > 90")


def task(**more: Any) -> Task:
    asked: dict[str, Any] = {"threads": 1, "connections": 10, "duration": 4.0, "warmup": 2.0}
    return Task(URL, **(asked | more))


def seconds(status: int = 500) -> list[Delta]:
    """Two seconds of 50 bad and slow answers, then two of 100 good ones that take 1 ms."""
    slow = [second(at, {800_000: 50}, status) for at in (0, 1)]
    return [*slow, *(second(at, {1000: 100}) for at in (2, 3))]


def report(**more: Any) -> Any:
    return build(task(**more), head(), [node("alpha", seconds())])


def test_the_report_says_what_was_measured() -> None:
    assert report()["measured"] == {"from": 2, "to": 4, "completed": 200}
    assert report(warmup=None)["measured"] is None


def test_times_and_rate_are_of_the_measured_part() -> None:
    found = report()
    assert (found["response_time"]["max"], found["service_time"]["max"], found["rate"]) == (1000, 500, 100.0)
    (entry,) = found["by_request"]
    assert (entry["response_time"]["p99"], entry["rate"]) == (found["response_time"]["p99"], 100.0)
    assert found["nodes"][0]["rate"] == 100.0


def test_counts_are_of_the_whole_run() -> None:
    found, whole = report(), report(warmup=None)
    for key in ("requests", "status", "errors", "bytes", "duration"):
        assert found[key] == whole[key]
    (entry,), (other,) = found["by_request"], whole["by_request"]
    assert {name: entry[name] for name in ("sent", "completed", "good", "failed", "status")} == {
        name: other[name] for name in ("sent", "completed", "good", "failed", "status")
    }


def test_slos_are_judged_by_the_measured_part() -> None:
    assert [entry["state"] for entry in report(slo=SLOS)["slo"]] == ["holds"] * 4
    assert [entry["state"] for entry in report(slo=SLOS, warmup=None)["slo"]] == ["missed"] * 4


def test_a_run_that_ends_in_its_warmup_has_measured_nothing() -> None:
    found = build(task(slo=SLOS), head(state="stopped"), [node("alpha", seconds()[:1])])
    assert found["measured"] == {"from": 2, "to": 2, "completed": 0}
    assert (found["rate"], found["response_time"]["max"], found["requests"]["completed"]) == (0.0, 0, 50)
    assert {entry["state"] for entry in found["slo"]} == {"missed"}


def test_planned_requests_of_the_warmup_count_for_no_slo_of_what_was_dropped() -> None:
    """100 of 400 planned requests were dropped: of those due after the warmup that is a half."""
    paced = task(rate=100.0, slo=("dropped < 40%", "dropped < 60%"))
    parts = [node("alpha", [second(at, {1000: 100}) for at in range(3)], ended=4.0)]
    assert [entry["state"] for entry in build(paced, head(), parts)["slo"]] == ["missed", "holds"]


def test_while_the_run_goes_on_the_seconds_of_the_warmup_count_for_no_slo() -> None:
    asked, ledger = task(slo=SLOS[:3]), Ledger(2)
    slos = live_slos(asked)
    assert slos is not None
    states = []
    for number, delta in enumerate(seconds()):
        ledger.add("alpha", 1, number + 1, delta, 1)
        slos.look(delta.second, ledger.deltas[delta.second])
        seen = so_far(asked, None, ledger.total, ledger.last_sent(), ledger.measured)
        slos.judge(seen, None, lambda first, last: ledger.deltas[last])
        states.append([entry["state"] for entry in slos.entries])
    assert states[1] == ["unmeasured"] * 3
    assert states[3] == ["holds"] * 3


def test_a_live_run_shows_the_warmup_while_there_is_nothing_else() -> None:
    ledger = Ledger(2)
    marks = []
    for number, delta in enumerate(seconds()):
        ledger.add("alpha", 1, number + 1, delta, 1)
        marks.append((ledger.marks[2] > 700_000, ledger.points["request"][2] > 700_000))
    assert marks == [(True, True), (True, True), (False, False), (False, False)]
    assert (ledger.total.completed, ledger.measured.completed) == (300, 200)


def test_comparisons_are_of_the_measured_seconds() -> None:
    one, other = report(), report()
    assert comparison.samples(one, lambda row: row["completed"]) == [100, 100]
    errors = comparison.differences(one, other)[-1]
    assert (errors.what, errors.a, errors.b) == ("errors", 0.0, 0.0)
    assert comparison.unlike(one, report(warmup=1.0))[0] == "warmup: 2s and 1s"


def test_the_text_says_it() -> None:
    found = report()
    text = render(found)
    assert "  300 requests in 4.00s" in text
    assert "  Measured: 200 requests due from 2s to 4s, after the warmup\n" in text
    assert "Requests/sec:    100.00" in text
    assert thread_rates(found) == [(100.0, 1), (100.0, 1)]
    assert "Measured" not in render(report(warmup=None))
