"""What people ask a master to do: queue, stop, adjust and show runs."""

from __future__ import annotations

import math
from typing import Any

import pytest

from gluten.audit import AuditEntry
from gluten.errors import TaskError, WrongState
from gluten.listing import Listing
from gluten.stats.row import without_hdr
from tests.support.world import PER_THREAD, World, a_task


def test_runs_are_done_one_at_a_time_in_their_order() -> None:
    world = World()
    world.cluster("a", "b")
    sent = [world.master.submit(a_task(duration=2.0, name=name)) for name in "xyz"]
    assert [run["state"] for run in sent] == ["starting", "queued", "queued"]
    assert [run["queue"] for run in sent] == [None, 1, 2]
    assert [run.get("waits") for run in sent] == [None, "run 1 is on", "run 1 is on and 1 run is before it"]
    assert [run["name"] for run in world.master.runs(by=Listing(states=("queued",), ascending=True))] == ["y", "z"]
    assert [name["name"] for name in world.master.names()] == ["z", "y", "x"]
    world.finish("3")
    started = [str(world.master.run(str(number))["started_at"]) for number in (1, 2, 3)]
    assert started == sorted(started)
    assert len(set(started)) == 3
    assert [run["name"] for run in world.master.runs()] == ["z", "y", "x"]


def test_the_same_key_gives_the_same_run() -> None:
    world = World()
    world.cluster("a")
    first = world.master.submit(a_task(duration=2.0), key="once")
    assert world.master.submit(a_task(duration=2.0), key="once")["id"] == first["id"]
    world.finish()
    world.new_master()
    world.advance(2)
    assert world.master.submit(a_task(duration=2.0), key="once")["id"] == first["id"]
    assert len(world.master.runs()) == 1


def test_a_key_that_comes_again_with_another_task_is_refused() -> None:
    """This holds when the first run is over, and also when only the place of a secret in the task is equal."""
    world = World()
    world.cluster("a")
    world.master.submit(a_task(duration=2.0, headers=(("Authorization", "Bearer one"),)), key="once")
    world.master.submit(a_task(duration=2.0, headers=(("Authorization", "Bearer two"),)), key="once")
    for _ in range(2):
        with pytest.raises(WrongState, match=r"belongs to run 1, whose task differs \(duration, headers\)"):
            world.master.submit(a_task(duration=3.0), key="once")
        world.finish()
    assert len(world.master.runs()) == 1


def test_a_queued_run_is_stopped_before_it_begins() -> None:
    world = World()
    (a,) = world.cluster("a")
    world.master.submit(a_task(duration=2.0))
    second = world.master.submit(a_task(duration=2.0))
    stopped = world.master.stop(second["id"], "ann")
    assert (stopped["state"], stopped["reason"]) == ("stopped", "stopped by ann")
    world.finish("1")
    world.advance(3)
    assert len(a.engine.started) == 1
    assert world.master.report("2")["state"] == "stopped"


def test_a_starting_run_is_stopped() -> None:
    world = World()
    world.cluster("a")
    world.master.submit(a_task(duration=20.0))
    assert world.master.stop("1")["state"] == "stopping"
    over = world.finish(most=2)
    assert (over["state"], over["completed"]) == ("stopped", 0)


def test_a_running_run_is_stopped_on_every_node() -> None:
    world = World()
    world.running(5, "a", "b", "c", duration=60.0)
    world.master.stop("last")
    world.master.stop("last")  # a second time changes nothing
    over = world.finish(most=2)
    assert (over["state"], over["reason"]) == ("stopped", "stopped on request")
    assert 3 < over["duration"] < 6
    assert all(len(node.engine.stopped) == 1 for node in world.nodes)


def test_a_stop_that_is_lost_is_said_again() -> None:
    world = World()
    (a,) = world.running(3, "a", duration=60.0)
    world.master.stop("1")
    world.network.in_transit.clear()
    assert world.finish(most=3)["state"] == "stopped"
    assert not a.engine.jobs


def test_what_is_over_is_neither_stopped_nor_adjusted() -> None:
    world = World()
    world.cluster("a")
    world.master.submit(a_task(duration=2.0, rate=60.0))
    world.finish()
    for _ in ("at hand", "from the store"):
        with pytest.raises(WrongState, match="run 1 is"):
            world.master.stop("1")
        with pytest.raises(WrongState, match="run 1 is"):
            world.master.adjust("1", 10.0)
        world.new_master()


def test_adjust_reaches_every_node_with_one_second() -> None:
    world = World()
    world.running(4, "a", "b", duration=20.0, rate=60.0)
    changed = world.master.adjust("1", 120.0, "bob")
    world.advance(0.1)
    told = {node.engine.adjusted[0] for node in world.nodes}
    assert len(told) == 1
    ((run, epoch, rate, second),) = told
    assert (run, epoch, rate) == (changed["id"], 1, 120.0)
    assert changed["elapsed"] < second <= changed["elapsed"] + 2
    events = world.master.update("1")["events"]
    assert [event["second"] for event in events if event["kind"] == "adjusted"] == [int(second)]
    world.advance(2)
    assert world.master.run("1")["asked_rate"] == 120.0
    world.finish()
    asked = [row["asked"] for row in world.master.report("1")["seconds"]]
    assert asked == [60.0] * int(second) + [120.0] * (20 - int(second))


