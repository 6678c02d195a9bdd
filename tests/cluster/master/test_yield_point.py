"""A long report is made in pieces. Between them the master handles messages of nodes and commits their deltas."""

from __future__ import annotations

import time

import gevent
import pytest

from gluten.cluster.master import master
from gluten.cluster.master.yield_point import LONGEST, YieldPoint
from tests.support.world import World, a_task


def test_a_breath_gives_others_a_turn_only_after_a_while() -> None:
    turns: list[float] = []

    def other() -> None:
        while True:
            turns.append(time.monotonic())
            gevent.sleep(0)

    beside = gevent.spawn(other)
    breath = YieldPoint()
    breath()
    assert not turns
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        pass
    breath()
    assert turns
    beside.kill()


def test_an_ended_run_shows_as_stopping_until_its_report_is_there() -> None:
    world = World()
    world.cluster("a", "b")
    world.master.submit(a_task(duration=3.0))
    build, world.master.build_reports = world.master.build_reports, lambda: None  # type: ignore[method-assign]
    world.advance(6)
    shown = world.master.update("1")
    assert (shown["run"]["state"], shown["final"], shown["run"]["verdict"]) == ("stopping", False, None)
    assert "finished" in [event["kind"] for event in shown["events"]]
    assert world.desk.run("1").state == "running"
    world.master.build_reports = build  # type: ignore[method-assign]
    world.advance(0.1)
    shown = world.master.update("1")
    assert (shown["run"]["state"], shown["final"]) == ("finished", True)
    assert shown["run"]["verdict"] is not None
    assert shown["run"]["verdict"]["value"] == "valid"
    assert world.desk.run("1").state == "finished"


def test_while_a_report_is_made_the_master_goes_on() -> None:
    """Between two pieces come ticks, commits, and a question about the same run."""
    world = World(give_way=lambda: between())
    seen: list[str] = []

    def between() -> None:
        if len(seen) < 200:
            seen.append("")
            world.master.turn()
            world.master.flush()
            seen[-1] = world.master.run("1")["state"]

    world.cluster("a", "b", "c")
    world.master.submit(a_task(duration=4.0))
    report = world.finish()
    assert report["completed"] == 4 * 6 * 10
    assert "stopping" in seen
    assert world.master.report("1")["requests"]["completed"] == report["completed"]


def test_watchers_of_a_large_cluster_get_changes_with_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    often = updates_in_three_seconds()
    monkeypatch.setattr(master, "QUIET_EACH", 0.25)  # two nodes: a pause of half a second
    seldom = updates_in_three_seconds()
    assert often >= 25
    assert 5 <= seldom <= 7


def updates_in_three_seconds() -> int:
    world = World()
    world.cluster("a", "b")
    world.master.submit(a_task(duration=9.0, rate=100.0))
    world.advance(1)
    told: list[int] = []

    def watch() -> None:
        while True:
            told.append(world.master.wait("1", told[-1] if told else 0, 60.0)["version"])

    watcher = gevent.spawn(watch)
    for step in range(30):
        # Something changes in each step, as where many nodes tell of their seconds one after the other.
        world.master.adjust("1", 100.0 + step)
        world.advance(0.1)
        gevent.sleep(0)
    watcher.kill()
    return len(set(told))
