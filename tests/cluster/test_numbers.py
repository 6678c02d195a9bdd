"""Every figure of a run has the meaning of its name, while the run goes and when it is over."""

from __future__ import annotations

from typing import Any

import pytest

from gluten.cluster.master import views
from gluten.cluster.master.recovery import conclude
from gluten.cluster.master.reporting import build
from gluten.cluster.run.assignment import Ending, Moment
from gluten.cluster.run.run import Run
from gluten.cluster.run.run_book import RunBook
from gluten.plan.split import PlanNode, split
from gluten.stats.delta import Delta
from gluten.stats.request_stats import REQUEST, redirect_name
from gluten.task.task import Task
from tests.support.world import World, a_task


def at(now: float) -> Moment:
    return Moment(now, 1_000_000 + now)


def a_run(names: str = "a", **asked: Any) -> Run:
    """A run whose load begins at 1.0 s of the clock."""
    words: dict[str, Any] = {"url": "http://h/", "threads": 2, "connections": 2}
    task = Task(**(words | asked))
    run = Run(RunBook("a" * 32, 1, task, 1_000_000.0))
    run.begin(split(task, [PlanNode(name * 4, name, 2) for name in names]), 1.0, at(0.5))
    for name in names:
        run.armed(name, 1, 0.0, at(0.7))
    run.tick(at(1.0))
    return run


def told(run: Run, name: str, second: int, sent: int, completed: int, status: int = 200) -> None:
    delta = Delta(second)
    delta.of().sent, delta.of().completed, delta.of().status = sent, completed, {status: completed} if completed else {}
    delta.of().response.record(1000, completed)
    assert run.delta(name, 1, second + 1, delta)


def shown(run: Run, now: float) -> Any:
    return views.run_map(run.book, now, "")


def test_adjust_answers_with_the_rate_that_was_asked_last_and_keeps_to_it() -> None:
    world = World()
    world.running(4, "a", "b", duration=20.0, rate=60.0)
    assert world.master.run("1")["asked_rate"] == 60.0
    assert world.master.adjust("1", 120.0)["asked_rate"] == 120.0
    assert world.master.adjust("1", 90.0)["asked_rate"] == 90.0
    for _ in range(20):
        world.advance(0.1)
        assert world.master.run("1")["asked_rate"] == 90.0


def test_a_run_that_was_stopped_in_the_queue_says_what_happened() -> None:
    world = World()
    world.cluster("a")
    world.master.submit(a_task(duration=20.0))
    world.master.submit(a_task(duration=20.0, rate=60.0))
    world.advance(1)
    world.master.stop("2")
    over = world.finish("2")
    assert over["state"] == "stopped"
    verdict = world.master.report("2")["verdict"]
    assert verdict["reasons"] == ["no request was completed: none was sent, since the run was stopped before it began"]


def test_a_run_that_was_stopped_before_its_start_says_what_happened() -> None:
    run = a_run(duration=10.0)
    run.stop(at(0.9))
    run.ended("a", 1, Ending(0, "stopped", "", 0.0), at(1.1))
    run.tick(at(1.2))
    (reason,) = build(run.book, "")["verdict"]["reasons"]
    assert reason.endswith("none was sent, since the run was stopped before its load began")


def test_the_rate_so_far_is_of_the_seconds_that_were_told() -> None:
    run = a_run(duration=10.0)
    told(run, "a", 0, 100, 100)
    assert shown(run, 2.9)["rate"] == 100.0  # 1.9 s of load, of which 1 s is known
    told(run, "a", 1, 100, 100)
    assert shown(run, 3.1)["rate"] == 100.0
    for second in range(2, 10):
        told(run, "a", second, 100, 100)
    assert shown(run, 25.0)["rate"] == 100.0  # the load ended at 10 s, answers are awaited
    told(run, "a", 10, 0, 20)
    assert shown(run, 25.0)["rate"] == 102.0


def test_the_drain_is_marked_and_a_stop_marks_more_rows() -> None:
    run = a_run(duration=10.0)
    for second in range(4):
        told(run, "a", second, 10, 8)
    run.stop(at(4.3))
    told(run, "a", 4, 0, 8)
    before = run.book.version
    assert [row.get("drain", False) for row in views.rows(run.book)] == [False] * 5
    run.ended("a", 1, Ending(5, "stopped", "", 3.3), at(5.5))
    run.tick(at(5.6))
    assert (run.book.load_end, run.book.state) == (3.3, "stopped")
    assert [(row["second"], row["drain"]) for row in views.rows(run.book, before)] == [(4, True)]
    report = build(run.book, "")
    assert (report["duration"], report["ended"]) == (3.3 + 0.0, 3.3)
    assert [row.get("drain", False) for row in report["seconds"]] == [False] * 4 + [True]
    assert views.spark(report) == [8, 8, 8]


