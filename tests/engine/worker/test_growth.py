"""Which slot opens a connection, how many are opened ahead, and how many may be opened at once."""

from __future__ import annotations

import math
from typing import Any

from gluten.engine.worker.growth import AHEAD, BURST, RATE, TURN, Dials, Growth
from gluten.engine.worker.thread import Paced
from gluten.plan.schedule import Schedule
from gluten.task.task import Task
from tests.engine.worker.test_thread import START, FakeClient


class Opened:
    """Records what a growth opened: for a slot (its run-second), or ahead (None)."""

    def __init__(self) -> None:
        self.dues: list[float | None] = []
        self.clients: list[FakeClient] = []

    def __call__(self, thread: Paced, due: float | None) -> Any:
        self.dues.append(None if due is None else round(due - START, 6))
        self.clients.append(FakeClient())
        return self.clients[-1]


def setting(rate: float = 10.0, count: int = 0, limit: int = 100) -> tuple[Paced, Growth, Opened]:
    thread = Paced(0, 1, Schedule.of(Task("http://h/", rate=rate, duration=100.0)), START)
    opened = Opened()
    thread.growth = Growth(thread, count, limit, Dials(), opened)
    return thread, thread.growth, opened


def fire(thread: Paced, second: float) -> None:
    """Fire twice. At the first call a due slot may still find a response that has not been read."""
    for _ in range(2):
        thread.fire(lambda: START + second)


def test_a_slot_that_finds_none_idle_opens_one_and_one_is_opened_ahead() -> None:
    thread, growth, opened = setting()
    fire(thread, 0.0)
    assert opened.dues == [0.0, None]
    assert (growth.count, len(growth.warming), thread.taken) == (2, 1, 1)
    fire(thread, 0.05)
    assert opened.dues == [0.0, None]  # nothing is due, and one is on its way


def test_a_slot_goes_to_the_idle_one_whose_place_is_taken_by_another() -> None:
    thread, _, opened = setting()
    fire(thread, 0.0)
    spare = opened.clients[1]
    thread.unpark(spare)  # type: ignore[arg-type]  # it is connected
    thread.take(spare, START + 0.05)  # type: ignore[arg-type]
    fire(thread, 0.1)
    assert [round(due - START, 6) for due, _ in spare.sent] == [0.1]
    assert opened.dues == [0.0, None, None]


def test_no_more_are_opened_than_the_limit() -> None:
    thread, growth, opened = setting(rate=1000.0, limit=3)
    fire(thread, 0.01)
    assert opened.dues == [0.0, 0.001, 0.002]
    assert growth.next() == math.inf
    assert thread.waiting(0.01) == 7
    growth.limit = 5
    assert growth.next() <= START + 0.01
    fire(thread, 0.01)
    assert opened.dues[3:] == [0.003, 0.004]


def test_only_so_many_are_opened_at_one_wake_up_and_in_a_second() -> None:
    thread, growth, opened = setting(rate=100_000.0, limit=1_000_000)
    fire(thread, 0.1)
    assert len(opened.dues) == TURN
    for _ in range(BURST):
        fire(thread, 0.1)
    assert len(opened.dues) == BURST
    assert START + 0.1 < growth.next() < START + 0.1 + 2 / RATE
    for step in range(1, 10_001):
        fire(thread, 0.1 + step / 10_000)
    assert RATE <= len(opened.dues) <= RATE + BURST + 1
    assert None not in opened.dues  # those that wait come first


def test_an_answer_that_lay_unread_comes_before_a_new_connection() -> None:
    thread, growth, opened = setting(rate=1000.0)
    thread.fire(lambda: START + 0.05)  # the hub stood still for 50 slots
    assert opened.dues == []
    assert growth.next() <= START + 0.05  # but soon it is looked at again
    answered = FakeClient()
    while thread.take(answered, START + 0.051) is not None:  # type: ignore[arg-type]
        pass
    thread.fire(lambda: START + 0.051)
    assert 0.0 not in opened.dues


def test_more_are_kept_ahead_of_many() -> None:
    thread, _, opened = setting(count=3 * AHEAD)
    fire(thread, -1.0)
    assert opened.dues == [None] * 4


def test_nothing_is_opened_after_the_end() -> None:
    thread, _, opened = setting()
    thread.over = True
    fire(thread, 5.0)
    assert opened.dues == []
    assert thread.waiting(5.0) == 0


def test_an_idle_connection_makes_no_backlog() -> None:
    thread, _, _ = setting(limit=1)
    fire(thread, 0.0)
    assert thread.waiting(0.35) == 3
    thread.park(FakeClient())  # type: ignore[arg-type]
    assert thread.waiting(0.35) == 0
