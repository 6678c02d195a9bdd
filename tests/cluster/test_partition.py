"""A node that is cut off may make load until its lease ends. Only then its part moves."""

from __future__ import annotations

from typing import Any

from gluten.cluster.master.membership import GIVEN_UP, LOST_AFTER
from gluten.net.bus import bus
from tests.support.world import PER_THREAD, Node, World

LEASE = 15.0


def begun(world: World, **task: Any) -> tuple[Node, Node]:
    """Nodes a and b have three threads each. The order was given three seconds ago."""
    a, b = world.running(3, "a", "b", **{"duration": 60.0, **task})
    return a, b


def test_a_part_moves_only_when_its_node_makes_no_load_any_more() -> None:
    world = World()
    a, b = begun(world)
    world.network.partition(b.dealer)
    world.until(lambda: world.state_of("b") == "lost", LOST_AFTER + 1)
    assert b.engine.jobs, "its lease is alive"
    assert len(a.engine.started) == 1
    assert world.kinds()[-1] == "silent"
    world.until(lambda: len(a.engine.started) == 2, LEASE - LOST_AFTER + 1)
    assert not b.engine.jobs
    assert world.kinds()[-3:] == ["node_lost", "gap", "rebalanced"]
    begin = a.engine.started[1].node_task.begin
    assert 0 < begin - world.master.run("last")["elapsed"] <= 2, "within 2 s of the loss"


def test_what_is_counted_behind_a_cut_is_counted_once_and_nothing_is_sent_twice() -> None:
    world = World()
    _, b = begun(world)
    world.network.partition(b.dealer)
    world.until(lambda: "rebalanced" in world.kinds(), LEASE + 2)
    world.network.connect(b.dealer)
    world.finish()
    world.advance(5)
    seconds = world.master.report("last")["seconds"]
    assert max(second["completed"] for second in seconds) == 6 * PER_THREAD, "no second has a thread twice"
    assert b.slave.unacknowledged == 0


def test_a_node_that_is_back_before_its_lease_ends_goes_on_as_if_nothing_had_been() -> None:
    world = World()
    a, b = begun(world)
    world.network.partition(b.dealer)
    world.advance(LOST_AFTER + 1)
    assert world.state_of("b") == "lost"
    world.network.heal(b.dealer)
    over = world.finish()
    assert (over["state"], over["completed"]) == ("finished", 60 * 6 * PER_THREAD)
    assert not {"node_lost", "rebalanced", "gap"} & set(world.kinds())
    assert len(a.engine.started) == len(b.engine.started) == 1
    assert over["verdict"]["value"] == "valid"


def test_the_part_of_a_process_that_is_gone_moves_as_soon_as_it_counts_as_lost() -> None:
    world = World()
    a, b = begun(world)
    b.kill()
    world.until(lambda: world.state_of("b") == "lost", LOST_AFTER + 1)
    assert len(a.engine.started) == 2
    assert "silent" not in world.kinds()


def test_a_connection_that_the_slave_closed_does_not_mean_that_it_has_ended() -> None:
    """A half-open link: the slave receives nothing, closes its connection, and cannot open another."""
    world = World()
    a, b = begun(world)
    deaf = b.slave.on_frame
    b.dealer.on_frame = lambda frame: None
    world.advance(bus.DEALER_SILENT_MS / 1000)
    world.network.cut(b.dealer)
    b.dealer.on_frame = deaf
    world.until(lambda: world.state_of("b") == "lost", LOST_AFTER + 1)
    assert len(a.engine.started) == 1
    world.until(lambda: len(a.engine.started) == 2, LEASE)
    assert not b.engine.jobs


def test_a_slave_gives_a_connection_up_later_than_the_master_believes() -> None:
    assert GIVEN_UP < bus.DEALER_SILENT_MS / 1000


def test_another_process_of_the_same_name_does_not_mean_that_the_first_has_ended() -> None:
    world = World()
    a, b = begun(world)
    world.network.partition(b.dealer)
    world.advance(LOST_AFTER + 0.5)
    world.node("b")
    world.advance(3)
    assert world.state_of("b") == "alive"
    assert b.engine.jobs
    assert len(a.engine.started) == 1
    world.until(lambda: len(a.engine.started) == 2, LEASE)
    assert not b.engine.jobs


def test_under_a_restarted_master_too_a_part_moves_only_when_the_lease_has_ended() -> None:
    world = World()
    a, b = begun(world)
    world.network.partition(b.dealer)
    world.advance(1)
    world.new_master()
    world.until(lambda: len(a.engine.started) == 2, LEASE + 5)
    assert not b.engine.jobs
