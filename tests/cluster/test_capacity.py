"""The search for the capacity over a whole cluster: rates that all nodes take, losses, a new master, its end."""

from __future__ import annotations

from typing import Any

import pytest

from gluten.errors import Refused, TaskError, WrongState
from gluten.task.policy import Policy
from tests.cluster.test_restart import silence
from tests.support.world import Node, World, a_task

CAPACITY = 300.0
SEARCH: dict[str, Any] = {
    "find_capacity": True,
    "slo": ("p99 < 50ms",),
    "search_from": 100.0,
    "precision": 0.1,
    "hold": 4.0,
    "duration": 120.0,
    "connections": None,
}


def target(rate: float) -> int:
    """It is quick up to its capacity, and slow above it."""
    return 5_000 if rate <= CAPACITY else 80_000


def searching(world: World, ran: float, *names: str, **task: Any) -> list[Node]:
    """A search that began `ran` s ago on nodes of these names."""
    nodes = world.cluster(*names)
    for node in nodes:
        node.engine.target = target
    world.master.submit(a_task(**{**SEARCH, **task}))
    world.advance(ran)
    return nodes


def found(world: World) -> Any:
    return world.master.run("last")["capacity"]


def rates(world: World) -> list[float]:
    """The rates that were set, in their order."""
    texts = [event["text"] for event in world.master.update("last")["events"] if event["kind"] == "adjusted"]
    return [float(text.split()[3].removesuffix("/s,")) for text in texts]


def check_answer(capacity: Any) -> None:
    assert 0.8 * CAPACITY <= capacity["holds"] <= CAPACITY <= capacity["misses"] <= 1.3 * CAPACITY
    assert (capacity["limit"], capacity["unit"]) == ("target", "requests/s")


def test_the_search_ends_the_run_with_its_answer() -> None:
    world = World()
    a, b = searching(world, 0, "a", "b")
    over = world.finish(most=200)
    check_answer(over["capacity"])
    assert (over["state"], over["kind"], over["reason"]) == ("finished", "", over["capacity"]["text"])
    assert {(rate, second) for _, _, rate, second in a.engine.adjusted} == {
        (rate, second) for _, _, rate, second in b.engine.adjusted
    }
    assert a.engine.adjusted[0][2] == rates(world)[0] == 200.0
    report = world.master.report("last")
    assert report["capacity"] == over["capacity"]
    requests = report["requests"]
    assert requests["planned"] - requests["sent"] == requests["dropped"] < CAPACITY  # of the second in which it ended
    assert requests["sent"] == requests["completed"] == sum(row["completed"] for row in report["seconds"])
    assert report["verdict"]["value"] == "valid"
    assert [(entry["state"], entry["value"]) for entry in report["slo"]] == [("holds", 5000.0)]


def test_the_trials_are_seen_while_it_goes_on_and_are_left_out_of_lists() -> None:
    world = World()
    searching(world, 20, "a")
    capacity = found(world)
    assert [trial["rate"] for trial in capacity["trials"]][:2] == [100.0, 200.0]
    assert capacity["limit"] is None
    assert world.master.update("last")["run"]["capacity"] == capacity
    assert world.master.runs()[0]["capacity"] == capacity | {"trials": []}


def test_those_who_watch_are_told_once_a_second() -> None:
    world = World()
    searching(world, 20, "a", "b")
    before = world.master.run("last")["version"]
    world.advance(3.0)
    assert world.master.run("last")["version"] - before < 30  # a delta of each node, the trials, a change of the rate


def test_the_next_master_goes_on_with_the_same_search() -> None:
    world = World()
    searching(world, 20, "a", "b")
    before, had = found(world), rates(world)
    silence(world, 6)
    world.new_master()
    world.advance(1.0)
    known = len(before["trials"]) - 1  # the newest one went on meanwhile
    assert found(world)["trials"][:known] == before["trials"][:known]
    over = world.finish(most=200)
    check_answer(over["capacity"])
    assert rates(world)[: len(had)] == had
    assert world.master.report("last")["verdict"]["value"] == "valid"


def test_a_lost_node_changes_no_answer() -> None:
    world = World()
    _, b, _ = searching(world, 12, "a", "b", "c")
    b.kill()
    over = world.finish(most=200)
    assert {"node_lost", "rebalanced"} <= set(world.kinds())
    check_answer(over["capacity"])
    assert over["verdict"]["value"] == "valid"


def test_people_may_stop_a_search_and_not_set_its_rate() -> None:
    world = World()
    searching(world, 20, "a")
    with pytest.raises(WrongState, match="searches for the capacity: it sets the rate itself"):
        world.master.adjust("last", 50.0)
    world.master.stop("last")
    over = world.finish()
    assert (over["state"], over["reason"]) == ("stopped", "stopped on request")
    assert over["capacity"]["holds"] is None or over["capacity"]["holds"] <= CAPACITY
    assert over["capacity"]["limit"] is not None
    assert "goes on" not in over["capacity"]["text"]


def test_a_search_keeps_below_the_ceiling_of_its_master() -> None:
    world = World(policy=Policy(max_rate=150.0))
    searching(world, 0, "a")
    over = world.finish(most=200)
    assert over["task"]["search_to"] == 150.0
    assert max(rates(world)) <= 150.0
    assert (over["capacity"]["holds"], over["capacity"]["limit"]) == (150.0, "asked")
    with pytest.raises(Refused, match="max-rate"):
        world.master.submit(a_task(**SEARCH | {"search_from": 200.0}))
    with pytest.raises(Refused, match="max-rate"):
        world.master.submit(a_task(**SEARCH | {"search_to": 200.0}))


def test_the_connections_bound_elastic_ones() -> None:
    world = World()
    (a,) = searching(world, 3, "a", connections=60)
    part = a.engine.started[0].node_task
    assert (part.connections, part.task.elastic) == (None, True)
    world.finish(most=200)
    assert world.master.report("last")["connections"]["limit"] == 60


def test_a_search_for_nothing_is_refused() -> None:
    with pytest.raises(TaskError, match=r"^slo: "):
        a_task(**SEARCH | {"slo": ()})


def test_a_warmup_is_no_trial() -> None:
    world = World()
    searching(world, 25, "a", warmup=10.0)
    assert found(world)["trials"][0]["from"] >= 10
    check_answer(world.finish(most=200)["capacity"])


def test_a_search_whose_time_is_up_says_so() -> None:
    world = World()
    searching(world, 0, "a", duration=15.0)
    over = world.finish(most=40)
    assert (over["state"], over["capacity"]["limit"]) == ("finished", "asked")
    assert over["duration"] <= 15
