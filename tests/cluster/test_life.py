"""The whole life of a run, in memory: no socket, no sleep."""

from __future__ import annotations

import pytest

from gluten.errors import NotFound, WrongState
from tests.support.world import PER_THREAD, World, a_task


@pytest.mark.parametrize("names", [("a",), ("a", "b", "c")])
def test_a_run_finishes_with_all_that_its_nodes_counted(names: tuple[str, ...]) -> None:
    world = World()
    world.cluster(*names)
    sent = world.master.submit(a_task())
    assert (sent["state"], sent["number"], sent["link"]) == ("starting", 1, f"http://m:8888/runs/{sent['id']}")
    over = world.finish()
    assert over["state"] == "finished"
    assert over["completed"] == 6 * PER_THREAD * 5
    assert sum(part["threads"] for part in over["plan"]) == 6
    report = world.master.report("1")
    assert report["schema"] == "gluten.report/1"
    assert [row["completed"] for row in report["seconds"]] == [60] * 5
    assert {node["name"] for node in report["nodes"]} == set(names)
    assert over["verdict"] == report["verdict"]
    assert all(node.slave.unacknowledged == 0 for node in world.nodes)


def test_no_node_no_run() -> None:
    with pytest.raises(WrongState, match="no node takes part"):
        World().master.submit(a_task())


def test_a_task_waits_for_a_node_that_is_about_to_join() -> None:
    world = World()
    world.master.orders.expects_node = True
    assert world.master.submit(a_task())["state"] == "queued"
    world.cluster("a")
    assert world.finish()["state"] == "finished"


def test_an_unknown_run_is_not_found() -> None:
    with pytest.raises(NotFound):
        World().master.run("7")


IDLE = "1 node had no thread to run: -t 3 or more would use all"


@pytest.mark.parametrize(("threads", "told"), [(3, []), (2, [IDLE])])
def test_nodes_without_a_thread_are_reported(threads: int, told: list[str]) -> None:
    world = World()
    world.cluster("a", "b", "c")
    world.master.submit(a_task(threads=threads, connections=6))
    world.finish()
    events = world.master.report("1")["events"]
    assert [event["text"] for event in events if event["kind"] == "idle"] == told
