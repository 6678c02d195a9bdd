"""What follows for a run when messages are lost, repeated or broken, the store is away, or an engine dies."""

from __future__ import annotations

import random

import pytest

from gluten.errors import StoreError
from gluten.net.bus import frames
from gluten.net.bus import messages as wire
from gluten.net.bus.memory import FrameInTransit
from gluten.store.delta_bodies import delta_of
from tests.support.deltas import packed
from tests.support.world import PER_THREAD, World, a_task


def test_repeated_messages_change_nothing() -> None:
    world = World()
    world.cluster("a", "b")
    deliver = world.network._deliver_one

    def twice(frame: FrameInTransit) -> None:
        deliver(frame)
        deliver(frame)

    world.network._deliver_one = twice  # type: ignore[method-assign]
    world.network.deliver = lambda most=0: deliver_all(world)  # type: ignore[method-assign]
    world.master.submit(a_task())
    assert world.finish()["completed"] == 6 * PER_THREAD * 5


@pytest.mark.parametrize("seed", range(5))
def test_reordered_and_lost_messages_lose_no_delta(seed: int) -> None:
    world = World()
    world.cluster("a", "b", "c")
    luck = random.Random(seed)
    world.network.deliver = lambda most=0: shuffle(world, luck)  # type: ignore[method-assign]
    world.master.submit(a_task(duration=20.0))
    over = world.finish(most=60)
    assert over["state"] == "finished"
    assert over["completed"] == 6 * PER_THREAD * 20
    assert not [kind for kind in world.kinds() if kind == "gap"]


def test_a_subtask_of_an_old_epoch_is_refused() -> None:
    world = World()
    (a,) = world.cluster("a")
    world.master.submit(a_task(duration=2.0))
    world.finish()
    job = a.engine.started[0]
    said: list[bytes] = []
    a.dealer.send = lambda frame: bool(said.append(frame)) or True  # type: ignore[method-assign, func-returns-value]
    a.slave.on_frame(frames.encode(wire.TaskOrder(job.run, 1, job.node_task, 0.0, 0.0, [])))
    answer = frames.decode_up(said[0])
    assert isinstance(answer, wire.Refused)
    assert len(a.engine.started) == 1


def test_a_subtask_that_comes_after_its_stop_is_refused() -> None:
    world = World()
    (a,) = world.cluster("a")
    world.master.submit(a_task(duration=2.0))
    world.finish()
    run, node_task = "f" * 32, a.engine.started[0].node_task
    a.slave.on_frame(frames.encode(wire.Stop(run, 1, False)))
    a.slave.on_frame(frames.encode(wire.TaskOrder(run, 1, node_task, 0.0, 0.0, [])))
    assert len(a.engine.started) == 1


def test_while_the_store_is_away_the_run_goes_on_and_nothing_is_acknowledged() -> None:
    world = World()
    (a,) = world.running(3, "a", duration=10.0)
    world.desk.away = True
    world.advance(20)
    assert a.slave.unacknowledged >= 7
    assert world.master.store_away
    assert world.master.run("1")["state"] == "finished"
    with pytest.raises(StoreError):
        world.master.submit(a_task())
    world.desk.away = False
    world.advance(15)
    assert a.slave.unacknowledged == 0
    assert sum(delta_of(kept).completed for kept in world.desk.deltas(world.desk.run("1").id)) == 6 * PER_THREAD * 10
    assert world.desk.run("1").state == "finished"


def test_a_history_that_cannot_be_read_is_said_until_it_can() -> None:
    world = World()
    assert world.master.runs() == []
    assert world.master.notice == ""
    world.desk.away = True
    assert world.master.runs() == []
    assert world.master.notice == "database: gone; start it (earlier runs are in it)"
    world.desk.away = False
    world.master.runs()
    assert world.master.notice == ""


