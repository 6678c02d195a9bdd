"""In a closed loop with a ramp or a pace, a connection begins when its time has come, and not before."""

from __future__ import annotations

from gluten.engine.budget import Budget
from gluten.engine.worker.spaced import REVIEW, Spaced, Spacer
from tests.engine.worker.test_thread import FakeClient

START = 1000.0


class FakeSender(FakeClient):
    """It records when it began, and whether it was told to ask again."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def fire_late(self, due: float, now: float) -> None:
        self.shoot(round(due - START, 6), round(now - START, 6))

    def proceed(self, now: float) -> None:
        self.asked += 1


class FakePoller:
    """It has one alarm."""

    def __init__(self) -> None:
        self.instants: list[float] = []

    def alarm(self, call: object) -> FakePoller:
        return self

    def set(self, instant: float) -> None:
        self.instants.append(round(instant - START, 6))


def spaced(*firsts: float, pace: float = 0.0, requests: int | None = None) -> Spaced:
    return Spaced(Budget(requests), [START + first for first in firsts], pace)


def take(thread: Spaced, sender: FakeSender, second: float) -> float | None:
    due = thread.take(sender, START + second)  # type: ignore[arg-type]
    return None if due is None else round(due - START, 6)


def test_connections_begin_at_their_places() -> None:
    thread, senders = spaced(0.0, 1.0, 2.0), [FakeSender() for _ in range(3)]
    assert [take(thread, sender, 0.0) for sender in senders] == [0.0, None, None]
    assert thread.next() == START + 1.0
    thread.fire(START + 1.5)
    assert [sender.sent for sender in senders] == [[], [(1.0, 1.5)], []]
    assert [sender.parked for sender in senders] == [False, False, True]


def test_after_its_place_a_connection_without_a_pace_never_waits() -> None:
    thread, sender = spaced(0.5), FakeSender()
    assert [take(thread, sender, second) for second in (0.0, 0.6, 0.6, 0.61)] == [None, 0.6, 0.6, 0.61]


def test_a_session_begins_at_most_each_pace() -> None:
    thread, sender = spaced(0.0, pace=10.0), FakeSender()
    assert take(thread, sender, 0.0) == 0.0
    assert take(thread, sender, 3.0) is None
    thread.fire(START + 10.001)
    assert sender.sent == [(10.0, 10.001)]
    assert take(thread, sender, 12.0) is None
    assert thread.next() == START + 20.0, "the beat is kept"


def test_a_session_that_took_longer_than_the_pace_is_followed_at_once() -> None:
    thread, sender = spaced(0.0, pace=10.0), FakeSender()
    assert take(thread, sender, 0.0) == 0.0
    assert take(thread, sender, 14.0) == 14.0
    assert take(thread, sender, 15.0) is None
    assert thread.next() == START + 24.0


def test_those_that_wait_end_with_the_budget() -> None:
    thread, senders = spaced(0.0, 5.0, requests=1), [FakeSender(), FakeSender()]
    assert take(thread, senders[0], 0.0) == 0.0
    thread.over = False
    assert take(thread, senders[1], 0.0) is None
    assert thread.over, "nothing will ever be due again"


def test_those_that_wait_are_told_when_another_worker_has_used_up_the_budget() -> None:
    budget = Budget(2)
    thread, senders = Spaced(budget, [START, START + 5], 0.0), [FakeSender(), FakeSender()]
    assert [take(thread, sender, 0.0) for sender in senders] == [0.0, None]
    budget.left[0] = 0
    thread.fire(START + 0.1)
    assert (senders[1].asked, senders[1].sent, thread.over) == (1, [], True)


def test_of_those_whose_time_has_come_no_more_begin_than_are_left() -> None:
    thread, senders = spaced(1.0, 2.0, 3.0, requests=2), [FakeSender() for _ in range(3)]
    assert [take(thread, sender, 0.0) for sender in senders] == [None] * 3
    thread.fire(START + 5)
    assert [len(sender.sent) for sender in senders] == [1, 1, 0]
    assert (senders[2].asked, thread.over) == (1, True)


def test_one_that_has_left_is_not_woken() -> None:
    thread, sender = spaced(1.0), FakeSender()
    take(thread, sender, 0.0)
    thread.unpark(sender)  # type: ignore[arg-type]
    thread.fire(START + 2)
    assert sender.sent == []


def test_the_alarm_rings_for_the_first_but_looks_at_the_budget_meanwhile() -> None:
    poller, now = FakePoller(), START
    thread = spaced(0.02, 5.0)
    spacer = Spacer(poller, [thread], lambda: now)  # type: ignore[arg-type]
    senders = [FakeSender(), FakeSender()]
    for sender in reversed(senders):
        take(thread, sender, 0.0)
    assert poller.instants == [0.02]
    now = START + 0.02
    spacer.fire()
    assert poller.instants == [0.02, round(0.02 + REVIEW, 6)]
