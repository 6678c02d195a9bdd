"""What goes wrong, and what follows: lost nodes, lost and repeated messages, a master that is replaced."""

from __future__ import annotations

import random

import pytest

from gluten.errors import StoreError, WrongState
from gluten.net.bus import messages as wire
from gluten.net.bus.memory import FrameInTransit
from gluten.store.delta_bodies import delta_of
from gluten.store.records import RunRecord
from tests.support.deltas import packed
from tests.support.world import PER_THREAD, World, a_task


def test_on_loss_fail_ends_the_others() -> None:
    world = World()
    a, b = world.cluster("a", "b")
    world.master.submit(a_task(on_loss="fail", duration=30.0))
    world.advance(3)
    b.kill()
    over = world.finish(most=15)
    assert (over["state"], over["reason"]) == ("failed", "node b was lost")
    assert not a.engine.jobs


def test_on_loss_continue_goes_on_with_less() -> None:
    world = World()
    _, b = world.cluster("a", "b")
    world.master.submit(a_task(on_loss="continue", duration=30.0))
    world.advance(3)
    b.kill()
    over = world.finish()
    assert over["state"] == "finished"
    assert 3 * PER_THREAD * 30 < over["completed"] < 6 * PER_THREAD * 30
    assert "node_lost" in kinds(world)
    assert over["verdict"]["value"] == "suspect"


def test_on_loss_rebalance_moves_every_thread_exactly_once() -> None:
    world = World()
    a, b, c = world.cluster("a", "b", "c")
    world.master.submit(a_task(duration=30.0))
    world.advance(3)
    b.kill()
    world.advance(12)
    moved = [job for node in (a, c) for job in node.engine.started if job.epoch == 2]
    lost = b.engine.started[0].node_task.threads
    assert sorted(thread for job in moved for thread in job.node_task.threads) == sorted(lost)
    assert {job.node_task.begin for job in moved} == {moved[0].node_task.begin}
    assert world.finish()["state"] == "finished"
    assert world.master.report("last")["seconds"][-1]["completed"] == 6 * PER_THREAD
    assert {"node_lost", "gap", "rebalanced"} <= set(kinds(world))


def test_the_lost_share_moves_within_two_seconds_of_the_loss() -> None:
    world = World()
    a, b = world.cluster("a", "b")
    world.master.submit(a_task(duration=60.0))
    world.advance(3)
    b.kill()
    world.until(lambda: state_of(world, "b") == "lost", 15)
    begin = next(job.node_task.begin for job in a.engine.started if job.epoch == 2)
    assert 0 < begin - world.master.run("last")["elapsed"] <= 2


def test_a_share_moves_again_when_its_second_node_is_lost() -> None:
    world = World()
    a, b, c = world.cluster("a", "b", "c")
    world.master.submit(a_task(duration=60.0))
    world.advance(3)
    b.kill()
    world.advance(12)
    c.kill()
    world.advance(12)
    held = [thread for job in a.engine.jobs.values() for thread in job.node_task.threads]
    assert sorted(held) == [0, 1, 2, 3, 4, 5]
    assert world.finish()["state"] == "finished"


def test_a_run_whose_nodes_are_all_lost_fails_and_its_few_seconds_are_no_measurement() -> None:
    world = World()
    world.cluster("a", "b")
    world.master.submit(a_task(duration=60.0))
    world.advance(3)
    for node in world.nodes:
        node.kill()
    over = world.finish(most=20)
    assert (over["state"], over["reason"]) == ("failed", "all nodes were lost: a, b")
    assert over["verdict"]["value"] == "invalid"
    assert any("of what was asked for" in reason for reason in over["verdict"]["reasons"])


def test_a_node_that_leaves_is_lost_at_once() -> None:
    world = World()
    _, b = world.cluster("a", "b")
    world.master.submit(a_task(on_loss="fail", duration=60.0))
    world.advance(2)
    b.slave.leave()
    assert world.finish(most=3)["reason"] == "node b was lost"
    assert state_of(world, "b") == "left"


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
    assert not [kind for kind in kinds(world) if kind == "gap"]


def test_a_short_cut_loses_nothing() -> None:
    world = World()
    _, b = world.cluster("a", "b")
    world.master.submit(a_task(duration=20.0))
    world.advance(3)
    world.network.cut(b.dealer)
    world.advance(5)
    assert state_of(world, "b") == "suspect"
    world.network.connect(b.dealer)
    over = world.finish()
    assert (over["state"], over["completed"]) == ("finished", 6 * PER_THREAD * 20)


def test_a_slave_without_its_master_stops_its_load_when_the_lease_ends_and_keeps_its_deltas() -> None:
    world = World()
    (a,) = world.cluster("a")
    world.master.submit(a_task(duration=60.0))
    world.advance(3)
    world.network.cut(a.dealer)
    world.advance(14)
    assert a.engine.jobs
    world.advance(2)
    assert not a.engine.jobs
    assert a.slave.unacknowledged > 10


def test_a_lost_node_that_comes_back_is_fenced_and_its_deltas_count_once() -> None:
    world = World()
    _, b = world.cluster("a", "b")
    world.master.submit(a_task(duration=40.0))
    world.advance(3)
    world.network.cut(b.dealer)
    world.advance(12)
    assert state_of(world, "b") == "lost"
    world.network.connect(b.dealer)
    world.advance(2)
    assert state_of(world, "b") == "alive"
    assert not b.engine.jobs or {epoch for _, epoch in b.engine.jobs} != {1}
    assert b.engine.aborted
    assert b.slave.unacknowledged == 0
    assert world.finish()["state"] == "finished"


