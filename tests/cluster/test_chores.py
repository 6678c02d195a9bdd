"""Setup and teardown over a cluster: once, by one node, through its loss and a restart of the master."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from gluten.net.bus import frames
from gluten.net.bus import messages as wire
from gluten.plan.chores import SETUP, TEARDOWN
from gluten.plan.job import HostTask
from tests.cluster.test_restart import silence
from tests.support.world import Node, World, a_task

SHOP = """
setup = ["login"]
teardown = ["bye"]
[request.login]
post = "/login"
take = {token = "json $.token"}
[request.view]
get = "/view"
header = ["Authorization: Bearer {{token}}"]
[request.bye]
delete = "/token"
header = ["Authorization: Bearer {{token}}"]
[[scenario]]
name = "browse"
do = ["view"]
"""
VALUE = "token of setup"


def submitted(*names: str, text: str = SHOP, **task: Any) -> tuple[World, list[Node]]:
    world = World()
    nodes = world.cluster(*names)
    world.master.submit(a_task(workload=text, duration=3.0, **task))
    return world, nodes


def done_by(nodes: list[Node], kind: str) -> list[str]:
    """The names of the nodes that were given this chore, once for each time."""
    return [node.name for node in nodes for chore in node.engine.chores if chore.kind == kind]


def started(nodes: list[Node]) -> list[HostTask]:
    return [job for node in nodes for job in node.engine.started]


def texts(world: World, kind: str) -> list[str]:
    return [event["text"] for event in world.master.update("last", 0)["events"] if event["kind"] == kind]


def test_one_node_does_the_setup_and_every_node_knows_what_it_took() -> None:
    world, nodes = submitted("a", "b", "c")
    over = world.finish()
    assert over["state"] == "finished"
    assert done_by(nodes, SETUP) == done_by(nodes, TEARDOWN) == ["a"]
    assert [job.taken for job in started(nodes)] == [{"token": VALUE}] * 3
    (teardown,) = [chore for chore in nodes[0].engine.chores if chore.kind == TEARDOWN]
    assert teardown.taken == {"token": VALUE}
    assert texts(world, "setup") == ["setup took 1 value in 120 ms"]
    assert texts(world, "teardown") == ["teardown was done in 120 ms"]


def test_the_load_waits_for_the_setup_and_the_end_for_the_teardown() -> None:
    world = World()
    (a,) = world.cluster("a")
    a.engine.chore_pause = 2.0
    world.master.submit(a_task(workload=SHOP, duration=3.0))
    world.advance(1.0)
    assert (world.master.run("last")["state"], world.master.run("last")["reason"]) == (
        "starting",
        "waits for setup on a",
    )
    assert not a.engine.started
    world.until(lambda: bool(a.engine.started))
    world.until(lambda: not a.engine.jobs)
    world.advance(1.0)
    assert world.master.run("last")["reason"] == "waits for teardown on a"
    over = world.finish()
    assert (over["state"], over["reason"], over["elapsed"]) == ("finished", "", 3.0)


def test_a_setup_that_fails_fails_the_run_with_its_reason_and_nothing_is_torn_down() -> None:
    world = World()
    nodes = world.cluster("a", "b")
    nodes[0].engine.chore_failure = "request login: it was answered with status 401"
    world.master.submit(a_task(workload=SHOP))
    over = world.finish()
    assert (over["state"], over["sent"]) == ("failed", 0)
    assert over["reason"] == "node a: setup failed: request login: it was answered with status 401"
    assert done_by(nodes, TEARDOWN) == []
    assert not started(nodes)


def test_a_teardown_that_fails_changes_no_outcome() -> None:
    world, nodes = submitted("a")
    world.until(lambda: bool(nodes[0].engine.jobs))
    nodes[0].engine.chore_failure = "request bye: it was answered with status 500"
    over = world.finish()
    assert (over["state"], over["reason"]) == ("finished", "")
    assert texts(world, "teardown_failed") == ["teardown failed: request bye: it was answered with status 500"]


def test_what_was_stopped_is_torn_down() -> None:
    world, nodes = submitted("a", "b")
    world.until(lambda: bool(nodes[0].engine.jobs))
    world.advance(1.0)
    world.master.stop("last", "ada")
    over = world.finish()
    assert (over["state"], over["reason"]) == ("stopped", "stopped by ada")
    assert done_by(nodes, TEARDOWN) == ["a"]


def test_a_stop_ends_a_setup_that_is_under_way() -> None:
    world = World()
    (a,) = world.cluster("a")
    a.engine.chore_pause = 60.0
    world.master.submit(a_task(workload=SHOP))
    world.advance(1.0)
    world.master.stop("last")
    assert world.finish()["state"] == "stopped"
    world.advance(1.0)
    assert a.engine.doing == [], "the node was told"
    assert done_by([a], TEARDOWN) == [], "nothing was set up"
    assert not a.slave.busy


def test_another_node_does_the_setup_of_one_that_is_lost() -> None:
    world = World()
    a, b = nodes = world.cluster("a", "b")
    a.engine.chore_pause = 60.0
    world.master.submit(a_task(workload=SHOP, duration=3.0))
    world.advance(1.0)
    a.kill()
    over = world.finish()
    assert over["state"] == "finished"
    assert done_by(nodes, SETUP) == ["a", "b"]
    assert [job.taken for job in started([b])] == [{"token": VALUE}]


def test_another_node_does_the_setup_of_one_that_leaves_at_once() -> None:
    world = World()
    a, b = nodes = world.cluster("a", "b")
    a.engine.chore_pause = 60.0
    world.master.submit(a_task(workload=SHOP, duration=3.0))
    world.advance(1.0)
    a.slave.leave()
    world.advance(0.5)
    assert done_by(nodes, SETUP) == ["a", "b"]
    assert a.engine.doing == [], "its own ends with it"
    assert world.finish()["state"] == "finished"
    assert [job.taken for job in started([b])] == [{"token": VALUE}]


def test_what_was_answered_is_not_done_again() -> None:
    world = World()
    a, b = world.cluster("a", "b")
    world.master.submit(a_task(workload=SHOP, duration=30.0))
    world.until(lambda: bool(a.engine.jobs))
    world.advance(2.0)
    a.kill()
    world.finish()
    assert done_by([a, b], SETUP) == ["a"]
    assert done_by([a, b], TEARDOWN) == ["b"], "another node knows what to tear down"
    moved = started([b])[-1]
    assert (moved.epoch, moved.taken) == (2, {"token": VALUE})


def test_an_answer_that_is_lost_is_given_again_without_another_setup() -> None:
    world = World()
    (a,) = world.cluster("a")
    lost: list[wire.Message] = []
    send = a.slave._chores._send

    def losing(message: wire.Message) -> bool:
        if not lost:
            lost.append(message)
            return True
        return send(message)

    a.slave._chores._send = losing
    world.master.submit(a_task(workload=SHOP, duration=3.0))
    assert world.finish()["state"] == "finished"
    assert [type(message) for message in lost] == [wire.ChoreDone]
    assert done_by([a], SETUP) == ["a"]


def test_a_node_that_does_not_answer_fails_the_run() -> None:
    world = World()
    (a,) = world.cluster("a")
    a.engine.chore_pause = 1e6
    world.master.submit(a_task(workload=SHOP, timeout=2.0))
    over = world.finish()
    assert over["state"] == "failed"
    assert "setup failed: node a did not answer within 21 s" in over["reason"]


def test_what_setup_took_is_in_no_view_and_not_in_the_store() -> None:
    world, _ = submitted("a", "b")
    world.advance(2.0)
    live = (world.master.run("1"), world.master.report("1"), world.master.update("1"), world.master.runs())
    assert VALUE not in repr(live)
    world.finish()
    assert VALUE not in repr(
        (world.desk.run("last"), world.master.report("1"), world.desk.events(world.desk.run("1").id))
    )


def test_a_restarted_master_learns_from_the_node_what_setup_took() -> None:
    world = World()
    a, b = nodes = world.cluster("a", "b")
    world.master.submit(a_task(workload=SHOP, duration=30.0))
    world.advance(3.0)
    silence(world, 3.0)
    world.new_master()
    world.advance(3.0)
    b.kill()
    over = world.finish()
    assert over["state"] == "finished"
    assert done_by(nodes, SETUP) == ["a"]
    assert done_by(nodes, TEARDOWN) == ["a"]
    assert [job.taken for job in a.engine.started] == [{"token": VALUE}] * 2, "b's threads have moved"


def test_a_restarted_master_moves_no_threads_when_nobody_knows_what_setup_took() -> None:
    world = World()
    a, b = world.cluster("a", "b")
    world.master.submit(a_task(workload=SHOP, duration=30.0))
    world.advance(3.0)
    silence(world, 3.0)
    a.kill()
    world.new_master()
    over = world.finish()
    assert over["state"] == "finished"
    assert [job.epoch for job in b.engine.started] == [1]
    assert "what setup took is kept in memory alone" in texts(world, "not_moved")[0]
    assert "what setup took is kept in memory alone" in texts(world, "teardown_failed")[0]
    assert done_by([b], TEARDOWN) == []


def test_a_queued_run_is_set_up_by_the_next_master() -> None:
    world = World()
    (a,) = world.cluster("a")
    a.engine.chore_pause = 1.0
    world.master.submit(a_task(workload=SHOP, duration=3.0))
    world.advance(0.5)
    world.new_master()
    over = world.finish()
    assert over["state"] == "finished"
    assert done_by([a], SETUP) == ["a"], "the node was at it already"


@pytest.mark.parametrize("text", [SHOP.replace('setup = ["login"]\n', "").replace("{{token}}", "x")])
def test_a_teardown_needs_no_setup(text: str) -> None:
    world, nodes = submitted("a", text=text.replace('do = ["view"]', 'do = ["login", "view"]'))
    assert world.finish()["state"] == "finished"
    assert (done_by(nodes, SETUP), done_by(nodes, TEARDOWN)) == ([], ["a"])


def test_only_the_node_that_was_asked_is_believed() -> None:
    world = World()
    a, b = world.cluster("a", "b")
    a.engine.chore_pause = 2.0
    run = world.master.submit(a_task(workload=SHOP, duration=3.0))["id"]
    world.advance(0.5)
    b.dealer.send(frames.encode(wire.ChoreDone(run, SETUP, "", "", {"token": "forged"}, 0.1)))
    world.finish()
    assert {job.taken["token"] for job in started([a, b])} == {VALUE}


def test_the_setup_waits_for_the_files() -> None:
    world = World()
    data = b"name\nada\n"
    world.files.add(data)
    nodes = world.cluster("a", "b")
    feed = '[[feed]]\nname = "user"\nfile = "users.csv"\n'
    text = SHOP.replace("[request.login]", feed + "[request.login]").replace('"/view"', '"/{{user.name}}"')
    files = (("users.csv", hashlib.sha256(data).hexdigest()),)
    for node in nodes:
        node.engine.chore_pause = 1.0
    world.master.submit(a_task(workload=text, files=files, duration=3.0))
    assert world.master.run("last")["reason"] == "waits for files on 2 nodes"
    assert done_by(nodes, SETUP) == []
    world.until(lambda: done_by(nodes, SETUP) == ["a"])
    assert not started(nodes)
    assert all(list(chore.files) == ["users.csv"] for chore in nodes[0].engine.chores)
    assert world.finish()["state"] == "finished"
    assert [job.taken for job in started(nodes)] == [{"token": VALUE}] * 2


def test_a_node_without_a_lease_gives_its_setup_up_without_an_answer() -> None:
    world = World()
    a, b = nodes = world.cluster("a", "b")
    a.engine.chore_pause = 60.0
    world.master.submit(a_task(workload=SHOP, duration=3.0, timeout=20.0))
    world.advance(1.0)
    world.network.partition(a.dealer)
    world.until(lambda: done_by(nodes, SETUP)[-1] == "b")
    assert a.engine.doing == [], "before another one began"
    assert world.finish()["state"] == "finished"
    assert [job.taken for job in started([b])] == [{"token": VALUE}]
