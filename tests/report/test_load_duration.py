"""How long the load lasted: one table of every way in which it can end, with the arithmetic beside each row."""

from __future__ import annotations

from typing import Any

import pytest

from gluten.report.compared.comparison import samples
from gluten.report.formats.text import thread_rates
from gluten.report.load_duration import marked, seen_until, whole
from gluten.report.results import NodeResult
from gluten.stats.delta import Delta
from gluten.task.task import Task
from tests.support.reports import URL, build, head, node, second

RATE, STAGES = {"rate": 10.0}, {"stages": ((0.0, 0.0), (2.0, 20.0))}


def counted(name: str, *counts: int, ended: float, **more: Any) -> NodeResult:
    """A node that sent and completed so many requests in its seconds."""
    return node(name, [second(at, {1000: count}) for at, count in enumerate(counts)], ended=ended, **more)


def drained(count: int, seconds: float, ended: float) -> NodeResult:
    """One second with `count` responses. The last responses took so many seconds over all connections."""
    made = counted("a", count, ended=ended)
    made.total.drained = seconds
    return made


@pytest.mark.parametrize(
    ("asked", "state", "adjusted", "nodes", "took", "rate"),
    [
        # A rate for its time: 2 s at 10/s, 20 / 2.
        (RATE | {"duration": 2.0}, "finished", [], [counted("a", 10, 10, ended=2.0)], 2.0, 10.0),
        # The answers of the drain second count, its time does not: 20 / 2.
        (RATE | {"duration": 2.0}, "finished", [], [counted("a", 10, 8, 2, ended=2.0)], 2.0, 10.0),
        # A generator that stood still at the end sent the rest at 5 s: 20 / 5.
        (RATE | {"duration": 2.0}, "finished", [], [counted("a", 10, 0, 0, 0, 10, ended=5.0)], 5.0, 4.0),
        # A number at a rate, in time: 20 / (20 / 10).
        (RATE | {"duration": None, "requests": 20}, "finished", [], [counted("a", 10, 10, ended=2.0)], 2.0, 10.0),
        # The same, but the target held the connections: 20 / 8, not 20 / 2.
        (
            RATE | {"duration": None, "requests": 20}, "finished", [], [counted("a", 5, *[2] * 7, 1, ended=8.0)],
            8.0, 2.5,
        ),
        # A number and a time, the time is over first: 15 / 3.
        (RATE | {"duration": 3.0, "requests": 50}, "finished", [], [counted("a", 5, 5, 5, ended=3.0)], 3.0, 5.0),
        # A number and a time, the number is sent first: 20 / 2.
        (RATE | {"duration": 9.0, "requests": 20}, "finished", [], [counted("a", 10, 10, ended=2.0)], 2.0, 10.0),
        # Adjusted to 5/s at 1 s: 10 + 10 of 20 take 1 + 2 s: 20 / 3.
        (
            RATE | {"duration": None, "requests": 20}, "finished", [(1.0, 5.0)], [counted("a", 10, 5, 5, ended=3.0)],
            3.0, 20 / 3,
        ),
        # Adjusted to 20/s at 1 s, but the target took until 4 s: 20 / 4, not 20 / 1.5.
        (
            RATE | {"duration": None, "requests": 20}, "finished", [(1.0, 20.0)], [counted("a", 5, 5, 5, 5, ended=4.0)],
            4.0, 5.0,
        ),
        # A ramp from 0 to 20/s in 2 s has 20 requests: 20 / 2.
        (STAGES | {"duration": 2.0}, "finished", [], [counted("a", 5, 15, ended=2.0)], 2.0, 10.0),
        # Its first 5 were to be sent by 1 s, and took until 2: 5 / 2.
        (STAGES | {"duration": 2.0, "requests": 5}, "finished", [], [counted("a", 3, 2, ended=2.0)], 2.0, 2.5),
        # Stopped at 1.5 s of 60: 15 / 1.5.
        (RATE | {"duration": 60.0}, "stopped", [], [counted("a", 10, 5, ended=1.5)], 1.5, 10.0),
        # Stopped beyond the plan of a number: 8 / 4.
        (RATE | {"duration": None, "requests": 20}, "stopped", [], [counted("a", 2, 2, 2, 2, ended=4.0)], 4.0, 2.0),
        # Two nodes, one lost after its first second: (20 + 10) / 2.
        (
            {"rate": 20.0, "duration": 2.0, "threads": 2}, "finished", [],
            [counted("a", 10, 10, ended=2.0), counted("b", 10, ended=1.0, lost=True)], 2.0, 15.0,
        ),
        # A closed loop: ten connections waited 5 s in all for their last answers: 40 / (1 + 5 / 10).
        ({"duration": 1.0}, "finished", [], [drained(40, 5.0, ended=1.0)], 1.5, 40 / 1.5),
        # A closed loop with a number ends with its last answer: 40 / 1.25.
        ({"duration": None, "requests": 40}, "finished", [], [counted("a", 30, 10, ended=1.25)], 1.25, 32.0),
        # A closed loop that is stopped: 15 / 1.5.
        ({"duration": 60.0}, "stopped", [], [counted("a", 10, 5, ended=1.5)], 1.5, 10.0),
        # Nothing began.
        ({"duration": 60.0}, "stopped", [], [], 0.0, 0.0),
    ],
)  # fmt: skip
def test_the_duration_is_what_it_took_and_the_rate_is_by_it(
    asked: dict[str, Any], state: str, adjusted: list[Any], nodes: list[NodeResult], took: float, rate: float
) -> None:
    words: dict[str, Any] = {"url": URL, "threads": 1, "connections": 10}
    report = build(Task(**(words | asked)), head(state=state, adjustments=adjusted), nodes)
    assert report["duration"] == took
    assert report["rate"] == pytest.approx(rate)
    assert sum(one["rate"] for one in report["nodes"]) == pytest.approx(rate)
    assert all(one["rate"] == one["achieved"] == one["completed"] / took for one in report["nodes"])


