"""A node has a round when something is due: an idle one seldom, a busy one ten times a second."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import inf

import pytest
from gevent.event import Event

from gluten.daemon.master_part import MasterPart
from gluten.daemon.rounds import REST, SOON, TICK, Part, Rounds
from tests.support.world import Node, World, a_task


class Clock:
    """Waiting takes no time. `wakes` are the instants at which somebody wakes who waits."""

    def __init__(self) -> None:
        self.now, self.wakes = 0.0, list[float]()

    def wait(self, seconds: float) -> bool:
        end = self.now + seconds
        woken = bool(self.wakes) and self.wakes[0] < end
        self.now = max(self.now, self.wakes.pop(0)) if woken else end
        return woken


class FakePart:
    def __init__(self, clock: Clock) -> None:
        self._clock, self.busy, self.instant = clock, False, inf
        self.turns: list[float] = []
        self.reactions: list[float] = []
        self.fault = False

    def turn(self) -> None:
        self.turns.append(self._clock.now)
        if self.fault:
            raise RuntimeError("a fault")

    def react(self) -> None:
        self.reactions.append(self._clock.now)

    def due(self) -> float:
        return self.instant


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def part(clock: Clock) -> FakePart:
    return FakePart(clock)


def go(clock: Clock, seconds: float, *parts: FakePart) -> int:
    """How many rounds there are in so many seconds."""
    rounds, count, end = Rounds(parts, lambda: clock.now, clock.wait), 0, clock.now + seconds
    while clock.now < end - 1e-9:
        rounds.round()
        count += 1
    return count


def test_an_idle_part_has_a_turn_when_it_has_rested(clock: Clock, part: FakePart) -> None:
    go(clock, 60.0, part)
    assert len(part.turns) == pytest.approx(60.0 / REST, abs=1)


def test_a_busy_part_has_ten_turns_a_second_and_so_have_the_others(clock: Clock, part: FakePart) -> None:
    idle = FakePart(clock)
    part.busy = True
    go(clock, 6.0, part, idle)
    assert len(part.turns) == len(idle.turns) == pytest.approx(6.0 / TICK, abs=1)


def test_what_is_due_is_done_at_its_instant(clock: Clock, part: FakePart) -> None:
    part.instant = 0.123
    go(clock, 0.2, part)
    assert part.turns[:2] == [0.0, 0.123]


def test_what_stays_due_does_not_keep_the_node_awake(clock: Clock, part: FakePart) -> None:
    part.instant = -inf
    assert go(clock, 1.0, part) <= 1.0 / SOON + 1


def test_who_is_woken_reacts_and_has_his_turn_when_it_is_due(clock: Clock, part: FakePart) -> None:
    clock.wakes = [0.2, 0.3]
    go(clock, 0.6, part)
    assert part.reactions == [0.2, 0.3]
    assert part.turns[:2] == [0.0, REST]


def test_who_becomes_busy_by_what_has_woken_him_has_turns_at_once(clock: Clock, part: FakePart) -> None:
    part.react = lambda: setattr(part, "busy", True)  # type: ignore[method-assign]
    clock.wakes = [0.05]
    go(clock, 0.3, part)
    assert part.turns[:3] == pytest.approx([0.0, TICK, 2 * TICK])


def test_after_a_pause_there_is_a_turn_and_no_reaction(clock: Clock, part: FakePart) -> None:
    def pause(seconds: float) -> bool:
        clock.now += 3.0
        return True

    rounds = Rounds([part], lambda: clock.now, pause)
    rounds.round()
    rounds.round()
    assert (part.turns, part.reactions) == ([0.0, 3.0], [])


def test_a_fault_costs_the_other_parts_nothing(clock: Clock, part: FakePart) -> None:
    part.fault, other = True, FakePart(clock)
    go(clock, 12.0, part, other)
    assert len(part.turns) == len(other.turns) == pytest.approx(12.0 / REST, abs=1)


# A master with a slave of its own


LATE = 1e-4
"""How late a timer is."""


class OwnSlave:
    """A slave's part of the rounds, without the engine, the bus and the spool."""

    def __init__(self, node: Node) -> None:
        self._slave = node.slave

    def turn(self) -> None:
        self._slave.tick()

    def react(self) -> None: ...

    @property
    def busy(self) -> bool:
        return self._slave.working

    def due(self) -> float:
        return self._slave.due()


class Cluster:
    """Rounds of a master with its own slave `a`. Nobody gives `b` any ticks: it is silent from the start."""

    def __init__(self) -> None:
        self.world = world = World()
        self.own, self.silent = world.cluster("a", "b")
        self.flush, self.report, self.rounds = Event(), Event(), 0
        parts: list[Part] = [MasterPart(world.master, self.flush, self.report, Event()), OwnSlave(self.own)]
        self._rounds = Rounds(parts, lambda: world.clock, self._wait)

    def _wait(self, seconds: float) -> bool:
        self.world.network.deliver()
        self.world.clock += seconds + LATE
        return False

    def go(self, seconds: float, done: Callable[[], bool] = lambda: False) -> None:
        end = self.world.clock + seconds
        while self.world.clock < end and not done():
            self.rounds += 1
            self._rounds.round()


def test_an_idle_master_with_a_slave_has_few_rounds() -> None:
    cluster = Cluster()
    cluster.silent.slave.leave()
    cluster.go(1.0)
    cluster.rounds = 0
    cluster.go(60.0)
    assert cluster.rounds <= 61
    assert cluster.world.state_of("a") == "alive"


@pytest.mark.parametrize(("state", "after"), [("suspect", 4.0), ("lost", 10.0)])
def test_a_silent_node_is_noticed_at_the_instant(state: str, after: float) -> None:
    cluster = Cluster()
    (seen,) = (node.last_seen for node in cluster.world.master._membership if node.name == "b")
    cluster.go(20.0, lambda: cluster.world.state_of("b") == state)
    assert after - 1e-6 <= cluster.world.clock - seen <= after + 3 * LATE


def test_heartbeats_come_each_second() -> None:
    cluster = Cluster()
    beats = list[float]()
    send = cluster.own.slave._send_heartbeat

    def count(now: float) -> None:
        beats.append(now)
        send(now)

    cluster.own.slave._send_heartbeat = count  # type: ignore[method-assign]
    cluster.go(30.0)
    pauses = [later - earlier for earlier, later in pairwise(beats)]
    assert len(beats) >= 29
    assert max(pauses) <= 1.0 + SOON + LATE


def test_an_order_makes_the_master_busy_and_what_is_to_be_stored_wakes_the_writer() -> None:
    cluster = Cluster()
    cluster.go(1.0)
    cluster.world.master.flush()
    cluster.flush.clear()
    assert (cluster.world.master.busy, cluster.world.master.unstored) == (False, False)
    cluster.world.woken = False
    cluster.world.master.submit(a_task())
    assert cluster.world.woken
    assert cluster.world.master.busy
    cluster.go(0.2)
    assert cluster.flush.is_set()
    assert cluster.world.master.flush()
    assert not cluster.world.master.unstored


def test_a_run_that_is_over_wakes_who_builds_its_report() -> None:
    cluster = Cluster()
    cluster.world.master.submit(a_task())
    cluster.world.master.stop("1")
    cluster.go(20.0, cluster.report.is_set)
    assert cluster.world.master.unreported
    cluster.world.master.build_reports()
    assert not cluster.world.master.unreported
