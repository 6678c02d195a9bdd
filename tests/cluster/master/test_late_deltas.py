"""When runs whose deltas arrived after their end are reported again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gluten.cluster.master.late_deltas import LateDeltas
from gluten.errors import StoreError


class FakeJournal:
    def attempt(self, work: Callable[[], None]) -> bool:
        try:
            work()
        except StoreError:
            return False
        return True


class FakeStore:
    def clear_stale(self, run: str) -> None:
        """Nothing is kept."""


def test_a_run_that_cannot_be_reported_is_tried_again_more_and_more_seldom_and_holds_up_no_other() -> None:
    clock, reported = [0.0], list[tuple[float, str]]()
    store: Any = FakeStore()
    journal: Any = FakeJournal()
    late = LateDeltas(store, journal, lambda: clock[0])

    def report(run: str) -> None:
        reported.append((clock[0], run))
        if run == "damaged":
            raise StoreError("a value in it is damaged")

    late.arrived("damaged")
    late.arrived("sound")
    answers = []
    for second in range(1, 200):
        clock[0] = float(second)
        answers.append(late.rebuild(lambda run: True, report))
    assert [at for at, run in reported if run == "damaged"] == [1, 2, 4, 8, 16, 32, 64, 124, 184]
    assert [at for at, run in reported if run == "sound"] == [3]
    assert (len(late), answers.count(False)) == (1, 9)