def test_a_target_that_cannot_be_reached_fails_the_run_with_its_kind() -> None:
    world = World()
    a, _ = world.cluster("a", "b")
    a.engine.fault = ("connect", "127.0.0.1:1 refused the connection")
    world.master.submit(a_task(duration=30.0))
    over = world.finish(most=10)
    assert (over["state"], over["kind"]) == ("failed", "connect")
    assert over["reason"] == "node a: 127.0.0.1:1 refused the connection"
    assert "rate" in world.master.report("last")


def test_an_engine_that_dies_fails_the_run() -> None:
    world = World()
    (a,) = world.running(3, "a", duration=30.0)
    a.engine.dead = True
    a.slave.engine_died("the engine of this node died: restart the node")
    assert "the engine of this node died" in world.finish(most=5)["reason"]


def test_a_node_whose_engine_dies_loses_its_part_and_the_others_take_it_over() -> None:
    world = World()
    a, b = world.running(3, "a", "b", duration=10.0)
    a.engine.dead = True
    a.engine.jobs.clear()
    a.slave.engine_died("the engine of this node died")
    world.advance(1.0)
    held = [thread for job in b.engine.jobs.values() for thread in job.node_task.threads]
    assert sorted(held) == [0, 1, 2, 3, 4, 5]
    a.engine.dead = False
    over = world.finish()
    assert (over["state"], over["reason"]) == ("finished", "")
    assert {"node_lost", "gap", "rebalanced"} <= set(world.kinds())
    assert {node["name"]: node["lost"] for node in world.master.report("last")["nodes"]} == {"a": True, "b": False}
    assert world.state_of("a") == "alive"
    world.master.submit(a_task(duration=3.0))
    assert world.finish()["state"] == "finished"
    assert {node["name"]: node["lost"] for node in world.master.report("last")["nodes"]} == {"a": False, "b": False}


def test_where_a_loss_fails_the_run_so_does_a_dead_engine() -> None:
    world = World()
    a, _ = world.running(3, "a", "b", duration=30.0, on_loss="fail")
    a.engine.dead = True
    a.slave.engine_died("the engine of this node died")
    assert world.finish(most=5)["reason"] == "node a was lost"


def test_an_engine_that_never_ends_is_given_up() -> None:
    world = World()
    (a,) = world.cluster("a")
    a.engine.dead = True
    world.master.submit(a_task(duration=5.0))
    assert world.finish(most=60)["state"] == "failed"


def test_a_master_that_stalled_does_not_hold_it_against_its_nodes() -> None:
    world = World()
    world.cluster("a")
    world.clock += 30
    world.advance(1)
    assert world.state_of("a") == "alive"


def test_deltas_of_an_unknown_run_are_forgotten() -> None:
    world = World()
    (a,) = world.cluster("a")
    a.slave._outbox.add("e" * 32, 1, packed(0))
    world.advance(1)
    assert a.slave.unacknowledged == 0


def test_no_frame_makes_the_master_raise() -> None:
    world = World()
    world.cluster("a")
    luck = random.Random(7)
    peer = world.nodes[0].dealer.peer
    sound = frames.encode(wire.Delta("a" * 32, 1, 1, packed(3)))
    for _ in range(2000):
        broken = bytearray(sound)
        for _ in range(luck.randint(1, 6)):
            broken[luck.randrange(len(broken))] = luck.randrange(256)
        world.master._inbox.on_frame(peer, bytes(broken))
    world.master.react()
    assert sum(world.master.malformed.values()) > 1000
    assert world.state_of("a") == "alive"


def deliver_all(world: World) -> int:
    while world.network.in_transit:
        world.network._deliver_one(world.network.in_transit.popleft())
    return 0


def shuffle(world: World, luck: random.Random) -> int:
    """Deliver in any order. One message in ten is lost, one in ten comes later."""
    frames = list(world.network.in_transit)
    world.network.in_transit.clear()
    luck.shuffle(frames)
    for frame in frames:
        fate = luck.random()
        if fate < 0.1:
            continue
        if fate < 0.2:
            world.network.in_transit.append(frame)
        else:
            world.network._deliver_one(frame)
    return len(frames)
