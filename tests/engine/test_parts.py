"""A node's job is packed into workers: nothing is lost, and nothing is doubled."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gluten.engine.parts import pack
from gluten.plan.job import HostTask
from gluten.plan.split import PlanNode, split
from gluten.task.task import Task


@given(
    st.integers(1, 40),
    st.integers(0, 200),
    st.integers(1, 10_000),
    st.integers(1, 8),
    st.lists(st.integers(1, 16), min_size=1, max_size=4),
)
def test_parts_sum_up_to_the_task(threads: int, more: int, requests: int, workers: int, cores: list[int]) -> None:
    task = Task("http://h/", threads=threads, connections=threads + more, requests=requests)
    nodes = [PlanNode(str(number), str(number), count) for number, count in enumerate(cores)]
    parts = [
        part
        for job in (HostTask("r", 1, node_task, None) for node_task in split(task, nodes))
        for part in pack(job, ["127.0.0.1"], 5.0, workers)
    ]
    assert sorted(thread for part in parts for thread in part.threads) == list(range(threads))
    assert sum(sum(part.connections) for part in parts) == task.connections
    assert sum(part.requests or 0 for part in parts) == requests
    assert all(len(part.threads) == len(part.connections) > 0 and min(part.connections) > 0 for part in parts)


def test_an_open_loops_number_of_requests_is_the_schedules() -> None:
    (node_task,) = split(Task("http://h/", requests=10, rate=5.0), [PlanNode("n", "n", 1)])
    (part,) = pack(HostTask("r", 1, node_task, None, ((1.0, 7.0),)), ["127.0.0.1"], 5.0, 1)
    assert part.requests is None
    assert part.adjustments == ((1.0, 7.0),)


def test_workers_are_as_even_as_threads_allow() -> None:
    (node_task,) = split(Task("http://h/", threads=5, connections=5), [PlanNode("n", "n", 1)])
    assert [len(part.threads) for part in pack(HostTask("r", 1, node_task, None), [], 0.0, 2)] == [3, 2]
    assert [len(part.threads) for part in pack(HostTask("r", 1, node_task, None), [], 0.0, 9)] == [1] * 5
