"""A task's secrets are only in memory, so a restarted master does not have them. This tests what still works."""

from __future__ import annotations

import pytest

from gluten.errors import TaskError
from gluten.task.task import Task
from tests.cluster.test_restart import events, silence
from tests.support.world import PER_THREAD, World, a_task

CANARY = "CANARY"


def secretive(**fields: object) -> Task:
    return a_task(headers=(("Authorization", f"Bearer {CANARY}"),), **fields)


def test_the_nodes_get_the_secrets_and_the_store_does_not() -> None:
    world = World()
    a, b = world.cluster("a", "b")
    world.master.submit(secretive(duration=2.0))
    world.finish()
    for node in (a, b):
        assert node.engine.started[0].node_task.task.headers == (("Authorization", f"Bearer {CANARY}"),)
    record = world.desk.run("last")
    assert CANARY not in repr(record)
    assert record.task["headers"] == [["Authorization", "***"]]


def test_no_view_shows_a_secret() -> None:
    world = World()
    world.cluster("a")
    world.master.submit(secretive(duration=2.0))
    world.advance(1)
    for shown in (world.master.run("1"), world.master.report("1"), world.master.update("1"), world.master.runs()):
        assert CANARY not in repr(shown)
    world.finish()
    world.new_master()
    assert CANARY not in repr((world.master.run("1"), world.master.report("1"), world.master.runs()))


def test_a_task_with_hidden_secrets_cannot_be_submitted() -> None:
    world = World()
    world.cluster("a")
    with pytest.raises(TaskError, match="write it again"):
        world.master.submit(secretive().public())


def test_a_run_with_secrets_goes_on_under_the_next_master() -> None:
    world = World()
    a, b = world.cluster("a", "b")
    world.master.submit(secretive(duration=20.0, rate=60.0))
    world.advance(3)
    silence(world, 3.0)
    world.new_master()
    world.advance(2)
    world.master.adjust("last", 90.0)
    over = world.finish()
    assert (over["state"], over["completed"]) == ("finished", 20 * 6 * PER_THREAD)
    assert [len(node.engine.started) for node in (a, b)] == [1, 1]
    assert [len(node.engine.adjusted) for node in (a, b)] == [1, 1]


def test_a_restart_before_a_node_has_accepted_its_part_loses_no_node() -> None:
    world = World()
    a, b = world.cluster("a", "b")
    world.master.submit(secretive(duration=20.0))
    world.advance(0.2)
    assert world.master.run("last")["state"] == "starting"
    silence(world, 0.2)
    world.new_master()
    over = world.finish()
    assert (over["state"], over["reason"]) == ("finished", "")
    assert [len(node.engine.started) for node in (a, b)] == [1, 1]
    assert events(world, "node_lost") == []


def test_after_a_restart_a_lost_node_s_threads_do_not_move_and_the_run_says_why() -> None:
    world = World()
    a, b = world.cluster("a", "b")
    world.master.submit(secretive(duration=40.0))
    world.advance(3)
    silence(world, 2.0)
    world.new_master()
    world.advance(3)
    b.kill()
    over = world.finish()
    assert over["state"] == "finished"
    assert len(a.engine.started) == 1
    (event,) = events(world, "not_moved")
    assert event["text"].startswith("the threads of b do not move: the master was restarted")
    assert events(world, "rebalanced") == []


def test_a_queued_task_with_secrets_is_not_run_by_the_next_master() -> None:
    world = World()
    (a,) = world.cluster("a")
    world.master.submit(a_task(duration=10.0))
    world.master.submit(secretive())
    world.advance(2)
    silence(world, 2.0)
    world.new_master()
    assert world.master.run("2")["state"] == "failed"
    assert "send it again" in world.master.run("2")["reason"]
    assert world.finish("1")["state"] == "finished"
    world.advance(2)
    assert len(a.engine.started) == 1
