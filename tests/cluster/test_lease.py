"""A lease counts from the heartbeat that was answered. A node that drains may be lost. A notice counts once."""

from __future__ import annotations

from gluten.net.bus import frames
from gluten.net.bus import messages as wire
from gluten.plan.job import WorkerLost
from tests.support.world import PER_THREAD, World, a_task


def test_the_engine_knows_the_lease_and_each_answered_beat_renews_it() -> None:
    world = World()
    (a,) = world.running(3, "a", duration=60.0)
    assert 13.5 < a.engine.lease - world.clock <= 15
    world.network.cut(a.dealer)
    known = a.engine.lease
    world.advance(5)
    assert a.engine.lease == known


def test_an_answer_that_waited_here_renews_nothing() -> None:
    world = World()
    (a,) = world.running(3, "a", duration=60.0)
    known = a.engine.lease
    a.slave.on_frame(frames.encode(wire.Beat(world.clock - 20.0, 5.0)))
    assert a.engine.lease == known


def test_a_node_that_drains_hands_over_what_it_counted_and_its_threads_move() -> None:
    world = World()
    _, b = world.running(5, "a", "b", duration=30.0)
    b.slave.drain()
    world.advance(1)
    assert b.slave.drained
    b.slave.leave()
    over = world.finish()
    assert over["state"] == "finished"
    kinds = world.kinds()
    assert {"node_lost", "rebalanced"} <= set(kinds)
    assert world.master.report("last")["seconds"][-1]["completed"] == 6 * PER_THREAD


def test_a_draining_node_takes_nothing_new() -> None:
    world = World()
    a, b = world.cluster("a", "b")
    b.slave.drain()
    world.master.submit(a_task(duration=5.0))
    world.advance(1)
    assert a.engine.started
    assert not b.engine.started
    b.slave.leave()
    assert world.finish()["state"] == "finished"


def test_a_lost_worker_is_told_once_and_makes_the_run_suspect() -> None:
    world = World()
    (a,) = world.running(3, "a", duration=6.0)
    (job,) = a.engine.started
    a.slave.on_event(WorkerLost(job.run, job.epoch, "a worker died", 2))
    over = world.finish()
    told = [event for event in world.master.update("last", 0)["events"] if event["kind"] == "worker_lost"]
    assert [event["text"] for event in told] == ["node a: a worker died"]
    assert over["verdict"]["value"] == "suspect"
    assert "2 node-seconds are missing" in over["verdict"]["reasons"]


def test_a_master_that_drains_stops_its_run_and_begins_no_other() -> None:
    world = World()
    world.running(3, "a", duration=60.0)
    world.master.submit(a_task(duration=60.0))
    world.master.drain()
    world.until(lambda: world.master.drained, 5)
    assert [run["state"] for run in world.master.runs()] == ["queued", "stopped"]
    assert world.master.run("1")["reason"] == "stopped by the end of the master"
