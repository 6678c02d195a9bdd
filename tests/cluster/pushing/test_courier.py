"""A master's runs on their way to a process that pushes them. Time is the test's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from gluten.cluster.master.views import rfc3339
from gluten.cluster.pushing.courier import LOOK_BACK, SETTLE, STEP, UNDER_WAY, Courier, Kept
from gluten.errors import StoreError
from gluten.push.messages import Message
from gluten.store.records import StoredDelta, StoredEvent

START = 1_700_000_000.0
RUN = "ab" * 16
WAITS = {"state": "queued", "started_at": None, "ended_at": None}


class World:
    """A run of `length` seconds on two nodes: its store, its master, and the process that pushes."""

    def __init__(self, length: int = 5) -> None:
        self.now, self.length = START, length
        self.away, self.unsettled = False, False
        self.queued = 0
        self.stored = [
            StoredDelta(RUN, node, 1, second + 1, second, f"{node}{second}".encode())
            for second in range(length)
            for node in ("n1", "n2")
        ]
        self.story = [StoredEvent(RUN, START, "started", "it began")]
        self.slo: list[dict[str, str]] = [{"slo": "p99 < 1s", "state": "holds"}]
        self.sent: list[Message] = []
        self.pushed: dict[str, int] = {}
        self.taking = True
        self.kept: Kept = {}

    # The process

    def send(self, message: Message) -> None:
        self.sent.append(message)
        if message["type"] == "second" and self.taking:
            self.pushed[RUN] = message["second"]

    # The master

    def run(self, ref: str) -> dict[str, Any]:
        over = self.now >= START + self.length
        return {
            "id": RUN,
            "number": 1,
            "name": "shop",
            "state": "finished" if over else "running",
            "started_at": rfc3339(START),
            "ended_at": rfc3339(START + self.length) if over else None,
            "elapsed": min(self.now - START, self.length),
            "slo": self.slo,
        }

    def runs(self, limit: int = 50, before: int | None = None, search: str = "") -> list[dict[str, Any]]:
        """The run, and before it in the list those that are queued."""
        numbers = [*range(self.queued + 1, 1, -1), *([1] if self.now > START else [])]
        wanted = [number for number in numbers if before is None or number < before][:limit]
        return [self.run(RUN) if number == 1 else {**WAITS, "id": str(number), "number": number} for number in wanted]

    # The store

    def window(self, run: str, first: int, last: int) -> Iterator[StoredDelta]:
        if self.away:
            raise StoreError("the store is away")
        return iter([delta for delta in self.stored if first <= delta.second < last and self._is_there(delta)])

    def deltas(self, run: str) -> Iterator[StoredDelta]:
        return self.window(run, 0, 1 << 40)

    def events(self, run: str) -> list[StoredEvent]:
        return self.story

    def _is_there(self, delta: StoredDelta) -> bool:
        return delta.second + 1 <= self.now - START

    # What a test does

    def courier(self, kept: Kept | None = None) -> Courier:
        return Courier(self, self, self, lambda: self.now, "n1", kept or {}, self._keep)  # type: ignore[arg-type]

    def _keep(self, kept: Kept) -> None:
        self.kept = kept

    def go(self, courier: Courier, until: float) -> None:
        """Time passes, with a step each second."""
        while self.now < START + until:
            self.now += 1.0
            courier.step()

    def types(self) -> list[str]:
        return [message["type"] for message in self.sent]

    def seconds(self) -> list[int]:
        return [message["second"] for message in self.sent if message["type"] == "second"]

    def bodies(self) -> list[str]:
        return sorted(message["body"].decode() for message in self.sent if message["type"] == "delta")


@pytest.fixture
def world() -> World:
    return World()


def every(length: int) -> list[str]:
    return sorted(f"{node}{second}" for node in ("n1", "n2") for second in range(length))


def test_each_second_is_passed_on_once_with_the_deltas_of_all_nodes(world: World) -> None:
    courier = world.courier()
    world.go(courier, 15)
    assert world.types()[:5] == ["run", "event", "delta", "delta", "second"]
    assert world.seconds() == [0, 1, 2, 3, 4, 5]  # the last one is for what comes late
    assert (world.bodies(), world.types()[-1], courier.idle) == (every(5), "over", True)
    assert world.sent[0]["start"] == START * 1e9


def test_a_second_waits_until_it_is_stored(world: World) -> None:
    courier = world.courier()
    world.go(courier, SETTLE)
    assert world.seconds() == []
    world.go(courier, SETTLE + 1)
    assert world.seconds() == [0]


def test_of_a_server_that_is_away_only_some_seconds_are_under_way() -> None:
    world = World(35)
    courier = world.courier()
    world.taking = False
    world.go(courier, 90)
    assert UNDER_WAY <= len(world.seconds()) < UNDER_WAY + STEP
    assert world.kept == {RUN: (-1, 0)}  # the event, too, is only on its way
    world.taking, world.pushed[RUN] = True, world.seconds()[-1]  # it is back
    world.go(courier, 100)
    assert (world.seconds(), world.bodies(), courier.idle) == (list(range(36)), every(35), True)


def test_what_is_stored_late_is_passed_on_at_the_end() -> None:
    """A node was cut off in the seconds 2 to 5 of 40; what it counted then is stored after second 38."""
    world = World(40)
    late = [delta for delta in world.stored if delta.node == "n2" and 2 <= delta.second < 6]
    world.stored = [delta for delta in world.stored if delta not in late]
    courier = world.courier()
    world.go(courier, 38)
    world.stored += late
    world.go(courier, 60)
    assert (world.bodies(), world.seconds()[-1]) == (every(40), 40)


def test_where_the_store_is_away_it_goes_on_later(world: World) -> None:
    courier = world.courier()
    world.away = True
    world.go(courier, 10)
    assert world.seconds() == []
    world.away = False
    world.go(courier, 20)
    assert (world.seconds(), world.bodies()) == ([0, 1, 2, 3, 4, 5], every(5))


def test_the_next_master_goes_on_where_the_last_one_was() -> None:
    world = World(30)
    world.go(world.courier(), 14)
    kept, before = world.kept, world.seconds()[-1]
    assert kept == {RUN: (before, 1)}
    world.sent, world.pushed = [], {}
    courier = world.courier(kept)
    world.go(courier, 60)
    assert world.seconds() == list(range(before + 1, 31))
    assert world.bodies() == every(30)  # the sums have the seconds before, too
    assert "event" not in world.types()
    assert [message["second"] for message in world.sent if message["type"] == "known"] == list(range(before + 1))
    assert (courier.idle, world.kept) == (True, {})


def test_an_event_that_was_not_delivered_is_passed_on_by_the_next_master(world: World) -> None:
    world.taking = False
    world.go(world.courier(), 6)
    assert "event" in world.types()
    world.sent, world.taking = [], True
    world.go(world.courier(world.kept), 20)
    assert world.types().count("event") == 1


def test_a_run_is_found_however_many_wait_behind_it(world: World) -> None:
    world.queued = 3 * LOOK_BACK
    world.go(world.courier(), 15)
    assert world.bodies() == every(5)


def test_runs_that_were_over_before_are_not_pushed(world: World) -> None:
    world.now = START + 100
    world.go(world.courier(), 110)
    assert world.sent == []


def test_an_slo_is_as_it_was_in_its_second() -> None:
    world = World(20)
    courier = world.courier()
    world.taking = False
    world.go(courier, 10)
    world.slo = [{"slo": "p99 < 1s", "state": "missed"}]
    world.taking = True
    world.go(courier, 40)
    states = {m["second"]: m["slos"][0][1] for m in world.sent if m["type"] == "second" and m["slos"]}
    assert (states[5], states[15], states[20]) == (True, False, False)


def test_a_master_that_ends_waits_for_nothing_late(world: World) -> None:
    courier = world.courier()
    world.go(courier, 5)
    courier.closing = True
    for _ in range(4):
        courier.step()
    assert (world.bodies(), courier.idle) == (every(5), True)
