"""What arrives is only queued, with its instant. The master's turn handles it."""

from __future__ import annotations

from gluten.net.bus import frames
from gluten.net.bus import messages as wire
from gluten.net.bus.memory import FrameInTransit
from tests.support.deltas import packed
from tests.support.world import Node, World, a_task


def waiting() -> tuple[World, Node]:
    """A world whose master is not given a turn when something has arrived."""
    world = World()
    (a,) = world.cluster("a")
    world.woken = False
    return world, a


def send(world: World, node: Node, message: wire.Message) -> None:
    """The message arrives at the master, which has no turn yet."""
    assert world.network.router_on_frame is not None
    world.network.router_on_frame(node.dealer.peer, frames.encode(message))


def down(world: World) -> list[wire.Message]:
    """The messages that are on their way to slaves."""
    under_way: list[FrameInTransit] = [each for each in world.network.in_transit if not each.up]
    return [frames.decode_down(each.frame) for each in under_way]


def test_an_arrival_only_wakes_the_master() -> None:
    world, a = waiting()
    send(world, a, wire.Bye())
    assert world.woken
    assert [node["state"] for node in world.master.nodes()] == ["alive"]
    world.master.react()
    assert [node["state"] for node in world.master.nodes()] == ["left"]


def test_a_heartbeat_is_stamped_when_it_arrives_and_not_when_it_is_handled() -> None:
    world, a = waiting()
    arrived = world.clock
    send(world, a, wire.Heartbeat(7.0, 0.5, [], None, None, 0.0))
    world.clock += 0.8
    world.master.turn()
    assert wire.Beat(7.0, arrived) in down(world)
    assert [round(node["age"], 6) for node in world.master.nodes()] == [0.8]


def test_messages_are_handled_in_the_order_of_their_arrival() -> None:
    world, a = waiting()
    send(world, a, wire.Bye())
    send(world, a, wire.Heartbeat(7.0, 0.5, [], None, None, 0.0))
    world.master.react()
    assert down(world) == [wire.Challenge()]


def test_a_committed_delta_is_acknowledged_by_the_next_reaction() -> None:
    world, a = waiting()
    send(world, a, wire.Delta("e" * 32, 1, 1, packed(0)))
    world.master.react()
    world.woken = False
    assert world.master.flush()
    assert (world.woken, down(world)) == (True, [])
    world.master.react()
    assert down(world) == [wire.Ack("e" * 32, 1, [1])]


def test_what_a_person_orders_has_taken_effect_when_it_is_answered() -> None:
    world, _ = waiting()
    world.master.submit(a_task())
    assert [type(message) for message in down(world)] == [wire.TaskOrder]
    world.network.in_transit.clear()
    assert world.master.stop("1")["state"] == "stopping"
    assert [type(message) for message in down(world)] == [wire.Stop]
    world.master.submit(a_task())
    assert world.master.stop("2")["state"] == "stopped"


def test_a_fault_in_one_message_does_not_end_the_others() -> None:
    world, a = waiting()
    working = world.master._scheduler.working
    world.master._scheduler.working = lambda *_: 1 / 0  # type: ignore[assignment, method-assign]
    send(world, a, wire.Heartbeat(7.0, 0.5, [], None, None, 0.0))
    send(world, a, wire.Bye())
    world.master.react()
    world.master._scheduler.working = working  # type: ignore[method-assign]
    assert [node["state"] for node in world.master.nodes()] == ["left"]
