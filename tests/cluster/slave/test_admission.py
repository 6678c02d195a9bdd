"""A node's own ceilings hold for everything that it does at the same time."""

from __future__ import annotations

import pytest

from gluten.cluster.slave.admission import MAX_PARTS, Admission, Load
from gluten.plan.split import PlanNode, node_task
from gluten.store.files.feed_files import read_text
from gluten.task.policy import Policy, read_patterns
from gluten.task.task import Task

NODE = PlanNode("0" * 32, "b", 2)


def load(task: Task, threads: int = 1, *adjusted: tuple[float, float]) -> Load:
    return Load.of(node_task(NODE, task, tuple(range(threads))), adjusted)


def a_task(rate: float | None = 90.0) -> Task:
    return Task("http://127.0.0.1/", threads=3, connections=30, rate=rate)


def test_a_load_is_its_share_of_the_highest_rate() -> None:
    assert load(a_task(), 2).peak == 60
    assert load(a_task(), 1, (2.0, 150.0), (5.0, 30.0)).peak == 50
    assert load(a_task(None)).peak is None
    stages = Task("http://127.0.0.1/", threads=4, stages=((0.0, 0.0), (5.0, 100.0), (9.0, 0.0)))
    assert load(stages).peak == 25


@pytest.mark.parametrize("others", [0, 1, 2, 3])
def test_what_is_done_already_counts(others: int) -> None:
    done = [load(a_task()) for _ in range(others)]
    for ceilings in (Policy(max_rate=100.0), Policy(max_connections=30)):
        assert bool(Admission(ceilings, "node b").unwilling([a_task()], load(a_task()), done)) is (others == 3)


def test_one_load_without_a_limit_is_over_any_ceiling() -> None:
    burden = Admission(Policy(max_rate=1e9), "node b")
    assert "closed loop" in burden.unwilling([a_task()], load(a_task()), [load(a_task(None))])


def test_parts_are_counted() -> None:
    burden = Admission(Policy(), "node b")
    assert not burden.unwilling([a_task()], load(a_task()), [load(a_task())] * (MAX_PARTS - 1))
    assert "at once" in burden.unwilling([a_task()], load(a_task()), [load(a_task())] * MAX_PARTS)


def test_an_adjustment_counts_by_its_highest_rate() -> None:
    burden, mine = Admission(Policy(max_rate=60.0), "node b"), load(a_task())
    assert not burden.adjusted(mine, 120.0, [mine])
    assert not burden.adjusted(mine, 30.0, [mine])
    assert mine.peak == 40
    assert "--max-rate" in burden.adjusted(mine, 90.0, [mine, load(a_task())])


@pytest.mark.parametrize(
    ("away", "late"), [(0, False), (-59, False), (3599, False), (-61, True), (3601, True), (-1e12, True)]
)
def test_a_part_begins_about_now(away: float, late: bool) -> None:
    assert bool(Admission(Policy(), "node b").untimely(away)) is late


@pytest.mark.parametrize(
    ("workload", "why"),
    [
        ("[request.a]\nget = '/'\n", ""),
        ("[request.a]\nget = '/'\n[request.b]\nget = 'http://10.0.0.1/'\n", "10.0.0.1"),
    ],
)
def test_each_host_of_a_workload_is_judged(workload: str, why: str) -> None:
    task = Task("http://127.0.0.1/", threads=3, connections=30, rate=90.0, workload=workload)
    found = Admission(Policy(read_patterns(["127.0.0.0/8"])), "node b").unwilling(
        read_text(task).hosts, load(a_task()), []
    )
    assert why in found if why else found == ""
