"""Sessions over a cluster: live, at the end, from the store, and when a node is lost."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.world import SESSIONS, World, a_task

SHOP = """
[request.login]
get = "/"
[request.pay]
post = "/pay"
[[scenario]]
name = "browse"
do = ["login"]
[[scenario]]
name = "buy"
do = ["login", {group = "checkout", do = ["pay"]}]
"""
THREADS, SECONDS = 4, 5
RATE = 2.0 * SESSIONS * THREADS
"""Sessions/s of the fake engines' threads together, over both scenarios."""
PACES: list[dict[str, Any]] = [{}, {"rate": RATE}]
COUNTS = ("begun", "finished", "ended", "cut", "dropped", "good")


def running(ran: float = 2.6, **task: Any) -> World:
    world = World()
    world.running(ran, "a", "b", workload=SHOP, threads=THREADS, duration=float(SECONDS), **task)
    return world


def whole(report: Any) -> dict[str, Any]:
    """The report's sessions, of which the sums are right."""
    sessions: dict[str, Any] = report["sessions"]
    assert sessions["begun"] == sessions["finished"] + sessions["ended"] + sessions["cut"] + sessions["active"]
    for count in COUNTS:
        assert sessions[count] == sum(entry[count] for entry in report["by_scenario"])
    if sessions["planned"] is not None:
        assert sessions["planned"] == sessions["begun"] + sessions["dropped"]
        assert sessions["planned"] == sum(entry["planned"] for entry in report["by_scenario"])
    return sessions


@pytest.mark.parametrize("pace", PACES)
def test_a_run_that_goes_on_tells_of_its_sessions(pace: dict[str, Any]) -> None:
    world = running(**pace)
    run: Any = world.master.run("1")
    rows = world.master.update("1", 0)["rows"]
    assert run["sessions"]["begun"] == sum(row["begun"] for row in rows) > 0
    assert run["sessions"]["active"] == rows[-1]["active"] == run["sessions"]["begun"] - run["sessions"]["finished"]
    assert [entry["name"] for entry in run["by_scenario"]] == ["browse", "buy"]
    assert [(entry["name"], entry["p99"]) for entry in run["groups"]] == [("checkout", 500_000)]
    assert all(row["by_scenario"]["buy"]["begun"] * 2 == row["begun"] for row in rows)
    sessions = whole(world.master.report("1"))
    assert sessions["active"] > 0
    assert (sessions["dropped"], sessions["most"]) == (0, RATE)


@pytest.mark.parametrize("pace", PACES)
def test_a_run_that_is_over_has_the_same_sessions_in_its_map_its_report_and_the_store(pace: dict[str, Any]) -> None:
    world = running(**pace)
    over, report = world.finish(), world.master.report("1")
    sessions = whole(report)
    assert sessions["begun"] == sessions["finished"] == RATE * SECONDS
    assert (sessions["active"], sessions["planned"]) == (0, RATE * SECONDS if pace else None)
    assert report["requests"]["planned"] is None
    assert report["requests"]["dropped"] == 0
    assert report["verdict"]["value"] == "valid"
    assert {name: over["sessions"][name] for name in COUNTS} == {name: sessions[name] for name in COUNTS}
    assert over["sessions"]["p99"] == sessions["time"]["p99"] == 1_000_000
    world.new_master()
    stored, again = world.master.report("1"), world.master.run("1")
    assert [again.get(key) for key in ("sessions", "by_scenario", "groups")] == [
        over[key] for key in ("sessions", "by_scenario", "groups")
    ]
    assert [stored[key] for key in ("sessions", "by_scenario", "groups")] == [
        report[key] for key in ("sessions", "by_scenario", "groups")
    ]
    assert {entry["name"]: entry["count"] for entry in stored["groups"]} == {"checkout": RATE * SECONDS / 2}


