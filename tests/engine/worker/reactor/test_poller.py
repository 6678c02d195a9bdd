"""Both pollers do the same: what transports and the pacer may rely on."""

from __future__ import annotations

import os
import select
import socket
import time
from collections.abc import Callable, Iterator
from functools import partial

import gevent
import gevent.event
import pytest

from gluten.engine.worker.reactor.poller import Poller
from tests.support.engine.pollers import POLLERS


@pytest.fixture(params=POLLERS)
def poller(request: pytest.FixtureRequest) -> Iterator[Poller]:
    with POLLERS[request.param]() as made:
        yield made


class Late(Exception):
    """A timeout."""


class Pipe:
    """Two ends of a connection; `read` is what a callback took from ours."""

    def __init__(self) -> None:
        self.ours, self.theirs = socket.socketpair()
        self.ours.setblocking(False)
        self.fd = self.ours.fileno()
        self.read = b""

    def take(self) -> None:
        self.read += self.ours.recv(2)

    def close(self) -> None:
        self.ours.close()
        self.theirs.close()


def wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        gevent.sleep(0.001)


def look(poller: Poller) -> None:
    """The poller has looked at all connections since, and called for those that were ready."""
    pipe = Pipe()
    poller.watch(pipe.fd, pipe.take)
    for read in (b"x", b"xx"):
        pipe.theirs.sendall(b"x")
        wait(lambda read=read: pipe.read == read)  # type: ignore[misc]
    poller.forget(pipe.fd)
    pipe.close()


def test_a_callback_is_called_until_all_is_read(poller: Poller) -> None:
    pipe = Pipe()
    poller.watch(pipe.fd, pipe.take)
    pipe.theirs.sendall(b"hello")
    wait(lambda: pipe.read == b"hello")
    poller.forget(pipe.fd)
    pipe.close()


def test_another_callback_takes_over_also_before_anything_was_waited_for(poller: Poller) -> None:
    pipe, called = Pipe(), list[bool]()
    poller.watch(pipe.fd, lambda: called.append(True))
    poller.rebind(pipe.fd, pipe.take)
    pipe.theirs.sendall(b"hell")
    wait(lambda: pipe.read == b"hell")
    poller.rebind(pipe.fd, lambda: called.append(bool(pipe.ours.recv(9))))
    pipe.theirs.sendall(b"o")
    wait(lambda: called == [True])
    poller.forget(pipe.fd)
    pipe.close()


def test_nobody_is_called_for_what_is_unwatched_until_it_is_watched_again(poller: Poller) -> None:
    pipe = Pipe()
    poller.watch(pipe.fd, pipe.take)
    poller.unwatch(pipe.fd)
    pipe.theirs.sendall(b"hello")
    look(poller)
    assert pipe.read == b""
    poller.watch(pipe.fd, pipe.take)
    wait(lambda: pipe.read == b"hello")
    poller.forget(pipe.fd)
    pipe.close()


def test_an_end_is_told(poller: Poller) -> None:
    pipe, ends = Pipe(), list[bytes]()

    def end() -> None:
        ends.append(pipe.ours.recv(1))
        poller.forget(pipe.fd)
        pipe.ours.close()

    poller.watch(pipe.fd, end)
    pipe.theirs.close()
    wait(lambda: ends == [b""])
    look(poller)
    assert ends == [b""]


def test_a_number_that_is_used_again_has_no_event_of_its_last_owner(poller: Poller) -> None:
    # Both are readable in one look. The first callback closes the other, whose number a silent connection gets.
    pipes, late = [Pipe(), Pipe()], list[int]()
    quiet: list[socket.socket] = []

    def replace(other: Pipe) -> None:
        pipes[0].ours.recv(9) if other is pipes[1] else pipes[1].ours.recv(9)
        number = other.fd
        poller.forget(number)
        ends = socket.socketpair()
        os.dup2(ends[0].fileno(), number)
        quiet.extend(ends)
        poller.watch(number, lambda: late.append(number))

    for pipe, other in (pipes, pipes[::-1]):
        poller.watch(pipe.fd, lambda other=other: None if quiet else replace(other))  # type: ignore[misc]
        pipe.theirs.sendall(b"x")
    wait(lambda: bool(quiet))
    look(poller)
    assert late == []
    for pipe in pipes:
        poller.forget(pipe.fd)
        pipe.close()


def test_a_number_that_is_used_again_at_once_is_watched(poller: Poller) -> None:
    """The kernel gives the lowest number that is free: each pipe gets those of the one before it."""
    for _ in range(3):
        pipe = Pipe()
        poller.watch(pipe.fd, pipe.take)
        pipe.theirs.sendall(b"x")
        wait(lambda pipe=pipe: pipe.read == b"x")  # type: ignore[misc]
        poller.forget(pipe.fd)
        pipe.close()


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
    rings: list[bool] = []
    other = poller.alarm(lambda: rings.append(True))
    other.set(time.monotonic())
    wait(lambda: bool(rings))
    other.close()
    assert calls == []


