"""Deltas are acknowledged after they are committed, never before."""

from __future__ import annotations

from typing import Any

import pytest

from gluten.cluster.master.delta_writer import DeltaWriter, Key, parse
from gluten.cluster.master.journal import Journal
from gluten.errors import WireError
from gluten.stats.delta import Delta
from gluten.store.records import RunRecord, StoredDelta
from tests.support.deltas import body, changed, packed
from tests.support.world import AsyncStore, a_task

RUN = "a" * 32
HERE: Key = (RUN, "a", 1)


class Office:
    def __init__(self, most: int = 100) -> None:
        self.desk = AsyncStore.open("sqlite:///:memory:")
        self.desk.create_run(RunRecord(id=RUN, task=a_task().to_map()))
        self.acks: list[tuple[Key, list[int]]] = []
        self.journal = Journal(self.desk, lambda: 0.0)
        self.intake = DeltaWriter(self.desk, self.journal, lambda key, numbers: self.acks.append((key, numbers)), most)

    def take(self, number: int, key: Key = HERE) -> None:
        run, name, epoch = key
        self.intake.take(StoredDelta(run, name, epoch, number, number, packed(number)))

    def stored(self) -> list[int]:
        return [kept.number for kept in self.desk.deltas(RUN)]


def test_a_batch_is_committed_and_then_acknowledged() -> None:
    office = Office()
    for number in (2, 1, 2):
        office.take(number)
    assert office.acks == []
    assert office.intake.flush()
    assert office.stored() == [1, 2]
    assert office.acks == [(HERE, [1, 2])]


def test_what_is_committed_is_acknowledged_again_at_once() -> None:
    office = Office()
    office.take(1)
    office.intake.flush()
    office.take(1)
    assert office.acks == [(HERE, [1]), (HERE, [1])]
    assert len(office.intake) == 0


def test_while_the_store_is_away_nothing_is_acknowledged_and_no_more_than_so_much_is_kept() -> None:
    office = Office(most=3)
    office.desk.away = True
    for number in range(1, 6):
        office.take(number)
    assert not office.intake.flush()
    assert office.journal.away
    assert (office.acks, len(office.intake)) == ([], 3)
    office.desk.away = False
    assert office.intake.flush()
    assert not office.journal.away
    for number in range(1, 6):  # the slaves say it again
        office.take(number)
    office.intake.flush()
    assert office.stored() == [1, 2, 3, 4, 5]


def test_a_run_that_the_store_does_not_know_delays_no_other() -> None:
    office = Office()
    office.take(1, ("b" * 32, "a", 1))
    office.take(1)
    assert office.intake.flush()
    assert office.stored() == [1]
    assert len(office.acks) == 2


@pytest.mark.parametrize(
    "change", [{"second": 1 << 40}, {"completed": 5}, {"status": 3}, {"response": [1]}, {"cpu": "x"}]
)
def test_a_delta_that_does_not_add_up_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(WireError):
        parse(body(changed(Delta(1).to_map(), **change)))