def test_a_node_that_was_cut_off_gets_each_adjustment_once_when_it_is_back() -> None:
    world = World()
    a, b = world.running(4, "a", "b", duration=30.0, rate=60.0)
    world.master.adjust("1", 90.0)
    world.advance(1)
    world.network.cut(b.dealer)
    world.master.adjust("1", 120.0)
    world.advance(2)
    world.network.connect(b.dealer)
    world.advance(2)
    assert [rate for _, _, rate, _ in b.engine.adjusted] == [90.0, 120.0]
    assert b.engine.adjusted == a.engine.adjusted
    taken = [(event["node"], event["second"]) for event in taken_by(world)]
    assert sorted(taken) == [("a", 4), ("a", 5), ("b", 4), ("b", 6)], "what came late is said to be late"


def test_each_node_says_in_which_second_it_took_an_adjustment() -> None:
    world = World()
    world.running(4, "a", "b", duration=20.0, rate=60.0)
    second = world.master.adjust("1", 120.0)["elapsed"] // 1 + 1
    world.advance(0.1)
    said = {(event["node"], event["second"], event["text"]) for event in taken_by(world)}
    assert said == {(name, second, f"node {name}: took the rate of 120/s in second {second:.0f}") for name in "ab"}
    world.finish()
    assert len(taken_by(world)) == 2, "it is said again with the ending, and counts once"
    assert "node-seconds" not in str(world.master.run("1")["verdict"])


def taken_by(world: World) -> list[Any]:
    return [event for event in world.master.update("1")["events"] if event["kind"] == "adjust_taken"]


def test_a_closed_loop_and_a_senseless_rate_are_not_adjusted() -> None:
    world = World()
    world.cluster("a")
    world.master.submit(a_task())
    with pytest.raises(WrongState, match="closed loop"):
        world.master.adjust("1", 10.0)
    for rate in (0.0, -5.0, math.nan, math.inf):
        with pytest.raises(TaskError, match="rate"):
            world.master.adjust("1", rate)


def test_an_update_holds_what_changed_after_the_version_and_nothing_else() -> None:
    world = World()
    world.cluster("a", "b")
    world.master.submit(a_task())
    seen: dict[int, Any] = {}
    texts: list[str] = []
    after = 0
    while True:
        update = world.master.update("1", after)
        assert update["version"] >= after
        seen |= {row["second"]: row for row in update["rows"]}
        texts += [event["text"] for event in update["events"]]
        after = update["version"]
        if update["final"]:
            break
        world.advance(0.7)
    assert list(seen.values()) == [without_hdr(dict(row)) for row in world.master.report("1")["seconds"]]
    assert texts == [event["text"] for event in world.master.report("1")["events"]]
    assert world.master.update("1", after)["rows"] == []
    world.new_master()
    again = world.master.update("1", 0)
    assert [row["second"] for row in again["rows"]] == [0, 1, 2, 3, 4]
    assert world.master.update("1", again["version"])["rows"] == []


def test_wait_gives_at_once_what_is_new_and_the_end() -> None:
    world = World()
    world.cluster("a")
    world.master.submit(a_task(duration=2.0))
    assert world.master.wait("1", 0, 60.0)["version"] > 0
    version = world.finish()["version"]
    assert world.master.wait("1", version, 60.0)["final"]


def test_history_survives_a_restart_of_the_master() -> None:
    world = World()
    world.cluster("a", "b")
    sent = world.master.submit(a_task(name="first", rate=60.0), who="ann")
    world.finish()
    before = (world.master.run("1"), world.master.report("1"))
    world.new_master()
    for ref in ("1", "last", sent["id"], sent["id"][:6]):
        assert (world.master.run(ref), world.master.report(ref)) == before
    assert world.master.runs(search="first")[0] == before[0]
    assert before[1]["requests"]["completed"] == 6 * PER_THREAD * 5


def test_a_master_that_is_stopped_ends_its_run_and_writes_it_down() -> None:
    world = World()
    (a,) = world.running(3, "a", duration=60.0)
    world.master.leave()
    world.network.deliver()
    world.master.flush()
    assert not a.engine.jobs
    kept = world.desk.run("1")
    assert (kept.state, kept.reason) == ("failed", "the master was stopped")


def test_each_change_by_a_person_is_recorded_with_its_run() -> None:
    world = World()
    world.cluster("a")
    run = world.master.submit(a_task(duration=2.0))["id"]
    world.master.note(AuditEntry("submit", "web", "admin", "10.0.0.7", run=run))
    world.master.note(AuditEntry("login", "web", "viewer", "10.0.0.8"))
    world.advance(1)
    (deed,) = world.master.audit_log("last")
    assert (deed["action"], deed["way"], deed["role"], deed["address"]) == ("submit", "web", "admin", "10.0.0.7")
    assert deed["at"]
    world.finish()
    world.new_master()
    world.advance(2)
    assert world.master.audit_log("1") == [deed]
