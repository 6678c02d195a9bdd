"""What follows for the run, for other nodes, and for a lost node itself when it returns."""

from __future__ import annotations

from tests.support.world import PER_THREAD, World


def test_on_loss_fail_ends_the_others() -> None:
    world = World()
    a, b = world.running(3, "a", "b", on_loss="fail", duration=30.0)
    b.kill()
    over = world.finish(most=15)
    assert (over["state"], over["reason"]) == ("failed", "node b was lost")
    assert not a.engine.jobs


def test_on_loss_continue_goes_on_with_less() -> None:
    world = World()
    _, b = world.running(3, "a", "b", on_loss="continue", duration=30.0)
    b.kill()
    over = world.finish()
    assert over["state"] == "finished"
    assert 3 * PER_THREAD * 30 < over["completed"] < 6 * PER_THREAD * 30
    assert "node_lost" in world.kinds()
    assert over["verdict"]["value"] == "suspect"


def test_on_loss_rebalance_moves_every_thread_exactly_once() -> None:
    world = World()
    a, b, c = world.running(3, "a", "b", "c", duration=30.0)
    b.kill()
    world.advance(12)
    moved = [job for node in (a, c) for job in node.engine.started if job.epoch == 2]
    lost = b.engine.started[0].node_task.threads
    assert sorted(thread for job in moved for thread in job.node_task.threads) == sorted(lost)
    assert {job.node_task.begin for job in moved} == {moved[0].node_task.begin}
    assert world.finish()["state"] == "finished"
    assert world.master.report("last")["seconds"][-1]["completed"] == 6 * PER_THREAD
    assert {"node_lost", "gap", "rebalanced"} <= set(world.kinds())


def test_the_lost_share_moves_within_two_seconds_of_the_loss() -> None:
    world = World()
    a, b = world.running(3, "a", "b", duration=60.0)
    b.kill()
    world.until(lambda: world.state_of("b") == "lost", 15)
    begin = next(job.node_task.begin for job in a.engine.started if job.epoch == 2)
    assert 0 < begin - world.master.run("last")["elapsed"] <= 2


def test_a_share_moves_again_when_its_second_node_is_lost() -> None:
    world = World()
    a, b, c = world.running(3, "a", "b", "c", duration=60.0)
    b.kill()
    world.advance(12)
    c.kill()
    world.advance(12)
    held = [thread for job in a.engine.jobs.values() for thread in job.node_task.threads]
    assert sorted(held) == [0, 1, 2, 3, 4, 5]
    assert world.finish()["state"] == "finished"


def test_a_run_whose_nodes_are_all_lost_fails_and_its_few_seconds_are_no_measurement() -> None:
    world = World()
    world.running(3, "a", "b", duration=60.0)
    for node in world.nodes:
        node.kill()
    over = world.finish(most=20)
    assert (over["state"], over["reason"]) == ("failed", "all nodes were lost: a, b")
    assert over["verdict"]["value"] == "invalid"
    assert any("of what was asked for" in reason for reason in over["verdict"]["reasons"])


def test_a_node_that_leaves_is_lost_at_once() -> None:
    world = World()
    _, b = world.running(2, "a", "b", on_loss="fail", duration=60.0)
    b.slave.leave()
    assert world.finish(most=3)["reason"] == "node b was lost"
    assert world.state_of("b") == "left"


def test_a_short_cut_loses_nothing() -> None:
    world = World()
    _, b = world.running(3, "a", "b", duration=20.0)
    world.network.cut(b.dealer)
    world.advance(5)
    assert world.state_of("b") == "suspect"
    world.network.connect(b.dealer)
    over = world.finish()
    assert (over["state"], over["completed"]) == ("finished", 6 * PER_THREAD * 20)


def test_a_slave_without_its_master_stops_its_load_when_the_lease_ends_and_keeps_its_deltas() -> None:
    world = World()
    (a,) = world.running(3, "a", duration=60.0)
    world.network.cut(a.dealer)
    world.advance(14)
    assert a.engine.jobs
    world.advance(2)
    assert not a.engine.jobs
    assert a.slave.unacknowledged > 10


def test_a_lost_node_that_comes_back_is_fenced_and_its_deltas_count_once() -> None:
    world = World()
    _, b = world.running(3, "a", "b", duration=40.0)
    world.network.cut(b.dealer)
    world.advance(12)
    assert world.state_of("b") == "lost"
    world.network.connect(b.dealer)
    world.advance(2)
    assert world.state_of("b") == "alive"
    assert not b.engine.jobs or {epoch for _, epoch in b.engine.jobs} != {1}
    assert b.engine.aborted
    assert b.slave.unacknowledged == 0
    assert world.finish()["state"] == "finished"
