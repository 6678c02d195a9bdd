"""Tasks that cannot begin because no node is left: they say so, begin when one joins, or fail."""

from __future__ import annotations

from typing import Any

from gluten.cluster.run.nodeless import SAID_AFTER, WAITS
from tests.cluster.test_chores import SHOP
from tests.support.world import World, a_task


def deserted(timeout: float | None, **task: Any) -> World:
    """A run that failed with its only node, and a second one that waits."""
    world = World(queue_timeout=timeout)
    (a,) = world.cluster("a")
    world.master.submit(a_task())
    world.master.submit(a_task(**task))
    world.advance(2.0)
    a.kill()
    world.until(lambda: world.master.run("1")["state"] == "failed")
    return world


def events(world: World, ref: str = "2") -> list[str]:
    return [event["text"] for event in world.master.update(ref, 0)["events"] if event["kind"] == "no_node"]


def test_a_task_without_a_node_says_so_and_fails_in_the_end() -> None:
    world = deserted(60.0)
    assert world.master.run("2")["reason"] == ""
    world.advance(SAID_AFTER + 0.2)
    assert (world.master.run("2")["state"], world.master.run("2")["reason"]) == ("queued", WAITS)
    world.advance(54.0)
    assert world.master.run("2")["state"] == "queued"
    world.advance(1.0)
    over = world.master.run("2")
    assert over["state"] == "failed"
    assert over["reason"] == "no node took part in load for 1m: start a slave, and send the task again"
    assert events(world) == [f"{WAITS}; without one it fails after 1m"]
    assert world.master.report("2")["requests"]["sent"] == 0


def test_it_begins_when_a_node_joins() -> None:
    world = deserted(60.0)
    world.advance(50.0)
    world.node("b")
    world.advance(1.0)
    assert (world.master.run("2")["state"], world.master.run("2")["reason"]) == ("running", "")
    assert world.finish("2")["state"] == "finished"


def test_the_time_begins_anew_when_a_node_was_here() -> None:
    world = deserted(60.0)
    world.advance(50.0)
    b = world.node("b")
    world.advance(0.5)
    world.master.submit(a_task())
    world.advance(2.0)
    b.kill()
    world.until(lambda: world.master.run("2")["state"] == "failed")
    world.advance(50.0)
    assert world.master.run("3")["state"] == "queued"
    world.advance(11.0)
    assert world.master.run("3")["state"] == "failed"


def test_without_a_limit_it_waits() -> None:
    world = deserted(None)
    world.advance(3600.0)
    assert (world.master.run("2")["state"], world.master.run("2")["reason"]) == ("queued", WAITS)
    assert events(world) == [WAITS]


def test_a_pause_of_the_master_is_no_time_without_a_node() -> None:
    world = deserted(60.0)
    world.advance(1.0)
    world.clock += 3600.0
    world.advance(1.0)
    assert world.master.run("2")["state"] == "queued"


def test_a_short_loss_of_the_nodes_is_not_mentioned() -> None:
    world = deserted(60.0)
    world.advance(SAID_AFTER - 1.0)
    world.node("b")
    world.advance(1.0)
    assert events(world) == []


def test_a_run_whose_only_node_leaves_after_its_setup_fails_too() -> None:
    world = World(queue_timeout=60.0)
    (a,) = world.cluster("a")
    a.engine.chore_pause = 5.0
    world.master.submit(a_task(workload=SHOP, duration=3.0))
    world.advance(4.8)
    world.clock += 0.4
    a.step()
    a.slave.leave()
    a.up = False
    world.advance(59.0)
    assert (world.master.run("1")["state"], world.master.run("1")["reason"]) == ("starting", WAITS)
    world.advance(32.0)
    assert world.master.run("1")["state"] == "failed"
    assert world.master.run("1")["reason"].startswith("no node took part in load for 1m: ")
