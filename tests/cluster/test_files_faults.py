"""What goes wrong while the files of a run are on their way, and what becomes of secret ones."""

from __future__ import annotations

import pytest

from gluten.errors import UsageError, WrongState
from gluten.net.bus import messages as wire
from tests.support.file_world import CSV, SHA, FullFiles, a_task, cluster, state
from tests.support.world import World


def test_a_node_that_is_lost_meanwhile_is_left_out() -> None:
    world, (a, b) = cluster("a", "b")
    world.network.partition(b.dealer)
    world.master.submit(a_task())
    world.advance(5.0)
    assert state(world) == ("starting", "waits for files on 1 node")
    b.kill()
    run = world.finish()
    assert run["state"] == "finished"
    assert "left_out" in world.kinds()
    assert [part["name"] for part in run["plan"]] == ["a"]
    assert a.engine.started
    assert not b.engine.started


def test_a_node_whose_disk_is_full_is_left_out_with_its_reason() -> None:
    world = World()
    world.files.add(CSV)
    world.node("a"), world.node("b", files=FullFiles())
    world.advance(0.5)
    world.master.submit(a_task())
    run = world.finish()
    (event,) = (one for one in world.master.update("last", 0)["events"] if one["kind"] == "left_out")
    assert event["text"] == "node b takes no part, because it lacks files: the disk is full"
    assert [part["name"] for part in run["plan"]] == ["a"]


def test_a_run_that_no_node_can_have_the_files_of_fails_in_words() -> None:
    world = World()
    world.files.add(CSV)
    world.node("a", files=FullFiles())
    world.advance(0.5)
    world.master.submit(a_task())
    run = world.finish()
    assert run["state"] == "failed"
    assert run["reason"] == "no node has the files that it needs: a: the disk is full"


def test_a_node_that_never_answers_is_left_out_in_time() -> None:
    world, (_, b) = cluster("a", "b")
    b.slave._handlers[wire.Prepare] = lambda message: None
    world.master.submit(a_task())
    world.advance(29.0)
    assert state(world) == ("starting", "waits for files on 1 node")
    run = world.finish()
    assert [part["name"] for part in run["plan"]] == ["a"]
    assert not b.engine.started


def test_a_stop_meanwhile_ends_the_run_and_the_next_one_begins() -> None:
    world, (a,) = cluster("a")
    world.master.submit(a_task())
    world.master.stop("last", "ann")
    assert world.finish()["reason"] == "stopped by ann"
    assert not a.engine.started
    world.master.submit(a_task(secret=True))
    world.finish()
    assert a.engine.started
    assert (a.files.names, world.files.names) == ([], [])


def test_a_change_of_rate_meanwhile_is_refused() -> None:
    world, _ = cluster("a")
    world.master.submit(a_task(rate=100.0))
    with pytest.raises(WrongState, match="only a running one can be adjusted"):
        world.master.adjust("last", 50.0)


def test_a_restart_of_the_master_meanwhile_begins_the_run_again() -> None:
    world, (a,) = cluster("a")
    world.master.submit(a_task())
    world.network.deliver()
    world.master.serve_files()
    world.network.deliver()
    world.master.flush()
    assert state(world)[0] == "starting"
    world.new_master()
    world.advance(1.0)
    assert world.finish()["state"] == "finished"
    assert a.engine.started


def test_a_stop_just_before_the_master_dies_is_not_forgotten() -> None:
    world, (a,) = cluster("a")
    world.master.submit(a_task())
    world.master.stop("last")
    world.master.flush()
    world.new_master()
    world.advance(1.0)
    assert world.finish()["state"] in ("stopped", "failed")
    assert not a.engine.started


def test_a_master_that_lost_the_file_meanwhile_fails_the_run_in_words() -> None:
    world, _ = cluster("a")
    world.master.submit(a_task(threads=2, duration=3.0))
    world.master.submit(a_task())
    world.master.flush()
    for store in world.stores:
        store.remove(SHA)
    world.new_master()
    world.advance(1.0)
    why = "the master was restarted, and lacks the file 'users.csv': send the task again"
    assert world.master.run("2")["reason"] == why


# Secrets


def test_a_secret_feed_is_on_disk_only_while_the_run_needs_it() -> None:
    world, (a, b) = cluster("a", "b")
    world.master.submit(a_task(secret=True))
    world.advance(3.0)
    secret = [f"{SHA}.secret"]
    assert [store.names for store in (world.files, a.files, b.files)] == [secret] * 3
    world.finish()
    assert [store.names for store in (world.files, a.files, b.files)] == [[]] * 3


def test_a_secret_feed_goes_when_nothing_is_heard_from_the_master() -> None:
    world, (a, b) = cluster("a", "b")
    b.slave._handlers[wire.Prepare] = lambda message: None
    world.master.submit(a_task(secret=True))
    world.advance(1.0)
    assert a.files.names == [f"{SHA}.secret"]
    world.network.partition(a.dealer)
    world.advance(16.0)
    assert a.files.names == []


def test_a_node_that_leaves_takes_no_secret_with_it() -> None:
    world, (a,) = cluster("a")
    world.master.submit(a_task(secret=True))
    world.advance(2.0)
    a.slave.leave()
    assert a.files.names == []


def test_after_a_restart_threads_of_a_run_with_a_secret_feed_do_not_move() -> None:
    world, (a, b) = cluster("a", "b")
    world.master.submit(a_task(secret=True, duration=60.0))
    world.advance(3.0)
    world.new_master()
    world.advance(1.0)
    b.kill()
    world.until(lambda: "not_moved" in world.kinds())
    assert len(a.engine.started) == 1


def test_without_a_restart_they_move() -> None:
    world, (a, b) = cluster("a", "b")
    world.master.submit(a_task(secret=True, duration=60.0))
    world.advance(3.0)
    b.kill()
    world.until(lambda: "rebalanced" in world.kinds())
    world.advance(1.0)
    assert [job.files["users.csv"] for job in a.engine.started] == [a.files.path(SHA)] * 2


def test_a_node_that_is_asked_for_a_run_that_is_over_is_told_so() -> None:
    world, (a,) = cluster("a")
    world.master.submit(a_task(secret=True))
    world.advance(2.0)
    world.network.partition(a.dealer)
    world.master.stop("last")
    world.advance(9.0)
    world.network.heal(a.dealer)
    world.advance(3.0)
    world.network.connect(a.dealer)
    world.finish()
    assert a.files.names == []


def test_uploads_of_others_bytes_are_refused() -> None:
    world = World()
    upload = world.master.upload(SHA, len(CSV))
    upload.write(CSV[:-1])
    with pytest.raises(UsageError):
        upload.finish()
    upload.drop()
    assert world.master.missing_files([SHA]) == [SHA]