def test_a_number_at_a_rate_has_its_drain_after_the_last_was_sent() -> None:
    run = a_run(duration=None, requests=30, rate=20.0)
    for second, sent in enumerate((10, 10, 10, 0)):
        told(run, "a", second, sent, 7)
    assert [row.get("drain", False) for row in views.rows(run.book)] == [False, False, False, True]
    assert [row["asked"] for row in views.rows(run.book)] == [20.0, 10.0, 0.0, 0.0]
    run.ended("a", 1, Ending(4, "finished", "", 2.9), at(5.5))
    run.tick(at(5.6))
    assert run.book.duration == 2.9
    report = build(run.book, "")
    assert (report["duration"], report["rate"]) == (2.9, 28 / 2.9)
    assert any("took 2.90 s instead of the planned 1.50 s" in reason for reason in report["verdict"]["reasons"])


@pytest.mark.parametrize(
    ("asked", "seconds", "took"),
    [
        # The lost node reported answers in a drain second: the load does not last longer because of that.
        ({"rate": 20.0, "duration": 2.0}, ((0, 10, 8), (1, 10, 8), (2, 0, 2)), 2.0),
        # All nodes are lost: the whole seconds that they reported count.
        ({"duration": 60.0}, ((0, 10, 8), (1, 10, 8)), 2.0),
        # The plan ends within the last second.
        ({"rate": 20.0, "duration": None, "requests": 30}, ((0, 20, 18), (1, 10, 8)), 1.5),
    ],
)
def test_a_lost_node_s_load_lasted_until_its_last_request(
    asked: dict[str, Any], seconds: tuple[tuple[int, int, int], ...], took: float
) -> None:
    run = a_run(**asked)
    for one in seconds:
        told(run, "a", *one)
    run.lose("a", "gone", at(5.0))
    run.tick(at(5.1))
    assert (run.book.state, run.book.duration) == ("failed", took)
    assert build(run.book, "")["duration"] == took


def test_good_responses_are_counted_in_every_view() -> None:
    run = a_run("ab", duration=2.0)
    told(run, "a", 0, 10, 10)
    told(run, "b", 0, 10, 10, status=503)
    plain, row = shown(run, 2.0), views.rows(run.book)[0]
    assert (plain["completed"], plain["good"], row["good"]) == (20, 10, 10)
    report = build(run.book, "")
    assert report["requests"]["good"] == 10
    assert [one["good"] for one in report["nodes"]] == [10, 0]
    assert views.of_report(report)["good"] == 10


def test_the_machine_s_cpu_is_reported_for_each_node_and_second() -> None:
    run = a_run("ab", duration=1.0)
    for name, busy in (("a", 0.5), ("b", 1.0)):
        delta = Delta(0)
        delta.of().sent = delta.of().completed = 1
        delta.of().status, delta.cpu, delta.host_cpu, delta.steal = {200: 1}, 0.25, busy, busy / 4
        assert run.delta(name, 1, 1, delta)
        run.ended(name, 1, Ending(1, "finished", "", 1.0), at(2.1))
    run.tick(at(2.2))
    report = build(run.book, "")
    assert [(one["cpu"], one["host_cpu"], one["steal"]) for one in report["nodes"]] == [
        (0.25, 0.5, 0.125),
        (0.25, 1.0, 0.25),
    ]
    assert (report["seconds"][0]["host_cpu"], report["seconds"][0]["steal"]) == (1.0, 0.25)


def test_the_pulse_has_seconds_of_load_alone() -> None:
    run = a_run(duration=2.0)
    for second, sent in enumerate((10, 10, 0, 0)):
        told(run, "a", second, sent, 5)
    assert views.pulse(run.book, 60) == [5, 5]


def test_a_report_that_is_built_again_keeps_when_its_nodes_ended() -> None:
    world = World()
    world.running(5, "a", "b", duration=20.0)
    world.master.stop("1")
    world.finish()
    before = world.master.report("1")
    world.new_master()
    desk, history = world.desk, world.master.queries._history
    record = desk.run("1")
    revived = history._recover(record, at(0.0))
    conclude(revived.book, record, desk.node_ends(record.id))
    again = build(revived.book, "")
    assert (again["duration"], again["ended"]) == (before["duration"], before["ended"])
    assert again["duration"] % 1 > 0  # it was not stopped at a whole second


def test_a_live_second_without_redirects_tells_its_request_where_some_were_followed() -> None:
    run, hop = a_run(duration=10.0), Delta(1)
    told(run, "a", 0, 5, 5)
    for name in (REQUEST, redirect_name(REQUEST)):
        hop.of(name).sent = hop.of(name).completed = 2
        hop.of(name).status = {200: 2}
    assert run.delta("a", 1, 2, hop)
    for request in (None, REQUEST):
        first, second = views.rows(run.book, request=request)
        assert (first["by_request"][REQUEST]["completed"], second["by_request"][REQUEST]["completed"]) == (5, 2)
    first, second = views.rows(run.book, request=redirect_name(REQUEST))
    assert ("by_request" in first, list(second["by_request"])) == (False, [redirect_name(REQUEST)])
