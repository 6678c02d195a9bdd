"""Deltas that a dead process left are sent under its name: by the next process of this name, or by another one."""

from __future__ import annotations

from typing import Any

from gluten.cluster.node_info import NodeInfo
from gluten.cluster.slave.forwarder import PATIENCE, Forwarder, Forwarders, NoEngine
from gluten.cluster.slave.outbox import RESTARTED, Outbox
from gluten.cluster.slave.slave import Slave
from gluten.net.bus import frames
from gluten.net.bus import messages as wire
from gluten.net.bus.memory import MemoryDealer
from tests.cluster.slave.test_outbox import Disk
from tests.support.deltas import packed
from tests.support.world import Node, World, a_task

SECONDS = 3


def visitor(world: World, name: str) -> Any:
    """How the forwarder of `name` reaches the master."""

    def visit(outbox: Outbox, on_refused: Any) -> tuple[Slave, Any]:
        world.born += 1
        dealer: MemoryDealer = world.network.dealer()
        info = NodeInfo(f"{world.born:032x}", name, "slave", 1, "0.1.0", "3.11.2", "127.0.0.1", None, False)
        clock = lambda: world.clock  # noqa: E731
        slave = Slave(info, dealer, NoEngine(), clock, lambda: 0.0, on_refused, outbox=outbox)
        slave.open()
        return slave, dealer.close

    return visit


def courier(world: World, name: str, disk: Disk) -> Forwarder:
    return Forwarder(name, Outbox(disk), visitor(world, name), lambda: world.clock)


def killed_with_some_seconds_left(world: World) -> Disk:
    """Node a made `SECONDS` of load, which the store does not have, and died. Node b goes on."""
    disk = Disk()
    a, _ = world.node("a", outbox=Outbox(disk)), world.node("b")
    world.advance(0.5)
    world.master.submit(a_task(duration=60.0, on_loss="continue"))
    world.advance(1)
    world.desk.away = True
    world.until(lambda: sum(number > 0 for _, _, number in disk) >= SECONDS)
    a.kill()
    world.desk.away = False
    return disk


def deliver(world: World, couriers: Forwarders, seconds: float) -> None:
    for _ in range(round(seconds / 0.1)):
        couriers.tick()
        world.advance(0.1)


def stored(world: World, name: str) -> list[int]:
    return [kept.number for kept in world.desk.deltas(world.master.run("last")["id"]) if kept.node == name]


def test_another_node_delivers_it_under_the_name_that_counted_it_and_leaves() -> None:
    world = World()
    disk = killed_with_some_seconds_left(world)
    couriers = Forwarders()
    couriers.add(courier(world, "a", disk))
    deliver(world, couriers, 40)
    assert stored(world, "a") == list(range(1, 1 + len(stored(world, "a"))))
    assert len(stored(world, "a")) >= SECONDS
    assert world.master.run("last")["state"] == "running"
    assert not disk.blobs
    assert not couriers._waiting
    assert {node["name"]: node["state"] for node in world.master.nodes()} == {"a": "left", "b": "alive"}


def test_the_next_process_of_the_name_delivers_it_and_the_run_records_the_loss() -> None:
    world = World()
    disk = killed_with_some_seconds_left(world)
    heir = world.node("a", outbox=Outbox(disk))
    world.advance(20)
    assert not heir.refusals
    assert stored(world, "a") == list(range(1, 1 + len(stored(world, "a"))))
    lost = [event["text"] for event in world.master.report("last")["events"] if event["kind"] == "node_lost"]
    assert len(lost) == 1
    assert world.master.run("last")["state"] == "running"
    assert not disk.blobs


def test_a_lost_part_is_closed_once_its_loss_is_written_down() -> None:
    world = World()
    disk = killed_with_some_seconds_left(world)
    world.desk.away = True
    world.node("a", outbox=Outbox(disk))
    world.advance(20)
    assert "node_lost" in [event["kind"] for event in world.master.update("1")["events"]]
    assert disk.blobs, "a master that is restarted now has to hear it again"
    world.desk.away = False
    world.advance(10)
    assert not disk.blobs


def test_the_next_process_of_a_name_does_not_take_the_part_of_the_first() -> None:
    world = World()
    disk = Disk()
    forerunner = Outbox(disk)
    forerunner.begin("c" * 32, 3)
    heir = world.node("a", outbox=Outbox(disk))
    world.advance(0.5)
    assert heir.slave._loads._fences.highest("c" * 32) == 3


def test_while_the_store_is_away_a_courier_does_not_hold_the_name() -> None:
    world = World()
    world.cluster("b")
    disk = Disk()
    left = Outbox(disk)
    left.begin("c" * 32, 1)
    left.add("c" * 32, 1, packed(0))
    world.desk.away = True
    couriers = Forwarders()
    couriers.add(courier(world, "a", disk))
    deliver(world, couriers, PATIENCE + 1)
    world.node("a")
    deliver(world, couriers, 2)
    assert {node["name"] for node in world.master.nodes() if node["state"] == "alive"} == {"a", "b"}
    assert len(Outbox(disk)) == 1, "nothing is forgotten that was not committed"


def test_the_restart_is_said_as_the_reason_where_the_master_had_not_noticed_it() -> None:
    world = World()
    disk = Disk()
    a: Node = world.node("a", outbox=Outbox(disk))
    world.node("b")
    world.advance(0.5)
    world.master.submit(a_task(duration=60.0))
    world.advance(3)
    a.up = False
    a.slave = Slave(
        a.slave.info, a.dealer, NoEngine(), lambda: world.clock, lambda: 0.5, a.refusals.append, outbox=Outbox(disk)
    )
    a.slave.open()
    a.slave.tick()
    world.network.deliver()
    a.up = True
    a.engine.dead = True
    world.advance(1)
    events = world.master.report("last")["events"]
    assert [event["text"] for event in events if event["kind"] == "node_lost"] == [f"node a was lost: {RESTARTED}"]
    assert "rebalanced" in [event["kind"] for event in events]


def test_when_nothing_more_can_be_kept_the_load_ends_and_what_was_counted_arrives() -> None:
    world = World()
    disk = Disk()
    disk.full = True
    room = 5 * len(frames.encode(wire.Delta("c" * 32, 1, 1, packed(0))))
    node = world.node("a", outbox=Outbox(disk, memory=room))
    world.advance(0.5)
    world.master.submit(a_task(duration=100.0))
    world.advance(2)
    world.desk.away = True
    world.until(lambda: not node.slave.busy)
    counted = node.slave.unacknowledged
    assert counted >= 4
    world.desk.away = False
    done = world.finish()
    assert done["state"] == "failed"
    assert "seconds of counts wait for the master: no more can be kept" in done["reason"]
    assert len(stored(world, "a")) >= counted
    assert node.slave.unacknowledged == 0
