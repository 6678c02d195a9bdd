"""A master was killed and started again over the same store. Its slaves went on meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from gluten.errors import StoreError
from gluten.plan.job import WorkerLost
from tests.support.world import PER_THREAD, Node, World, a_task


def silence(world: World, seconds: float) -> None:
    """The master is dead for this long. Its nodes go on."""
    world.master = None  # type: ignore[assignment]
    world.network.router_on_frame = None
    world.advance(seconds)


def events(world: World, kind: str, ref: str = "last") -> list[Any]:
    return [event for event in world.master.update(ref)["events"] if event["kind"] == kind]


def counts(world: World, ref: str = "last") -> Any:
    found: dict[str, Any] = world.master.report(ref)["requests"]
    assert found["sent"] == found["completed"] + found["failed"] + found["in_flight"]
    return found


def loads(node: Node) -> list[tuple[int, int]]:
    """(epoch, threads) of each part that the node was given."""
    return [(job.epoch, len(job.node_task.threads)) for job in node.engine.started]


def test_a_run_goes_on_under_the_next_master_and_every_request_is_counted() -> None:
    world = World()
    a, b = world.running(5.5, "a", "b", duration=30.0)
    version = world.master.run("last")["version"]
    silence(world, 8.0)
    world.new_master()
    assert world.master.run("last")["state"] == "running"
    assert world.master.run("last")["version"] > version
    over = world.finish()
    assert (over["state"], over["reason"]) == ("finished", "")
    assert counts(world)["completed"] == 30 * 6 * PER_THREAD
    assert world.master.report("last")["verdict"]["value"] == "valid"
    assert loads(a) == loads(b) == [(1, 3)]
    assert len(events(world, "resumed")) == 1
    assert len([event for event in world.desk.events(world.desk.run("1").id) if event.kind == "created"]) == 1


def test_what_was_queued_stays_queued_and_is_run_after_the_other() -> None:
    world = World()
    world.running(3, "a", duration=10.0)
    world.master.submit(a_task(duration=2.0))
    silence(world, 3)
    world.new_master()
    assert [run["state"] for run in world.master.runs()] == ["queued", "running"]
    assert world.finish("2")["state"] == "finished"
    assert counts(world, "1")["completed"] == 10 * 6 * PER_THREAD
    assert counts(world, "2")["completed"] == 2 * 6 * PER_THREAD


def test_the_last_run_is_the_newest_although_only_an_older_one_is_at_hand() -> None:
    world = World()
    world.running(3, "a", duration=30.0)
    newest = world.master.submit(a_task(duration=2.0))["number"]
    world.master.stop(str(newest))
    assert world.master.run("last")["number"] == newest
    silence(world, 3)
    world.new_master()
    assert world.master.run("last")["number"] == newest


def test_a_master_that_is_stopped_ends_its_run_and_keeps_the_queue() -> None:
    world = World()
    world.running(3, "a", duration=10.0)
    world.master.submit(a_task(duration=2.0))
    world.master.leave()
    world.master.flush()
    silence(world, 3)
    world.new_master()
    assert world.master.run("1")["reason"] == "the master was stopped"
    assert world.finish("2")["state"] == "finished"


def test_a_node_that_does_not_come_back_is_lost_and_its_share_moves() -> None:
    world = World()
    a, b = world.running(5.5, "a", "b", duration=40.0)
    silence(world, 2)
    b.kill()
    world.new_master()
    assert world.finish()["state"] == "finished"
    assert [event["node"] for event in events(world, "node_lost")] == ["b"]
    assert loads(a)[0] == (1, 3)
    assert [threads for _, threads in loads(a)] == [3, 3]
    assert world.master.report("last")["verdict"]["value"] == "suspect"


def test_a_node_that_was_restarted_too_does_not_begin_anew() -> None:
    world = World()
    a, b = world.running(5.5, "a", "b", duration=40.0)
    silence(world, 2)
    b.kill()
    world.new_master()
    reborn = world.node("b")
    assert world.finish()["state"] == "finished"
    assert loads(reborn) == []
    assert [threads for _, threads in loads(a)] == [3, 3]


def test_a_master_that_comes_back_after_the_leases_ends_the_run_once_with_its_reason() -> None:
    world = World()
    a, b = world.running(5.5, "a", "b", duration=60.0)
    silence(world, 20)
    assert not a.engine.jobs
    assert not b.engine.jobs
    world.new_master()
    over = world.finish()
    assert over["state"] == "failed"
    assert "lost" in over["reason"]
    assert counts(world)["completed"] > 6 * PER_THREAD * 15
    assert a.slave.unacknowledged == b.slave.unacknowledged == 0
    assert len(events(world, "failed")) == 1


def test_a_run_that_ended_while_the_master_was_away_is_finished() -> None:
    world = World()
    world.running(5.5, "a", "b", duration=8.0)
    silence(world, 8)
    world.new_master()
    assert world.finish()["state"] == "finished"
    assert counts(world)["completed"] == 8 * 6 * PER_THREAD


def test_a_run_that_was_being_stopped_is_stopped() -> None:
    world = World()
    (a,) = world.running(5.5, "a", duration=60.0)
    a.engine.dead = True
    world.master.stop("last", "ann")
    world.advance(0.5)
    silence(world, 2)
    a.engine.dead = False
    world.new_master()
    over = world.finish()
    assert (over["state"], over["reason"]) == ("stopped", "stopped by ann")


def test_adjustments_survive_and_can_be_made_under_the_next_master() -> None:
    world = World()
    (a,) = world.running(3.5, "a", duration=20.0, rate=60.0)
    world.master.adjust("last", 120.0)
    world.advance(1)
    silence(world, 2)
    world.new_master()
    assert world.master.run("last")["asked_rate"] == 120.0
    world.advance(3)
    world.master.adjust("last", 180.0)
    world.advance(1)
    assert [rate for _, _, rate, _ in a.engine.adjusted] == [120.0, 180.0]
    said = [(event["text"], event["second"]) for event in events(world, "adjust_taken")]
    taken = [("node a: took the rate of 120/s in second 4", 4), ("node a: took the rate of 180/s in second 10", 10)]
    assert said == taken
    assert world.finish()["state"] == "finished"
    assert len(events(world, "adjust_taken")) == 2


def test_what_is_missing_is_still_known_under_the_next_master() -> None:
    """The gaps of a dead worker and of a lost node count once each, although the slave sends its notice again."""
    world = World()
    a, b, _ = world.running(3.5, "a", "b", "c", duration=40.0)
    for node, gap in ((a, 2), (b, 1)):
        job = node.engine.started[0]
        node.slave.on_event(WorkerLost(job.run, job.epoch, "a worker died", gap))
    world.advance(1)
    b.kill()
    world.until(lambda: bool(events(world, "rebalanced")), 30)
    (loss,) = [event["second"] for event in events(world, "rebalanced")]
    for _ in range(2):
        silence(world, 2)
        world.new_master()
        world.advance(1)
    over = world.finish()
    told = max(kept.second for kept in world.desk.deltas(over["id"]) if kept.node == "b")
    missing = {node["name"]: node["gaps"] for node in world.master.report("last")["nodes"]}
    assert missing == {"a": 2, "b": 1 + loss - (told + 1), "c": 0}
    assert f"{sum(missing.values())} node-seconds are missing" in over["verdict"]["reasons"]
    assert len(events(world, "worker_lost")) == 2
    assert len(events(world, "gap")) == 1
    assert len(events(world, "resumed")) == 2
    assert "kept" not in world.master.run("last")


def test_the_skew_of_the_start_is_still_known_under_the_next_master() -> None:
    world = World()
    world.running(3, "a", "b", duration=10.0)
    before = {node["name"]: node["start_skew"] for node in world.master.report("last")["nodes"]}
    silence(world, 1)
    world.new_master()
    world.finish()
    after = {node["name"]: node["start_skew"] for node in world.master.report("last")["nodes"]}
    assert None not in before.values()
    assert after == before


def test_seconds_that_never_came_are_missing_no_more_once_they_come() -> None:
    world = World()
    (a,) = world.cluster("a")
    world.master.submit(a_task(duration=5.0))
    lost: list[bytes] = []
    send = a.dealer.send
    a.dealer.send = lambda frame: lost.append(frame) or True if b"delta" in frame else send(frame)  # type: ignore[method-assign, func-returns-value]
    over = world.finish()
    assert "5 node-seconds are missing" in over["verdict"]["reasons"]
    a.dealer.send = send  # type: ignore[method-assign]
    world.advance(10)
    assert counts(world)["completed"] == 5 * 6 * PER_THREAD
    verdict = world.master.run("last")["verdict"]
    assert verdict is not None
    assert "missing" not in str(verdict["reasons"])


def test_late_numbers_are_added_to_the_report_of_a_run_that_is_over() -> None:
    world = World()
    b = world.cluster("a", "b")[1]
    world.master.submit(a_task(duration=15.0, on_loss="continue"))
    world.advance(5.5)
    world.network.cut(b.dealer)
    lost = world.finish()
    assert lost["state"] == "finished"
    before = counts(world)["completed"]
    assert before < 15 * 6 * PER_THREAD
    world.network.connect(b.dealer)
    world.advance(10)
    assert counts(world)["completed"] == 15 * 6 * PER_THREAD
    assert world.master.run("last")["completed"] == 15 * 6 * PER_THREAD
    assert len(events(world, "late_numbers")) == 1
    report = world.master.report("last")
    assert report["verdict"]["value"] == "suspect"
    assert report["duration"] == 15.0


def late(world: World) -> Node:
    """A run of two nodes is over and reported. One node was cut off after 5 s, so it still has the deltas since
    then."""
    b = world.cluster("a", "b")[1]
    world.master.submit(a_task(duration=15.0, on_loss="continue"))
    world.advance(5.5)
    world.network.cut(b.dealer)
    assert world.finish()["state"] == "finished"
    assert counts(world)["completed"] < 15 * 6 * PER_THREAD
    return b


def test_late_numbers_reach_the_next_master() -> None:
    world = World()
    b = late(world)
    silence(world, 3)
    world.new_master()
    world.network.connect(b.dealer)
    world.advance(10)
    assert counts(world)["completed"] == 15 * 6 * PER_THREAD
    assert len(events(world, "late_numbers")) == 1


def test_the_old_report_which_may_be_long_is_not_read_for_late_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    b = late(world)
    with monkeypatch.context() as patched:
        patched.setattr(world.desk, "run", lambda ref: pytest.fail(f"the report of {ref} was read"))
        world.network.connect(b.dealer)
        world.advance(10)
    assert world.desk.stale_runs() == []
    assert counts(world)["completed"] == 15 * 6 * PER_THREAD


def test_a_master_that_died_between_committing_late_numbers_and_reporting_them_leaves_that_to_the_next() -> None:
    """The deltas are acknowledged, so they are not sent again. The node is gone, too."""
    world = World()
    b = late(world)
    before = counts(world)
    world.network.connect(b.dealer)
    world.until(lambda: b.slave.unacknowledged == 0, 10)
    assert counts(world) == before, "the master died before it reported them"
    world.nodes.clear()
    for _ in range(2):  # the second finds nothing left to do
        silence(world, 1)
        world.new_master()
        world.advance(2)
        assert counts(world)["completed"] == 15 * 6 * PER_THREAD
        assert world.master.run("last")["completed"] == 15 * 6 * PER_THREAD
        assert len(events(world, "late_numbers")) == 1
    assert world.desk.stale_runs() == []


def test_a_report_that_could_not_be_stored_is_built_again_and_records_late_numbers_once() -> None:
    """The store goes away before the report is saved, and then the master dies."""
    world = World()
    b = late(world)
    world.network.connect(b.dealer)
    world.until(lambda: b.slave.unacknowledged == 0, 10)
    save_run, run = world.desk.save_run, world.desk.run("1").id

    def away(*_: Any, **__: Any) -> None:
        world.desk.away = True
        raise StoreError("database: gone; start it")

    world.desk.save_run = away  # type: ignore[method-assign]
    world.until(lambda: world.desk.away, 5)
    world.desk.away, world.desk.save_run = False, save_run  # type: ignore[method-assign]
    assert world.desk.stale_runs() == [run]
    silence(world, 1)
    world.new_master()
    world.advance(2)
    assert counts(world)["completed"] == 15 * 6 * PER_THREAD
    assert len([event for event in world.desk.events(run) if event.kind == "late_numbers"]) == 1
