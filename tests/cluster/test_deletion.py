"""Runs are deleted by people and by their age, and nothing brings them back."""

from __future__ import annotations

import pytest

from gluten.audit import AuditEntry
from gluten.errors import NotFound, StoreError, WrongState
from tests.support.world import World, a_task

DAY = 86_400.0


@pytest.fixture
def world() -> World:
    made = World()
    made.cluster("a")
    return made


def a_finished_run(world: World, **task: object) -> str:
    run = str(world.master.submit(a_task(**task))["id"])
    world.finish()
    return run


def test_a_deleted_run_is_known_no_more(world: World) -> None:
    kept, run = a_finished_run(world), a_finished_run(world)
    shown = world.master.delete("2")
    assert (shown["id"], shown["state"]) == (run, "finished")
    assert [each["id"] for each in world.master.runs()] == [kept]
    for ref in ("2", run, run[:8]):
        for ask in (world.master.run, world.master.report, world.master.delete):
            with pytest.raises(NotFound):
                ask(ref)
    world.advance(1.0)
    assert not world.master.deletion.purging
    assert world.master.run("last")["id"] == kept


def test_a_run_that_was_looked_at_is_forgotten_too(world: World) -> None:
    run = a_finished_run(world)
    world.new_master()
    world.master.report(run)
    world.master.delete(run)
    with pytest.raises(NotFound):
        world.master.report(run)


def test_a_run_that_is_on_or_waits_is_not_deleted(world: World) -> None:
    world.master.submit(a_task())
    world.master.submit(a_task())
    for number in ("1", "2"):
        with pytest.raises(WrongState, match=f"run {number} is not over: stop it before you delete it"):
            world.master.delete(number)
    world.finish("1")
    assert world.finish("2")["state"] == "finished"


def test_a_run_whose_report_waits_for_the_store_is_not_deleted(world: World) -> None:
    run = str(world.master.submit(a_task())["id"])
    world.advance(3.0)
    world.desk.away = True
    world.until(lambda: world.master.run(run)["state"] == "finished")
    with pytest.raises(WrongState, match="run 1 has just ended, and its report is being stored: try again"):
        world.master.delete(run)
    world.desk.away = False
    world.advance(1.0)
    world.master.delete(run)


def test_a_baseline_is_not_deleted(world: World) -> None:
    a_finished_run(world, name="shop")
    world.master.pin("1")
    with pytest.raises(WrongState, match=r"the baseline of runs called 'shop': `gluten\.pyz baseline --remove 1`"):
        world.master.delete("1")
    assert world.master.report("1")["number"] == 1


def test_while_the_store_is_away_nothing_is_deleted(world: World) -> None:
    run = a_finished_run(world)
    world.desk.away = True
    with pytest.raises(StoreError):
        world.master.delete(run)
    world.desk.away = False
    assert world.master.run(run)["state"] == "finished"


def test_another_run_goes_on_and_counts_all(world: World) -> None:
    a_finished_run(world)
    run = str(world.master.submit(a_task())["id"])
    world.advance(2.0)
    world.master.delete("1")
    world.finish(run)
    assert world.master.report(run)["requests"]["completed"] == 5 * 6 * 10
    assert world.master.runs()[0]["number"] == 2


def test_a_late_delta_does_not_bring_it_back(world: World) -> None:
    """A node was cut off when the run ended. Its last deltas arrive after the run was deleted."""
    world.node("b")
    world.advance(1.0)
    cut = world.nodes[1]
    run = str(world.master.submit(a_task())["id"])
    world.advance(4.0)
    world.network.cut(cut.dealer)
    world.until(lambda: world.master.run(run)["state"] in ("finished", "failed"))
    world.advance(1.0)
    world.master.delete(run)
    cut.dealer = world.network.dealer()
    world.advance(30.0)
    with pytest.raises(NotFound):
        world.master.run(run)
    assert not world.master.unstored


def test_runs_expire_by_the_age_of_their_end_but_for_baselines(world: World) -> None:
    for name in ("pinned", "old", "young"):
        if name == "young":
            world.clock += DAY
            world.advance(3.0)
        a_finished_run(world, name=name)
    world.master.pin("1")
    world.master.deletion.expire(DAY)
    world.advance(0.5)
    assert [run["name"] for run in world.master.runs()] == ["young", "pinned"]
    world.master.deletion.expire(1.0)
    world.advance(2.0)
    world.master.deletion.expire(1.0)
    assert [run["name"] for run in world.master.runs()] == ["pinned"]


def test_it_is_on_record_that_a_run_expired_or_was_deleted(world: World) -> None:
    expired, deleted = a_finished_run(world), a_finished_run(world)
    world.master.delete(deleted)
    world.master.note(AuditEntry("delete", "web", "admin", run=deleted))
    world.advance(2.0)
    world.master.deletion.expire(1.0)
    world.advance(0.5)
    assert [(deed["action"], deed["way"]) for deed in world.master.audit_log(deleted)] == [("delete", "web")]
    assert [(deed["action"], deed["detail"]) for deed in world.master.audit_log(expired)] == [("expire", "run 1")]
    with pytest.raises(NotFound):
        world.master.audit_log("f" * 32)


def test_while_the_store_is_away_nothing_expires_and_the_master_goes_on(world: World) -> None:
    a_finished_run(world)
    world.desk.away = True
    world.advance(5.0)
    world.master.deletion.expire(1.0)
    world.desk.away = False
    world.advance(1.0)
    assert len(world.master.runs()) == 1
    world.master.deletion.expire(1.0)
    assert world.master.runs() == []
