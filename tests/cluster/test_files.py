"""The files of a run: at every node that loads before it begins, each part once, and gone when nobody needs them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from typing import Any, NoReturn

import pytest

from gluten.cluster.master.membership import ClusterNode
from gluten.errors import StoreError, WorkloadError, WrongState
from gluten.net.bus import frames
from gluten.net.bus import messages as wire
from gluten.net.bus.messages import FILE_PART
from gluten.task.task import Task
from tests.support.plain_files import PlainFiles
from tests.support.world import Node, World

CSV = b"name,word\n" + b"".join(b"user%d,%d\n" % (number, number**7) for number in range(40_000))
SHA = hashlib.sha256(CSV).hexdigest()
TEXT = """
[[feed]]
name = "user"
file = "users.csv"
pick = "unique"
secret = SECRET
[request.a]
get = "/{{user.name}}"
"""


class FullFiles(PlainFiles):
    """Those of a node whose disk is full."""

    def download(self, sha: str, size: int, secret: bool, then: Callable[[], None]) -> NoReturn:
        raise StoreError("the disk is full")


def a_task(secret: bool = False, sha: str = SHA, text: str = TEXT, **fields: Any) -> Task:
    text = text.replace("SECRET", str(secret).lower())
    values = {"threads": 6, "connections": 60, "duration": 5.0, "workload": text, "files": (("users.csv", sha),)}
    return Task("http://127.0.0.1:1/", **{**values, **fields})


def cluster(*names: str) -> tuple[World, list[Node]]:
    world = World()
    world.files.add(CSV)
    return world, world.cluster(*names)


def sent_parts(world: World) -> list[wire.FilePart]:
    """The parts of files that are in transit to a node."""
    decoded = [frames.decode_down(frame.frame) for frame in world.network.in_transit if not frame.up]
    return [message for message in decoded if isinstance(message, wire.FilePart)]


def served(world: World, then: Callable[[], None] = lambda: None) -> Counter[str]:
    """How many parts each node is sent from now on. `then` is called after each."""
    counts: Counter[str] = Counter()
    server = world.master._file_server
    send = server._send

    def counted(node: ClusterNode, message: wire.Message) -> bool:
        counts[node.name] += 1
        sent = send(node, message)
        then()
        return sent

    server._send = counted
    return counts


def state(world: World) -> tuple[str, str]:
    run = world.master.run("last")
    return run["state"], run["reason"]


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
