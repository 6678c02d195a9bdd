"""Reports are spread over the second in a large cluster and are sent at once in a small one."""

from __future__ import annotations

from itertools import pairwise

import pytest

from gluten.cluster.slave.report_offset import EACH, MAX_OFFSET, MIN_OFFSET, report_offset
from gluten.plan.split import PlanNode, split
from gluten.task.task import Task


def turns(nodes: int, threads: int) -> list[float]:
    task = Task("http://127.0.0.1:9/", threads=threads, connections=threads, duration=10.0)
    return [report_offset(part) for part in split(task, [PlanNode(f"{at:032x}", f"n{at}", 2) for at in range(nodes)])]


@pytest.mark.parametrize("nodes", [1, 3, 100])
def test_up_to_a_hundred_nodes_report_at_once(nodes: int) -> None:
    assert set(turns(nodes, nodes)) == {0.0}


@pytest.mark.parametrize(("nodes", "threads"), [(101, 101), (500, 500), (500, 4000), (1000, 1000), (3000, 6000)])
def test_many_nodes_are_spread_evenly_and_are_through_within_the_second(nodes: int, threads: int) -> None:
    found = turns(nodes, threads)
    assert len(set(found)) == nodes
    assert found[0] == 0.0
    assert MIN_OFFSET / 2 < max(found) < MAX_OFFSET
    apart = [later - earlier for earlier, later in pairwise(found)]
    assert apart == pytest.approx([min(EACH, MAX_OFFSET / nodes)] * (nodes - 1))


def test_few_busy_nodes_among_many_do_not_wait() -> None:
    assert turns(500, 2) == [0.0, 0.0]
