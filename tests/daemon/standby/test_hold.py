"""When a master is sure to be the active one, and when it ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gluten.daemon.standby.hold import ENDS, SURE, Hold
from gluten.daemon.standby.sure_router import SureRouter
from gluten.errors import GlutenError, StoreError, Superseded
from gluten.net.bus.memory import Network
from gluten.store.mastership.active import ActiveMaster


class Lock:
    """A lock whose next look has this outcome: how many wait, or an error."""

    def __init__(self) -> None:
        self.outcome: int | Exception = 0

    def begin(self, _master: ActiveMaster) -> int:
        return 7

    def keep(self) -> int:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    def close(self) -> None:
        """Nothing is held."""


class Held:
    def __init__(self) -> None:
        self.lock, self.now = Lock(), 100.0
        self.ended: list[GlutenError | None] = []
        self.hold = Hold(self.lock, lambda: self.now)  # type: ignore[arg-type]

    def sure(self) -> bool:
        return self.hold.sure

    def look(self, outcome: int | Exception) -> None:
        self.lock.outcome = outcome
        self.hold.look(self.ended.append)


@pytest.fixture
def held() -> Iterator[Held]:
    made = Held()
    yield made
    made.hold.close()


AWAY = StoreError("postgres is away")


def test_the_number_of_the_turn_is_the_lock_s(held: Held) -> None:
    assert held.hold.begin(ActiveMaster(), held.ended.append) == 7


def test_without_another_master_any_absence_of_postgres_is_borne(held: Held) -> None:
    held.look(0)
    held.now += 1_000
    held.look(AWAY)
    assert held.sure()
    assert not held.ended


def test_with_another_one_a_master_is_sure_for_a_short_time_and_then_ends(held: Held) -> None:
    held.look(1)
    held.now += SURE - 0.1
    held.look(AWAY)
    assert held.sure()
    held.now += 0.2
    assert not held.sure()
    assert not held.ended
    held.now += ENDS - SURE
    held.look(AWAY)
    assert [type(error) for error in held.ended] == [Superseded]
    assert held.hold.lost


def test_a_short_absence_of_postgres_is_borne_with_another_master_too(held: Held) -> None:
    held.look(1)
    held.now += ENDS - 0.1
    held.look(AWAY)
    held.look(1)
    assert held.sure()
    assert not held.ended


def test_a_master_that_was_frozen_is_not_sure_before_it_has_looked(held: Held) -> None:
    held.look(1)
    held.now += 30.0
    assert not held.sure()


def test_who_is_superseded_ends_once(held: Held) -> None:
    held.look(Superseded("another master has become active"))
    held.look(Superseded("another master has become active"))
    assert not held.sure()
    assert [str(error) for error in held.ended] == [
        "another master has become active: this one has ended; started again, it stands by"
    ]


def test_who_is_not_sure_sends_nothing_to_nodes(held: Held) -> None:
    network = Network()
    router = SureRouter(network.router(), held.sure)
    peers: list[bytes] = []
    router.serve(lambda peer, _frame: peers.append(peer))
    dealer = network.dealer()
    assert dealer.send(b"hello")
    network.deliver()
    held.look(1)
    assert router.send(peers[0], b"order")
    held.now += 30.0
    assert not router.send(peers[0], b"order")