@pytest.mark.parametrize(
    ("ended", "value"),
    [(3.0, "valid"), (3.02, "valid"), (3.2, "suspect"), (11.0, "invalid")],  # 1 - 3 / 3.2 is 6 %, 1 - 3 / 11 73 %
)
def test_a_plan_that_was_overrun_is_named_with_both_figures(ended: float, value: str) -> None:
    task = Task(URL, threads=1, connections=10, duration=None, requests=6000, rate=2000.0)
    counts = [6000 // 12] * 12 if ended > 4 else [1500] * 4
    report = build(task, head(), [counted("a", *counts, ended=ended)])
    assert report["verdict"]["value"] == value
    if value != "valid":
        (reason,) = report["verdict"]["reasons"]
        assert f"took {ended:.2f} s instead of the planned 3.00 s" in reason
        assert "not 2.00k" in reason


def test_what_is_asked_of_a_second_is_what_the_plan_has_in_it() -> None:
    # 10/s for 25 requests: 2.5 s; a corner of stages within a second: 0 to 10/s and back in 1 s are 5 requests
    late = build(
        Task(URL, threads=1, connections=1, duration=None, requests=25, rate=10.0),
        head(),
        [counted("a", *[5] * 5, ended=5.0)],
    )
    assert [row["asked"] for row in late["seconds"]] == [10.0, 10.0, 5.0, 0.0, 0.0]
    corner = Task(URL, threads=1, connections=1, duration=1.0, stages=((0.0, 0.0), (0.5, 10.0), (1.0, 0.0)))
    assert [row["asked"] for row in build(corner, head(), [counted("a", 5, ended=1.0)])["seconds"]] == [5.0]


def test_what_is_asked_of_a_node_is_its_mean_share() -> None:
    task = Task(URL, threads=2, connections=2, duration=4.0, rate=20.0)
    nodes = [counted(name, 10, 10, 5, 5, ended=4.0, rate=10.0) for name in "ab"]
    assert [one["asked"] for one in build(task, head(), nodes)["nodes"]] == [10.0, 10.0]
    # 20/s for 2 s and 10/s for 2 s are 15/s on the mean
    adjusted = build(task, head(adjustments=[(2.0, 10.0)]), nodes)
    assert [one["asked"] for one in adjusted["nodes"]] == [7.5, 7.5]
    assert build(Task(URL, threads=1, connections=10), head(), [nodes[0]])["nodes"][0]["asked"] is None


@pytest.mark.parametrize(
    ("ended", "drained", "drains", "wholes"),
    [
        (2.0, 0.0, [False, False, True, True], [0, 1]),
        (2.0, 30.0, [False, False, True, True], [0, 1]),  # the last answers took 3 s on average: no second of load
        (2.5, 0.0, [False, False, False, True], [0, 1]),  # a part of a second is load, but not a whole second
        (4.0, 0.0, [False, False, False, False], [0, 1, 2, 3]),
    ],
)
def test_the_drain_is_not_a_second_of_load(ended: float, drained: float, drains: list[bool], wholes: list[int]) -> None:
    one = counted("a", 10, 10, 1, 1, ended=ended)
    one.total.drained = drained
    report = build(Task(URL, threads=1, connections=10, duration=ended), head(), [one])
    assert [row.get("drain", False) for row in report["seconds"]] == drains
    assert [row["second"] for row in whole(report)] == wholes
    assert len(thread_rates(report)) == len(wholes)
    assert samples(report, lambda row: row["second"]) == wholes[1:]
    old = report | {"seconds": [{**row, "drain": False} for row in report["seconds"]], "duration": ended}
    old.pop("ended")
    assert [row["second"] for row in whole(old)] == wholes


def test_a_row_of_load_says_nothing_of_the_drain() -> None:
    first: Any = {"second": 1}
    second: Any = {"second": 2}
    assert marked(first, 2.0) == {"second": 1}
    assert marked(second, 2.0) == {"second": 2, "drain": True}


def test_a_second_in_which_sessions_began_late_is_one_of_load() -> None:
    late: Any = {"second": 2, "begun": 3}
    drain: Any = {"second": 3, "begun": 0}
    assert marked(late, 2.0) == late
    assert marked(drain, 2.0) == {"second": 3, "begun": 0, "drain": True}


@pytest.mark.parametrize(
    ("last", "plan", "until"),
    [(None, 10.0, 0.0), (3, 10.0, 4.0), (9, 10.0, 10.0), (2, 2.5, 2.5), (4, 2.5, 5.0)],
)
def test_a_node_that_said_no_end_sent_until_its_last_second_did(last: int | None, plan: float, until: float) -> None:
    assert seen_until(last, plan) == until


def test_a_short_load_s_share_of_a_core_is_that_of_its_only_second() -> None:
    busy = Delta(0)
    busy.of().sent, busy.cpu, busy.host_cpu, busy.steal = 1, 0.7, 0.9, 0.1
    made = [
        NodeResult.summed({0: busy}, ended, name="a", cores=1, threads=1, connections=1, rate=None)
        for ended in (0.6, 0.1)
    ]
    assert [(one.cpu, one.host_cpu, one.steal) for one in made] == [(0.7, 0.9, 0.1), (0.0, 0.0, 0.0)]
