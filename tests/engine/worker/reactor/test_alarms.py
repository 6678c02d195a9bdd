"""Alarms and the clock of both pollers."""

from __future__ import annotations

import time
from itertools import pairwise

import gevent

from gluten.engine.worker.reactor.poller import Poller
from tests.support.engine.pollers import Pipe, wait


def test_an_alarm_calls_at_its_instant_and_can_be_set_anew(poller: Poller) -> None:
    calls: list[float] = []

    def call() -> None:
        calls.append(time.monotonic())
        alarm.set(calls[0] + 0.03 if len(calls) == 1 else calls[0] + 3600)

    alarm = poller.alarm(call)
    due = time.monotonic() + 0.02
    alarm.set(due + 3600)
    alarm.set(due)
    wait(lambda: len(calls) == 2)
    # gevent's own timers are exact to a millisecond.
    assert calls[0] >= due - 0.0015
    assert calls[1] >= calls[0] + 0.0285
    alarm.close()


def test_a_closed_alarm_is_never_called(poller: Poller) -> None:
    calls: list[bool] = []
    alarm = poller.alarm(lambda: calls.append(True))
    alarm.set(time.monotonic() - 1)
    alarm.close()
    gevent.sleep(0.01)
    assert calls == []


def test_the_clock_comes_before_all_that_is_ready(poller: Poller) -> None:
    pipe, order = Pipe(), list[str]()

    def tick() -> None:
        order.append("tick")
        clock.set(time.monotonic() + 3600)

    def take() -> None:
        order.append("read")
        pipe.take()

    clock = poller.ticker(tick)
    poller.watch(pipe.fd, take)
    for times in range(1, 4):
        gevent.sleep(0.002)
        clock.set(time.monotonic() + 0.003)
        pipe.theirs.sendall(b"x")
        time.sleep(0.005)  # a pause of the whole process
        wait(lambda times=times: len(order) == 2 * times)  # type: ignore[misc]
    assert order == ["tick", "read"] * 3
    clock.close()
    poller.forget(pipe.fd)
    pipe.close()


def test_the_clock_ticks_beside_timers_and_is_set_anew(poller: Poller) -> None:
    ticks: list[float] = []

    def tick() -> None:
        ticks.append(time.monotonic())
        clock.set(ticks[-1] + 0.002)

    clock = poller.ticker(tick)
    clock.set(time.monotonic() + 0.002)
    began = time.monotonic()
    for _ in range(5):
        gevent.sleep(0.003)  # a timer of the loop
    assert time.monotonic() - began >= 0.014
    wait(lambda: len(ticks) >= 5)
    assert all(later - tick >= 0.0005 for tick, later in pairwise(ticks))
    clock.close()
    before = len(ticks)
    gevent.sleep(0.01)
    assert len(ticks) == before
