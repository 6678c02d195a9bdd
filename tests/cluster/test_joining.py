"""Nodes join early, late, twice, with another version, or all at once."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from gluten.cluster.master.membership import LOST_AFTER
from gluten.cluster.slave.registration import HELLO_MOST
from gluten.net.bus import frames
from gluten.net.bus import messages as wire
from tests.support.world import PER_THREAD, World, a_task


def names(world: World) -> list[str]:
    return [node["name"] for node in world.master.nodes() if node["state"] == "alive"]


def test_a_slave_waits_for_a_master_that_is_not_there_yet() -> None:
    world = World(master=False)
    world.node("a")
    world.advance(20)
    world.new_master()
    world.advance(1.5)
    assert names(world) == ["a"]


def test_a_second_node_of_a_living_name_is_refused_in_words() -> None:
    world = World()
    world.cluster("a")
    twin = world.node("a")
    world.advance(20)
    assert len(twin.refusals) == 1
    assert "a node of this name is already here" in str(twin.refusals[0])
    assert names(world) == ["a"]


@pytest.mark.parametrize("silence", [0.2, 1.0, 5.0])
def test_an_heir_is_let_in_at_once_when_its_predecessors_connection_is_gone(silence: float) -> None:
    world = World()
    a, _ = world.cluster("a", "b")
    world.advance(1.0)
    a.kill()
    world.advance(silence)
    heir = world.node("a")
    world.advance(0.3)
    assert heir.slave.joined
    assert not heir.refusals
    assert [node["id"] for node in world.master.nodes() if node["name"] == "a"] == [heir.slave.info.node]


def test_what_the_predecessor_loaded_moves_when_its_heir_comes() -> None:
    world = World()
    a, b = world.running(2.0, "a", "b", duration=20.0)
    a.kill()
    heir = world.node("a")
    world.advance(0.5)
    assert "rebalanced" in world.kinds()
    (lost,) = [event["text"] for event in world.master.update("1")["events"] if event["kind"] == "node_lost"]
    assert lost == "node a was lost: its process ended, and another one took its name"
    over = world.finish("1")
    assert (over["state"], len(b.engine.started), heir.engine.started) == ("finished", 2, [])


def test_an_heir_waits_while_its_predecessor_may_only_be_cut_off() -> None:
    world = World()
    a, _ = world.cluster("a", "b")
    world.network.partition(a.dealer)
    world.advance(3.0)
    heir = world.node("a")
    world.advance(3.0)
    assert not heir.slave.joined
    assert world.state_of("a") == "suspect"


@pytest.mark.parametrize("seed", range(20))
def test_a_name_is_free_again_when_its_node_is_lost(seed: int) -> None:
    """The new node registers at its next attempt: one backoff after the loss at the latest."""
    world = World()
    (a,) = world.cluster("a")
    world.network.partition(a.dealer)
    a.up = False
    heir = world.node("a", chance=random.Random(seed).random)
    world.advance(LOST_AFTER + HELLO_MOST + 0.3)
    assert not heir.refusals
    assert [node["id"] for node in world.master.nodes()] == [heir.slave.info.node]


def test_a_node_that_reconnects_takes_its_own_place() -> None:
    world = World()
    a, _ = world.cluster("a", "b")
    world.network.connect(a.dealer)
    world.advance(2)
    assert names(world) == ["a", "b"]


def test_another_protocol_is_refused_naming_both(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    a = world.node("a")
    plain = frames.encode(wire.Hello(3, "0.0.9", "a" * 32, "a", 1, "3.11", "h", None, True, "slave"))
    a.dealer.send(plain.replace(b"\xa5proto\x03", b"\xa5proto\x02"))
    world.network.deliver()
    assert len(a.refusals) == 1
    assert f"GLuTEN 0.0.9 speaks bus protocol 2, GLuTEN 0.1.0 speaks {wire.PROTOCOL}" in str(a.refusals[0])


def test_a_late_node_is_idle_until_the_next_run() -> None:
    world = World()
    world.cluster("a")
    world.master.submit(a_task(duration=5.0))
    world.advance(2)
    late = world.node("b")
    world.finish("1")
    assert not late.engine.started
    world.master.submit(a_task(duration=2.0))
    world.finish("2")
    assert late.engine.started


def test_a_node_that_takes_no_load_gets_none() -> None:
    world = World()
    idle = world.node("m", load=False, role="master")
    world.cluster("a")
    world.master.submit(a_task(duration=2.0))
    world.finish()
    assert not idle.engine.started
    assert {node["name"]: node["load"] for node in world.master.nodes()} == {"m": False, "a": True}


def test_all_start_at_one_instant_whatever_their_clocks_say() -> None:
    world = World()
    nodes = [world.node("a", ahead=0.0), world.node("b", ahead=500.0), world.node("c", ahead=-3.25)]
    world.advance(1)
    world.master.submit(a_task())
    world.advance(0.2)
    aheads = (0.0, 500.0, -3.25)
    starts = [(node.engine.started[0].start_at or 0.0) + ahead for node, ahead in zip(nodes, aheads, strict=True)]
    assert starts == pytest.approx([starts[0]] * 3, abs=1e-6)
    assert starts[0] > world.clock - 0.2
    assert world.finish()["completed"] == 6 * PER_THREAD * 5


def test_shares_follow_cores() -> None:
    world = World()
    world.node("a", cores=4)
    world.node("b", cores=2)
    world.advance(1)
    plan = world.master.submit(a_task())["plan"]
    assert [(part["name"], part["threads"], part["connections"]) for part in plan] == [("a", 4, 40), ("b", 2, 20)]


def test_a_hello_without_an_answer_is_said_less_and_less_often() -> None:
    world = World(master=False)
    said: list[float] = []
    world.network.router().serve(lambda _peer, _frame: said.append(world.clock))
    world.node("a")
    world.advance(60)
    pauses = [later - earlier for earlier, later in pairwise(said)]
    assert pauses[0] <= 0.3
    assert all(2.4 <= pause <= 5.1 for pause in pauses[6:])
    assert len(set(pauses[6:])) > 1, "chance keeps many slaves apart"
    world.new_master()
    world.advance(5.1)
    assert names(world) == ["a"]