def test_greenlets_run_although_a_connection_is_always_readable(poller: Poller) -> None:
    pipe, calls, slept = Pipe(), list[int](), list[float]()
    pipe.theirs.sendall(b"x")
    poller.watch(pipe.fd, lambda: calls.append(1))

    def sleeper() -> None:
        for _ in range(5):
            gevent.sleep(0.002)
            slept.append(time.monotonic())

    gevent.spawn(sleeper)
    gevent.spawn(lambda: None).join()
    wait(lambda: len(slept) == 5)
    assert len(calls) > 5
    poller.forget(pipe.fd)
    pipe.close()


def test_a_connection_is_served_although_a_greenlet_is_always_ready(poller: Poller) -> None:
    pipe = Pipe()
    poller.watch(pipe.fd, pipe.take)
    pipe.theirs.sendall(b"hello")
    deadline = time.monotonic() + 5
    while pipe.read != b"hello" and time.monotonic() < deadline:
        gevent.sleep(0)
    assert pipe.read == b"hello"
    poller.forget(pipe.fd)
    pipe.close()


def test_what_is_due_comes_before_what_is_ready(poller: Poller) -> None:
    pipes, order = [Pipe(), Pipe()], list[str]()

    timer = poller.loop.timer(0.01)

    def stand_still(pipe: Pipe) -> None:
        pipe.take()
        if not order:
            timer.start(lambda: order.append("due"))
            time.sleep(0.02)
        order.append("ready")

    for pipe in pipes:
        poller.watch(pipe.fd, partial(stand_still, pipe))
        pipe.theirs.sendall(b"read twice")
    wait(lambda: "due" in order and order.count("ready") == 10)
    # Both were ready in the first look, in which the pause happened.
    assert order.index("due") == 2
    for pipe in pipes:
        poller.forget(pipe.fd)
        pipe.close()


def test_a_callback_may_resume_a_greenlet_that_waits_for_something_else(poller: Poller) -> None:
    pipe, other, seen = Pipe(), Pipe(), list[str]()

    def life() -> None:
        gevent.get_hub().switch()
        gevent.sleep(0.001)
        seen.append("slept")
        gevent.get_hub().wait(gevent.get_hub().loop.io(other.fd, 1))
        seen.append("read")

    greenlet = gevent.spawn(life)
    gevent.sleep(0)

    def resume() -> None:
        pipe.take()
        greenlet.switch()

    poller.watch(pipe.fd, resume)
    pipe.theirs.sendall(b"x")
    wait(lambda: seen == ["slept"])
    other.theirs.sendall(b"x")
    greenlet.join(5)
    assert seen == ["slept", "read"]
    poller.forget(pipe.fd)
    pipe.close()
    other.close()


def test_a_callback_that_raises_is_told_and_is_not_called_again(
    poller: Poller, capfd: pytest.CaptureFixture[str]
) -> None:
    bad, good = Pipe(), Pipe()

    def fail() -> None:
        bad.take()
        raise ValueError("of a callback")

    poller.watch(bad.fd, fail)
    poller.watch(good.fd, good.take)
    bad.theirs.sendall(b"x")
    good.theirs.sendall(b"x")
    wait(lambda: good.read == b"x" and bad.read == b"x")
    bad.theirs.sendall(b"y")
    good.theirs.sendall(b"y")
    wait(lambda: good.read == b"xy")
    look(poller)
    assert bad.read == b"x"
    assert "of a callback" in capfd.readouterr().err
    poller.forget(good.fd)
    for pipe in (bad, good):
        pipe.close()


def test_a_timeout_is_exact_to_milliseconds_and_a_cancelled_one_is_silent(poller: Poller) -> None:
    gevent.Timeout.start_new(0.005, Late).close()
    began = time.monotonic()
    with pytest.raises(Late), gevent.Timeout(0.02, Late):
        gevent.sleep(5)
    assert 0.0185 <= time.monotonic() - began < 1
    gevent.sleep(0.01)


@pytest.mark.skipif(not hasattr(select, "epoll"), reason="epoll is Linux's")
def test_thousands_of_cancelled_timers_are_forgotten() -> None:
    with POLLERS["epoll"]() as poller:
        loop = poller.loop
        for _ in range(5000):
            timer = loop.timer(60.0)
            timer.start(lambda: None)
            timer.stop()
        assert len(loop._timers) <= 1001
        began = time.monotonic()
        gevent.sleep(0.002)
        assert time.monotonic() - began < 1


@pytest.mark.skipif(not hasattr(select, "epoll"), reason="epoll is Linux's")
def test_the_loop_does_not_turn_for_what_concerns_connections_alone() -> None:
    with POLLERS["epoll"]() as poller:
        pipe = Pipe()
        poller.watch(pipe.fd, pipe.take)
        gevent.sleep(0.001)
        done = gevent.event.Event()
        before = [0]

        def echo() -> None:
            pipe.take()
            if len(pipe.read) == 1:
                before[0] = poller.loop.iteration
            if len(pipe.read) == 100:
                before.append(poller.loop.iteration)
                done.set()
            pipe.theirs.send(b"x")

        poller.rebind(pipe.fd, echo)
        pipe.theirs.send(b"x")
        assert done.wait(5)
        assert before[1] == before[0]
        poller.forget(pipe.fd)
        pipe.close()
