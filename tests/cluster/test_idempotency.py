"""Two requests with one key begin one run."""

from __future__ import annotations

import pytest

from gluten.errors import StoreError, WrongState
from gluten.store.records import RunRecord
from tests.support.world import PER_THREAD, World, a_task


def test_a_run_that_was_stored_in_spite_of_an_error_begins_when_it_is_asked_for_again() -> None:
    """The connection to the database breaks during the commit, so the answer never arrives."""
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


def test_two_requests_with_one_key_begin_one_run_in_any_order_of_answers() -> None:
    """The second request is answered before the first one continues."""
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
