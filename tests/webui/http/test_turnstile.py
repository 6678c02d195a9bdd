"""What pauses lets the hub look at its sockets, and many who enter at once pass one by one."""

from __future__ import annotations

import gevent
from gevent import socket

from gluten.hub_turn import turn
from gluten.webui.http.turnstile import Turnstile


def test_a_pause_lets_the_hub_look_at_its_sockets() -> None:
    left, right = socket.socketpair()
    got: list[int] = []
    step = 0

    def read() -> None:
        right.recv(1)
        got.append(step)

    reader = gevent.spawn(read)
    gevent.sleep(0)
    left.send(b"x")
    for step in range(1, 4):  # noqa: B007 -- `read` notes it
        turn()
    assert got
    assert got[0] <= 2
    reader.get(timeout=5)


def test_one_passes_in_each_round_of_the_hub() -> None:
    turnstile, passed, rounds = Turnstile(), list[str](), list[int]()

    def enter(name: str) -> None:
        turnstile.enter()
        passed.append(name)

    greenlets = [gevent.spawn(enter, name) for name in "abcd"]
    while len(passed) < 4:
        turn()
        rounds.append(len(passed))
    gevent.joinall(greenlets, timeout=5, raise_error=True)
    assert "".join(passed) == "abcd"
    assert all(after - before <= 1 for before, after in zip([1, *rounds], rounds, strict=False))


def test_who_comes_alone_does_not_wait() -> None:
    turnstile, order = Turnstile(), list[str]()
    turnstile.enter()
    for _ in range(3):
        turn()
    other = gevent.spawn(order.append, "other")
    turnstile.enter()
    order.append("entered")
    other.get(timeout=5)
    assert order == ["entered", "other"]


def test_one_that_was_killed_holds_up_nobody() -> None:
    turnstile, passed = Turnstile(), list[str]()

    def enter(name: str) -> None:
        turnstile.enter()
        passed.append(name)

    greenlets = [gevent.spawn(enter, name) for name in "abc"]
    gevent.sleep(0)
    greenlets[1].kill()
    gevent.joinall([greenlets[0], greenlets[2]], timeout=5, raise_error=True)
    assert passed == ["a", "c"]
