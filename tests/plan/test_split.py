"""The split over nodes is exact whatever the nodes are."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gluten.errors import TaskError
from gluten.plan.schedule import Schedule
from gluten.plan.split import NodeTask, PlanNode, node_task, places, resolve, split, spread, spread_weighted
from gluten.task.task import Task

URL = "http://127.0.0.1/"
NODES = st.lists(st.integers(0, 128), min_size=1, max_size=20).map(
    lambda cores: [PlanNode(f"id{i}", f"node-{i}", n) for i, n in enumerate(cores)]
)


@st.composite
def tasks(draw: st.DrawFn) -> Task:
    threads = draw(st.integers(1, 200))
    return Task(
        URL,
        threads=threads,
        connections=threads + draw(st.integers(0, 2000)),
        requests=draw(st.none() | st.integers(1, 10**9)),
        rate=draw(st.none() | st.floats(0.1, 1e6)),
        split=draw(st.sampled_from(["cores", "even"])),
    )


@given(tasks(), NODES)
def test_the_shares_sum_to_what_was_asked(task: Task, nodes: list[PlanNode]) -> None:
    parts = split(task, nodes)
    assert sorted(j for part in parts for j in part.threads) == list(range(task.thread_count))
    assert sum(part.connections or 0 for part in parts) == task.connections
    if task.requests is None:
        assert {part.requests for part in parts} == {None}
    else:
        assert sum(part.requests or 0 for part in parts) == task.requests
    if task.rate is None:
        assert {part.rate for part in parts} == {None}
    else:
        assert sum(part.rate or 0 for part in parts) == pytest.approx(task.rate, rel=1e-12)


@given(tasks(), NODES)
def test_a_share_is_never_negative_nor_without_a_thread(task: Task, nodes: list[PlanNode]) -> None:
    for part in split(task, nodes):
        assert part.threads
        assert (part.connections or 0) >= len(part.threads)
        assert part.requests is None or part.requests >= 0
        assert part.rate is None or part.rate > 0


@given(tasks(), NODES)
def test_every_node_has_a_thread_where_there_are_enough(task: Task, nodes: list[PlanNode]) -> None:
    parts = split(task, nodes)
    assert len(parts) == min(len(nodes), task.thread_count)
    order = [node.node for node in nodes]
    assert [part.node for part in parts] == [node for node in order if node in {part.node for part in parts}]


@given(st.integers(1, 1000), NODES)
def test_an_even_split_differs_by_one_thread_at_most(threads: int, nodes: list[PlanNode]) -> None:
    assume(threads >= len(nodes))
    counts = [len(part.threads) for part in split(Task(URL, threads=threads, connections=threads, split="even"), nodes)]
    assert max(counts) - min(counts) <= 1


@given(st.integers(1, 5000), st.lists(st.integers(1, 128), min_size=1, max_size=30))
def test_more_cores_never_get_fewer_threads(total: int, weights: list[int]) -> None:
    shares = spread_weighted(total, weights)
    for (lighter, fewer), (heavier, more) in pairwise(sorted(zip(weights, shares, strict=True))):
        assert more >= fewer or lighter == heavier


@given(st.integers(1, 5000), st.lists(st.integers(1, 128), min_size=1, max_size=30))
def test_a_weighted_share_is_near_the_exact_one(total: int, weights: list[int]) -> None:
    shares, whole = spread_weighted(total, weights), sum(weights)
    assert sum(shares) == total
    assume(all(total * weight >= whole for weight in weights))  # nobody needs the help of "at least one"
    for weight, share in zip(weights, shares, strict=True):
        assert abs(share - total * weight / whole) < 1


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [
        (6, [2, 2, 2], [2, 2, 2]),
        (6, [4, 1, 1], [4, 1, 1]),
        (6, [16, 1, 1], [4, 1, 1]),  # 5.3, 0.3, 0.3: one each at least
        (10, [1, 2], [3, 7]),  # 3.3, 6.7
        (1, [1, 8, 2], [0, 1, 0]),  # the heaviest
        (2, [1, 1, 1], [1, 1, 0]),  # the first of equals
        (3, [1, 1, 1], [1, 1, 1]),
        (5, [1, 1], [3, 2]),  # the first of equals gets the odd one
        (7, [3], [7]),
    ],
)
def test_threads_by_weight(total: int, weights: list[int], shares: list[int]) -> None:
    assert spread_weighted(total, weights) == shares


@given(st.integers(0, 10**12), st.integers(1, 500))
def test_parts_of_a_whole_sum_to_it_and_differ_by_one_at_most(total: int, parts: int) -> None:
    shares = [spread(total, parts, index) for index in range(parts)]
    assert sum(shares) == total
    assert max(shares) - min(shares) <= 1


@given(tasks(), NODES)
def test_the_nodes_slots_are_the_whole_schedule(task: Task, nodes: list[PlanNode]) -> None:
    schedule = Schedule.of(task._replace(rate=task.rate or 123.4))
    slots = sum(schedule.planned_of(j, task.thread_count) for part in split(task, nodes) for j in part.threads)
    assert slots == schedule.planned()


@given(tasks(), NODES, st.data())
def test_a_lost_node_s_share_moves_without_loss(task: Task, nodes: list[PlanNode], data: st.DataObject) -> None:
    parts = split(task, nodes)
    assume(len(parts) > 1)
    lost = data.draw(st.sampled_from(parts))
    heir = data.draw(st.sampled_from([part for part in parts if part is not lost]))
    joined = node_task(PlanNode(heir.node, heir.name, heir.cores), task, heir.threads + lost.threads)
    assert joined.connections == (heir.connections or 0) + (lost.connections or 0)
    if task.requests is not None:
        assert joined.requests == (heir.requests or 0) + (lost.requests or 0)


def test_a_task_needs_a_node() -> None:
    with pytest.raises(ValueError, match="no node"):
        split(Task(URL), [])


@given(tasks(), NODES)
def test_a_subtask_crosses_the_wire_unchanged(task: Task, nodes: list[PlanNode]) -> None:
    for part in split(task, nodes):
        assert NodeTask.from_map(part.to_map()) == part


@pytest.mark.parametrize(
    "change",
    [
        {"threads": []}, {"threads": [2]}, {"threads": [-1]}, {"threads": [0.0]}, {"threads": ["0"]},
        {"threads": [True]},
        {"threads": [0, 0]}, {"threads": None},
        {"begin": -1.0}, {"begin": "now"}, {"begin": float("nan")}, {"begin": float("inf")}, {"begin": True},
        {"cores": "many"}, {"cores": None}, {"cores": -1}, {"cores": 65537}, {"cores": 2.0}, {"cores": True},
        {"cores": "2"}, {"node": 5}, {"node": ["id"]}, {"node": "i" * 65}, {"name": None}, {"name": "n" * 65},
        {"task": {}}, {"task": None}, {"colour": "red"}, {"left": 1}, {"left": -1}, {"left": True}, {"begin": 1e9},
    ],
)  # fmt: skip
def test_a_malformed_subtask_is_refused(change: dict[str, object]) -> None:
    good = split(Task(URL), [PlanNode("id", "node", 2)])[0].to_map()
    with pytest.raises((ValueError, TaskError)):
        NodeTask.from_map(good | change)


@pytest.mark.parametrize(
    "change",
    [{"left": 0}, {"left": 20}, {"begin": 9e8}, {"cores": 65536}, {"cores": 0}, {"node": "i" * 64, "name": "n" * 64}],
)
def test_a_subtask_at_the_edge_of_what_is_allowed_is_taken(change: dict[str, object]) -> None:
    good = split(Task(URL, requests=20), [PlanNode("id", "node", 2)])[0].to_map()
    assert NodeTask.from_map(good | change).to_map().items() >= change.items()
    for left in (21, -1, 1.5, True, "1"):
        with pytest.raises(ValueError, match="left"):
            NodeTask.from_map(good | {"left": left})


@pytest.mark.parametrize("missing", ["threads", "task", "node", "name", "cores"])
def test_a_subtask_lacking_a_field_is_refused(missing: str) -> None:
    good = split(Task(URL), [PlanNode("id", "node", 2)])[0].to_map()
    del good[missing]
    with pytest.raises((ValueError, TaskError)):
        NodeTask.from_map(good)


@pytest.mark.parametrize(
    ("asked", "cores", "most", "threads"),
    [
        ({}, (2, 4), None, 6),
        ({"connections": 4}, (2, 4), None, 4),
        ({"connections": 100}, (2, 4), None, 6),
        ({"connections": 1}, (2,), None, 1),
        ({"threads": 3}, (2, 4), None, 3),
        ({"threads": 9, "connections": 9}, (1,), None, 9),
        ({"rate": 5.0}, (1, 1, 1), None, 3),
        ({"rate": 5.0}, (8, 8), 4, 4),
        ({}, (0, 0), None, 2),
    ],
)
def test_without_a_number_there_is_a_thread_for_each_core_but_none_without_a_connection(
    asked: dict[str, Any], cores: tuple[int, ...], most: int | None, threads: int
) -> None:
    nodes = [PlanNode(f"id{i}", f"node-{i}", count) for i, count in enumerate(cores)]
    task = resolve(Task(URL, **asked), nodes, most)
    assert task.threads == threads
    parts = split(Task(URL, **asked), nodes, most)
    assert {part.task for part in parts} == {task}
    assert sum(len(part.threads) for part in parts) == threads


def test_a_closed_loop_has_ten_connections_or_as_many_as_threads() -> None:
    assert resolve(Task(URL), [PlanNode("id", "node", 4)]).connections == 10
    assert resolve(Task(URL), [PlanNode("id", "node", 64)]).connections == 64
    assert resolve(Task(URL, threads=32), [PlanNode("id", "node", 4)]).connections == 32
    assert resolve(Task(URL, rate=1.0), [PlanNode("id", "node", 4)]).connections is None


def test_a_part_with_elastic_connections_crosses_the_wire() -> None:
    part = split(Task(URL, rate=100.0), [PlanNode("id", "node", 2)], 500)[0]
    assert (part.connections, part.most, part.begun) == (None, 500, 10)
    assert NodeTask.from_map(part.to_map()) == part


@pytest.mark.parametrize("odd", [{"most": 0}, {"most": "5"}, {"most": True}, {"most": 10**9}])
def test_an_invalid_ceiling_of_a_part_is_refused(odd: dict[str, Any]) -> None:
    plain = split(Task(URL, rate=100.0), [PlanNode("id", "node", 2)])[0].to_map()
    with pytest.raises(ValueError):
        NodeTask.from_map(plain | odd)


@pytest.mark.parametrize("task", [Task(URL, rate=100.0), Task(URL, threads=2)])
def test_a_part_of_a_task_that_is_not_resolved_is_refused(task: Task) -> None:
    plain = split(task, [PlanNode("id", "node", 2)])[0].to_map()
    with pytest.raises(ValueError):
        NodeTask.from_map(plain | {"task": task.to_map()})


@given(st.integers(1, 60), st.integers(1, 12))
def test_places_are_taken_in_turns(total: int, parts: int) -> None:
    found = [places(total, parts, index) for index in range(parts)]
    assert sorted(place for mine in found for place in mine) == list(range(total))
    assert [len(mine) for mine in found] == [spread(total, parts, index) for index in range(parts)]
    assert all(place // parts == turn for mine in found for turn, place in enumerate(mine))