def test_a_part_of_a_run_has_the_sessions_that_began_and_ended_in_it_from_memory_and_from_the_store() -> None:
    world = running()
    run = world.finish()["id"]
    before = world.master.window("1", 1, 3)
    assert (before["sessions"]["begun"], before["sessions"]["finished"]) == (2 * RATE, 2 * RATE)
    assert [entry["name"] for entry in before["by_scenario"]] == ["browse", "buy"]
    world.master._scheduler.forget(run)
    assert world.master.window("1", 1, 3) == before


def test_a_restarted_master_goes_on_counting_sessions() -> None:
    world = running(rate=RATE)
    world.new_master()
    world.finish()
    sessions = whole(world.master.report("1"))
    assert (sessions["begun"], sessions["dropped"]) == (RATE * SECONDS, 0)


@pytest.mark.parametrize("pace", PACES)
@pytest.mark.parametrize("on_loss", ["continue", "rebalance"])
def test_sessions_of_a_lost_node_were_cut_as_far_as_it_reported_them(pace: dict[str, Any], on_loss: str) -> None:
    world = World()
    lost, _ = world.running(4.6, "a", "b", workload=SHOP, threads=THREADS, duration=40.0, on_loss=on_loss, **pace)
    lost.kill()
    run: Any = world.master.run("1")
    world.finish()
    report = world.master.report("1")
    sessions = whole(report)
    # Each of its two threads had begun two sessions of each scenario in its last second.
    assert sessions["cut"] == 2 * 2 * SESSIONS
    assert (sessions["active"], sessions["ended"]) == (0, 0)
    assert sessions["begun"] > run["sessions"]["begun"]
    assert any("lost" in reason for reason in report["verdict"]["reasons"])
    if pace:
        assert sessions["planned"] == RATE * 40
        assert sessions["dropped"] == RATE * 40 - sessions["begun"] > 0
        # It says what is missing of the sessions: with `continue` nearly half of them.
        told = [reason for reason in report["verdict"]["reasons"] if "planned sessions could not begin" in reason]
        assert len(told) == 1


def test_the_sessions_that_are_left_of_a_number_are_moved_when_a_node_is_lost() -> None:
    world = World()
    lost, _ = world.running(2.6, "a", "b", workload=SHOP, threads=THREADS, duration=60.0, requests=400)
    lost.kill()
    world.until(lambda: len(world.master.run("1")["plan"]) > 0 and "rebalanced" in world.kinds())
    moved = world.nodes[1].engine.started[-1].node_task
    reported = [row["begun"] / 2 for row in world.master.update("1", 0)["rows"][:2]]
    # Half of the sessions were its own. What it had reported as begun is not begun again.
    assert moved.requests == 200 - sum(reported)


def test_slos_of_sessions_are_judged_live_and_end_a_run() -> None:
    world = running(slo=("session p99 of buy < 2s", "session rate > 1000 for 2s, else stop"), rate=RATE)
    over = world.finish()
    assert [(entry["slo"], entry["state"]) for entry in over["slo"]] == [
        ("session p99 of buy < 2s", "holds"),
        ("session rate > 1000 for 2s, else stop", "missed"),
    ]
    assert (over["state"], over["kind"]) == ("stopped", "slo")


def test_an_slo_of_a_scenario_that_is_not_there_is_refused() -> None:
    world = World()
    world.cluster("a")
    with pytest.raises(Exception, match="there is no scenario 'rent'; there is browse, buy"):
        world.master.submit(a_task(workload=SHOP, slo=("session p99 of rent < 2s",)))


def test_sessions_of_the_warmup_count_and_their_times_and_rates_do_not() -> None:
    world = running(warmup=2.0)
    live: Any = world.master.run("1")
    assert (live["sessions"]["begun"], live["sessions"]["rate"]) == (2 * RATE, RATE / 2)  # no second is measured yet
    over = world.finish()
    sessions = whole(world.master.report("1"))
    assert sessions["finished"] == RATE * SECONDS
    assert len(world.master.report("1")["seconds"]) == SECONDS
    # In the last of three measured seconds each session finishes, and those of the one before.
    assert over["sessions"]["rate"] == 4 * RATE / 3