def test_a_subtask_of_an_old_epoch_is_refused() -> None:
    world = World()
    (a,) = world.cluster("a")
    world.master.submit(a_task(duration=2.0))
    world.finish()
    job = a.engine.started[0]
    said: list[bytes] = []
    a.dealer.send = lambda frame: bool(said.append(frame)) or True  # type: ignore[method-assign, func-returns-value]
    a.slave.on_frame(wire.encode(wire.TaskOrder(job.run, 1, job.node_task, 0.0, 0.0, [])))
    answer = wire.decode_up(said[0])
    assert isinstance(answer, wire.Refused)
    assert len(a.engine.started) == 1


def test_a_subtask_that_comes_after_its_stop_is_refused() -> None:
    world = World()
    (a,) = world.cluster("a")
    world.master.submit(a_task(duration=2.0))
    world.finish()
    run, node_task = "f" * 32, a.engine.started[0].node_task
    a.slave.on_frame(wire.encode(wire.Stop(run, 1, False)))
    a.slave.on_frame(wire.encode(wire.TaskOrder(run, 1, node_task, 0.0, 0.0, [])))
    assert len(a.engine.started) == 1


def test_while_the_store_is_away_the_run_goes_on_and_nothing_is_acknowledged() -> None:
    world = World()
    (a,) = world.cluster("a")
    world.master.submit(a_task(duration=10.0))
    world.advance(3)
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
    (a,) = world.cluster("a")
    world.master.submit(a_task(duration=30.0))
    world.advance(3)
    a.engine.dead = True
    a.slave.engine_died("the engine of this node died: restart the node")
    assert "the engine of this node died" in world.finish(most=5)["reason"]


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
    assert state_of(world, "a") == "alive"


def test_deltas_of_a_run_that_nobody_knows_are_forgotten() -> None:
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
    sound = wire.encode(wire.Delta("a" * 32, 1, 1, packed(3)))
    for _ in range(2000):
        broken = bytearray(sound)
        for _ in range(luck.randint(1, 6)):
            broken[luck.randrange(len(broken))] = luck.randrange(256)
        world.master._inbox.on_frame(peer, bytes(broken))
    world.master.react()
    assert sum(world.master.malformed.values()) > 1000
    assert state_of(world, "a") == "alive"


def kinds(world: World) -> list[str]:
    return [event["kind"] for event in world.master.update("last", 0)["events"]]


def state_of(world: World, name: str) -> str:
    return next(str(node["state"]) for node in world.master.nodes() if node["name"] == name)


def deliver_all(world: World) -> int:
    while world.network.in_transit:
        world.network._deliver_one(world.network.in_transit.popleft())
    return 0


def shuffle(world: World, luck: random.Random) -> int:
    """Deliver in any order; a tenth is lost, a tenth comes later."""
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


def test_a_run_that_was_stored_though_its_asker_heard_of_an_error_begins_when_it_is_asked_for_again() -> None:
    """The connection to the database broke when the commit was on its way, so its answer never came."""
    world = World()
    world.cluster("a")
    create = world.desk.create_run

    def committed_but_unheard(record: RunRecord) -> RunRecord:
        create(record)
        world.desk.create_run = create  # type: ignore[method-assign]
        raise StoreError("database: the connection broke")

    world.desk.create_run = committed_but_unheard  # type: ignore[method-assign]
    task = a_task(headers=(("Authorization", "Bearer secret"),))
    with pytest.raises(StoreError):
        world.master.submit(task, key="once")
    first, second = world.master.submit(task, key="once"), world.master.submit(task, key="once")
    assert first["id"] == second["id"]
    over = world.finish()
    assert (over["number"], over["state"], over["completed"]) == (1, "finished", 5 * 6 * PER_THREAD)


def test_a_key_that_another_task_was_stored_under_does_not_begin_this_one() -> None:
    world = World()
    world.cluster("a")
    record = RunRecord(id="0" * 32, task=a_task(duration=7.0).public().to_map(), key="once")
    world.desk.create_run(record)
    with pytest.raises(WrongState, match=r"belongs to run 1, whose task differs \(duration\)"):
        world.master.submit(a_task(), key="once")
    world.advance(2)
    assert world.master.run(record.id)["state"] == "queued"


def test_two_askers_with_one_key_begin_one_run_whoever_hears_first() -> None:
    """The second one's answer comes before the first one goes on."""
    world = World()
    world.cluster("a")
    create = world.desk.create_run

    def overtaken(record: RunRecord) -> RunRecord:
        kept = create(record)
        world.desk.create_run = create  # type: ignore[method-assign]
        world.master.submit(a_task(), key="once")
        return kept

    world.desk.create_run = overtaken  # type: ignore[method-assign]
    world.master.submit(a_task(), key="once")
    assert len(world.master.runs()) == 1
    world.finish()
    world.advance(10)
    assert world.master.run("last")["completed"] == 5 * 6 * PER_THREAD
    assert sum(job.run == world.master.run("last")["id"] for job in world.nodes[0].engine.started) == 1
