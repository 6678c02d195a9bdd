"""Each slot of a schedule is taken once, by an idle connection, or it is dropped. No slot is both."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gluten.engine.budget import Budget
from gluten.engine.worker.thread import Closed, Paced
from gluten.plan.schedule import Schedule
from gluten.task.task import Task

START = 1000.0


class FakeClient:
    """What a thread needs of a client. It records what it has to send, as (due, now)."""

    def __init__(self) -> None:
        self.parked = False
        self.sent: list[tuple[float, float]] = []

    def shoot(self, due: float, now: float) -> None:
        self.sent.append((due, now))


def paced(index: int = 0, threads: int = 1, begin: float = 0.0, **words: Any) -> Paced:
    return Paced(index, threads, Schedule.of(Task("http://h/", **({"duration": 10.0} | words))), START, begin)


def take(thread: Paced | Closed, client: FakeClient, second: float) -> float | None:
    """The run-second of the slot that was taken."""
    due = thread.take(client, START + second)  # type: ignore[arg-type]
    return None if due is None else round(due - START, 6)


def test_slots_come_in_order_at_their_time() -> None:
    thread, client = paced(rate=10.0), FakeClient()
    assert take(thread, client, 0.0) == 0.0
    assert take(thread, client, 0.05) is None
    thread.unpark(client)  # type: ignore[arg-type]
    assert take(thread, client, 0.1) == 0.1


def test_a_late_one_takes_the_oldest_slot_first() -> None:
    thread, client = paced(rate=10.0), FakeClient()
    assert [take(thread, client, 0.25) for _ in range(4)] == [0.0, 0.1, 0.2, None]


def test_the_longest_idle_is_served_first() -> None:
    thread, clients = paced(rate=10.0), [FakeClient() for _ in range(3)]
    take(thread, clients[0], 0.0)
    for client in clients:
        take(thread, client, 0.05)
    thread.fire(lambda: START + 0.2)
    assert [[round(due - START, 6) for due, _ in client.sent] for client in clients] == [[0.1], [0.2], []]
    assert [client.parked for client in clients] == [False, False, True]
    assert len(thread.idle) == 1


def test_lateness_is_counted_from_the_due_time() -> None:
    thread, client = paced(rate=10.0), FakeClient()
    take(thread, FakeClient(), 0.0)
    take(thread, client, 0.0)
    thread.fire(lambda: START + 0.13)
    due, now = client.sent[0]
    assert abs(now - due - 0.03) < 1e-6


def test_each_slot_is_as_late_as_the_clock_says_when_its_turn_comes() -> None:
    thread, clients, clock = paced(rate=10.0), [FakeClient() for _ in range(3)], iter((0.2, 0.21, 0.22, 0.23))
    thread.released = -math.inf
    for client in clients:
        take(thread, client, 0.0)
    thread.fire(lambda: START + next(clock))
    assert [round(client.sent[0][1] - client.sent[0][0], 6) for client in clients] == [0.2, 0.11, 0.02]


def test_a_slot_waits_for_its_release_though_a_connection_is_idle() -> None:
    thread, client = paced(rate=10.0), FakeClient()
    thread.fire(lambda: START)
    assert take(thread, client, 0.0) == 0.0
    assert take(thread, client, 0.15) is None
    assert client.parked
    thread.fire(lambda: START + 0.16)
    assert round(client.sent[0][0] - START, 6) == 0.1


def test_a_released_slot_that_nobody_could_take_goes_to_the_next_at_once() -> None:
    thread = paced(rate=10.0)
    thread.fire(lambda: START + 0.15)
    assert [take(thread, FakeClient(), 0.17) for _ in range(2)] == [0.0, 0.1]
    assert take(thread, FakeClient(), 0.25) is None


def test_the_first_idle_one_asks_to_be_woken() -> None:
    thread, woken = paced(rate=10.0), list[float]()
    thread.wake = lambda due: woken.append(round(due - START, 6))
    clients = [FakeClient() for _ in range(3)]
    for client in clients:
        take(thread, client, 0.0)
    assert woken == [0.1]


def test_nothing_is_sent_after_the_end() -> None:
    thread, client = paced(rate=10.0, duration=0.25), FakeClient()
    assert [take(thread, client, 9.0) for _ in range(4)] == [0.0, 0.1, 0.2, None]
    assert math.isinf(thread.due)


def test_an_ended_thread_gives_nothing() -> None:
    thread, client = paced(rate=10.0), FakeClient()
    take(thread, client, 0.0)
    take(thread, client, 0.0)
    thread.over = True
    thread.fire(lambda: START + 5)
    assert client.sent == []
    assert take(thread, FakeClient(), 5.0) is None


loads = st.fixed_dictionaries({}, optional={"requests": st.integers(1, 300)}).flatmap(
    lambda words: st.one_of(
        st.floats(0.5, 200).map(lambda rate: words | {"rate": rate}),
        st.lists(
            st.tuples(st.floats(0, 3), st.floats(0, 100)), min_size=1, max_size=4, unique_by=lambda p: round(p[0], 2)
        )
        .map(lambda points: [(round(when, 2), rate) for when, rate in sorted(points)])
        .filter(lambda points: max(rate for _, rate in points) > 0.5)
        .map(lambda points: words | {"stages": tuple(points)}),
    )
)
rates = st.lists(st.tuples(st.floats(0.1, 2.9), st.floats(0.1, 300)), max_size=3).map(sorted)


@given(loads, st.integers(1, 5), rates, st.lists(st.floats(0.001, 0.5), max_size=30))
def test_sent_and_dropped_are_what_was_planned(
    words: dict[str, Any], threads: int, changes: list[tuple[float, float]], steps: list[float]
) -> None:
    """Threads are served at odd times, the rate changes in between, the run ends early: every slot of the whole
    schedule is taken by one thread, once, at or after its time, or is dropped."""
    schedule = Schedule.of(Task("http://h/", duration=3.0, **words))
    group = [Paced(index, threads, schedule, START) for index in range(threads)]
    now, taken = 0.0, list[float]()
    for step in [*steps, 0.0]:
        now = min(now + step, 3.0)
        while changes and changes[0][0] <= now:
            # As the master does it: told before its time, so nothing after it was taken.
            changes.pop(0)
        for thread in group:
            client = FakeClient()
            while (due := thread.take(client, START + now)) is not None:  # type: ignore[arg-type]
                assert due <= START + now
                taken.append(due)
            thread.unpark(client)  # type: ignore[arg-type]
        if changes and changes[0][0] > now:
            at, rate = changes.pop(0)
            schedule = schedule.adjusted(at, rate)
            for thread in group:
                thread.adjust(schedule)
    dropped = sum(thread.dropped(now) for thread in group)
    assert len(taken) == sum(thread.taken for thread in group)
    # A slot that is due exactly now may be taken, and counts as planned a moment later only.
    exactly = sum(abs(due - START - now) < 1e-5 for due in taken)
    assert schedule.planned(now) <= len(taken) + dropped <= schedule.planned(now) + exactly + 1e-9


@given(st.integers(1, 7), st.floats(1, 50), st.floats(0, 5))
def test_a_thread_that_takes_over_begins_where_the_other_ended(threads: int, rate: float, begin: float) -> None:
    """A thread moves to another node at run-second `begin`. There it has only the slots that are due from then on."""
    schedule = Schedule.of(Task("http://h/", duration=6.0, rate=rate))
    for index in range(threads):
        late, early = Paced(index, threads, schedule, START, begin), Paced(index, threads, schedule, START)
        assert late.dropped(6.0) + early.dropped(begin) == early.dropped(6.0)
        assert late.due >= START + begin - 1e-3


def test_a_budget_is_shared_and_ends() -> None:
    budget, client = Budget(3), FakeClient()
    first, second = Closed(budget), Closed(budget)
    assert [take(thread, client, 1.0) for thread in (first, second, first, second, first)] == [
        1.0,
        1.0,
        1.0,
        None,
        None,
    ]
    assert first.over
    assert second.over


def test_without_a_budget_there_is_no_end() -> None:
    thread = Closed(Budget(None))
    assert [take(thread, FakeClient(), 1.0) for _ in range(100)] == [1.0] * 100
    assert not thread.over
