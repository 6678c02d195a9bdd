"""The files of a run: at every node that loads before it begins, each part once, and gone when nobody needs them."""

from __future__ import annotations

import hashlib

import pytest

from gluten.errors import WorkloadError, WrongState
from gluten.net.bus import messages as wire
from gluten.net.bus.messages import FILE_PART
from gluten.task.task import Task
from tests.support.file_world import CSV, SHA, TEXT, a_task, cluster, sent_parts, served, state

# Submitting


def test_a_task_whose_files_the_master_lacks_is_refused_by_name() -> None:
    world, _ = cluster("a")
    with pytest.raises(WrongState, match=r"the master lacks users\.csv: send them first"):
        world.master.submit(a_task(sha="a" * 64))
    assert world.master.missing_files([SHA, "a" * 64]) == ["a" * 64]
    assert world.master.runs() == []


def test_a_wrong_row_is_refused_with_its_line() -> None:
    world, _ = cluster("a")
    sha = world.files.add(b"name,word\nann,x\nbob\n")
    with pytest.raises(WorkloadError, match=r"feed user: users\.csv: line 3 has 1 columns"):
        world.master.submit(a_task(sha=sha))
    sha = world.files.add(b"nome,word\nann,x\n")
    with pytest.raises(WorkloadError, match=r"user\.name: the feed has no such column"):
        world.master.submit(a_task(sha=sha))


def test_the_master_counts_the_rows_whatever_the_task_says() -> None:
    world, (a,) = cluster("a")
    run = world.master.submit(a_task(rows=(("user", 7),)))
    world.finish()
    assert world.desk.run(run["id"]).task["rows"] == {"user": 40_000}
    assert a.engine.started[0].node_task.task.rows == (("user", 40_000),)


def test_a_task_that_is_sent_again_is_the_same_although_its_rows_were_counted() -> None:
    world, _ = cluster("a")
    first = world.master.submit(a_task(), "key")
    assert world.master.submit(a_task(), "key")["id"] == first["id"]
    world.finish()
    world.new_master()
    world.advance(1.0)
    assert world.master.submit(a_task(), "key")["id"] == first["id"]


# On their way


def test_each_node_has_the_file_before_the_run_begins() -> None:
    world, nodes = cluster("a", "b")
    world.master.submit(a_task())
    assert state(world) == ("starting", "waits for files on 2 nodes")
    world.finish()
    for node in nodes:
        (job,) = node.engine.started
        path = job.files["users.csv"]
        with open(path, "rb") as file:
            assert hashlib.sha256(file.read()).hexdigest() == SHA
        assert node.files.names == [SHA]
    events = world.master.update("last", 0)["events"]
    assert [event["text"] for event in events if event["kind"] == "preparing"] == ["waits for files on 2 nodes"]
    assert state(world) == ("finished", "")


def test_a_node_that_has_the_file_gets_no_part_of_it() -> None:
    world, (a, b) = cluster("a", "b")
    a.files.add(CSV)
    got = served(world)
    world.master.submit(a_task())
    world.finish()
    assert got == {"b": -(-len(CSV) // FILE_PART)}
    assert all(node.engine.started for node in (a, b))


def test_a_run_without_files_begins_at_once() -> None:
    world, (a,) = cluster("a")
    world.master.submit(Task("http://127.0.0.1:1/", threads=2, connections=2, duration=1.0))
    assert state(world) == ("starting", "")
    world.finish()
    assert "preparing" not in world.kinds()
    assert a.engine.started[0].files == {}


def test_few_parts_are_in_flight_at_once() -> None:
    world, _ = cluster("a")
    sha = world.files.add(b"line\n" * (8 << 20))
    text = TEXT.replace("users.csv", "w.txt").replace("user.name", "user.line")
    flying: list[int] = []
    got = served(world, lambda: flying.append(len(sent_parts(world))))
    world.master.submit(a_task(text=text, sha=sha, files=(("w.txt", sha),)))
    world.finish()
    assert 1 < max(flying) <= 8
    assert got == {"a": 160}


def test_a_file_goes_on_where_it_was_when_the_connection_was_lost() -> None:
    world, (a,) = cluster("a")
    world.master.submit(a_task())
    world.network.deliver()
    assert world.master.serve_files()
    world.network.deliver()  # one part is here, and more are asked for
    assert world.master.serve_files()
    offsets = [part.offset for part in sent_parts(world)]
    assert offsets[0] == FILE_PART
    world.network.connect(a.dealer)  # what was on its way is lost
    assert not sent_parts(world)
    world.finish()
    assert a.files.names == [SHA]
    assert state(world)[0] == "finished"


def test_a_part_that_is_lost_is_asked_for_again() -> None:
    world, (a,) = cluster("a")
    world.master.submit(a_task())
    world.network.deliver()
    world.master.serve_files()
    world.network.in_transit.clear()
    world.advance(4.0)
    assert state(world)[1] == "waits for files on 1 node"
    world.advance(3.0)
    assert a.engine.started


def test_an_order_to_a_node_without_the_file_arms_late() -> None:
    world, (a,) = cluster("a")

    # It had the file when it was asked, and lost it.
    def lie(message: wire.Prepare) -> None:
        if message.files:
            a.slave._send(wire.Prepared(message.run, ""))

    a.slave._handlers[wire.Prepare] = lie
    world.master.submit(a_task())
    world.until(lambda: world.master.run("last")["state"] == "running")
    assert a.engine.started[0].node_task.task.rows
    world.finish()
    assert a.files.names == [SHA]
    assert a.engine.started


# What goes wrong meanwhile
