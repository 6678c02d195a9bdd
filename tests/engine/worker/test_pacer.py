"""The pacer wakes at the soonest slot that somebody could take, and at no other time."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from gluten.engine.worker.pacer import EARLY, LONG, REVIEW, Pacer
from gluten.engine.worker.thread import Paced
from gluten.plan.quantum import SHORTEST, quantum
from gluten.plan.schedule import Schedule
from gluten.task.task import Task
from tests.engine.worker.test_thread import FakeClient

START = 1000.0


class FakePoller:
    """As much of a poller as a pacer needs: the one alarm, and a clock that only `once` and a test move."""

    loop = None

    def __init__(self) -> None:
        self.now, self.instant, self.call = START, math.inf, _uncalled
        self.closed = False

    def clock(self) -> float:
        return self.now

    def alarm(self, call: Callable[[], None]) -> FakePoller:
        self.call = call
        return self

    def set(self, instant: float) -> None:
        self.instant = instant

    def close(self) -> None:
        self.closed = True
        self.instant = math.inf

    def once(self, seconds: float) -> bool:
        """Wait so long for the alarm; True when the pacer was called."""
        if self.instant > self.now + seconds:
            self.now += seconds
            return False
        self.now, self.instant = max(self.now, self.instant), math.inf
        self.call()
        return True

    def watch(self, *_: Any) -> None:
        raise NotImplementedError

    rebind = unwatch = forget = watch

    def ticker(self, call: Callable[[], None]) -> FakePoller:
        raise NotImplementedError


def _uncalled() -> None:
    raise AssertionError("nobody has asked for an alarm")


def setting(rate: float, threads: int = 1) -> tuple[FakePoller, Pacer, list[Paced]]:
    schedule = Schedule.of(Task("http://h/", rate=rate, duration=100.0))
    group = [Paced(index, threads, schedule, START) for index in range(threads)]
    loop = FakePoller()
    return loop, Pacer(loop, group, range(5000), clock=loop.clock, cpu=lambda: 0.0), group


def park(thread: Paced, client: FakeClient, now: float) -> None:
    """Idle, after it has taken what was due until `now`."""
    thread.released = now
    while thread.take(client, now) is not None:  # type: ignore[arg-type]
        pass


def test_a_slot_is_sent_when_it_is_due() -> None:
    loop, pacer, (thread,) = setting(50.0)
    client = FakeClient()
    park(thread, client, START)
    while not client.sent:
        assert loop.once(1.0)
    due, now = client.sent[0]
    assert due == now == pytest.approx(START + 0.02, abs=1e-9)
    pacer.close()


def test_it_sleeps_while_nobody_is_idle() -> None:
    loop, pacer, _ = setting(1000.0)
    pacer.fire()
    assert not loop.once(0.03)
    pacer.close()


def test_one_wake_up_serves_all_threads_that_are_due() -> None:
    loop, pacer, group = setting(100.0, threads=2)
    clients = [FakeClient(), FakeClient()]
    for thread, client in zip(group, clients, strict=True):
        park(thread, client, START + 0.0101)
    loop.now += 0.035
    assert loop.once(0.1)
    assert [len(client.sent) for client in clients] == [1, 1]
    pacer.close()


def test_slots_that_are_closer_than_the_quantum_share_a_wake_up() -> None:
    loop, pacer, (thread,) = setting(100_000.0)
    clients = [FakeClient() for _ in range(5000)]
    for client in clients:
        client.parked = True
        thread.idle.append(client)  # type: ignore[arg-type]
    thread.wake(thread.due)
    calls = 0
    while loop.now < START + 0.02:
        calls += loop.once(0.01)
    assert calls == pytest.approx(0.02 / SHORTEST, abs=2)
    assert sum(len(client.sent) for client in clients) > calls
    pacer.close()


def test_an_answer_between_two_wake_ups_brings_no_third_one() -> None:
    loop, pacer, (thread,) = setting(20_000.0)
    for client in [FakeClient() for _ in range(1000)]:
        thread.park(client)  # type: ignore[arg-type]
    assert loop.once(0.1)
    released = thread.released
    assert thread.take(FakeClient(), thread.due + 1e-6) is None  # type: ignore[arg-type]
    assert loop.once(0.1)
    assert thread.released - released >= SHORTEST * 0.999
    pacer.close()


def test_a_closed_pacer_is_never_called() -> None:
    loop, pacer, (thread,) = setting(1000.0)
    pacer.close()
    park(thread, FakeClient(), START)
    assert loop.closed


def test_a_far_slot_is_awaited_awake() -> None:
    loop, pacer, (thread,) = setting(50.0)
    client = FakeClient()
    park(thread, client, START)
    assert loop.once(1.0)
    assert loop.now == pytest.approx(START + 0.02 - EARLY, abs=1e-9)
    assert not client.sent
    assert loop.once(1.0)
    assert client.sent[0][1] == pytest.approx(START + 0.02, abs=1e-9)
    pacer.close()


def test_near_slots_are_awaited_asleep() -> None:
    loop, pacer, (thread,) = setting(1.5 / LONG)
    client = FakeClient()
    park(thread, client, START)
    assert loop.once(1.0)
    assert client.sent
    pacer.close()


def test_the_quantum_follows_the_load_and_is_told() -> None:
    """Half a core for a second, 1000/s on 5000 connections: the smoothed load nears 0.5 in steps of a half."""
    start, seconds, cpu, step = START, [0.0], [0.0], REVIEW * 1.01
    thread = Paced(0, 1, Schedule.of(Task("http://h/", rate=1000.0, duration=100.0)), start)
    pacer = Pacer(FakePoller(), [thread], range(5000), clock=lambda: start + seconds[0], cpu=lambda: cpu[0])
    assert pacer.longest() == SHORTEST
    for _ in range(10):
        seconds[0] += step
        cpu[0] += step / 2
        pacer.fire()
    assert pacer.quantum == pytest.approx(quantum(0.5 * (1 - 0.5**10), 5000, 1000.0))
    assert pacer.longest() == pacer.quantum
    for _ in range(20):
        seconds[0] += step
        pacer.fire()
    assert pacer.longest() > pacer.quantum == SHORTEST
    assert pacer.longest() == SHORTEST
    pacer.close()
