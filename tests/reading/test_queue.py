"""Greenlets wait for their turn."""

from __future__ import annotations

import gevent
import pytest
from gevent.event import Event

from gluten.errors import Busy
from gluten.reading.queue import Queue
from gluten.webui.api.readings import Asker
from tests.support.engine.hub import turn

ANN, BOB = Asker("viewer", "ann"), Asker("viewer", "bob")


class Desk:
    """Works one after the other, each until the test lets it end."""

    def __init__(self, patience: float = 5.0) -> None:
        self.queue = Queue(each=2, most=10, patience=patience)
        self.begun: list[str] = []
        self.ends: dict[str, Event] = {}

    def ask(self, asker: Asker, name: str) -> gevent.Greenlet[..., None]:
        self.ends[name] = Event()
        made = gevent.spawn(self._work, asker, name)
        gevent.sleep(0)
        return made

    def _work(self, asker: Asker, name: str) -> None:
        with self.queue.turn(asker):
            self.begun.append(name)
            self.ends[name].wait()

    def end(self, *names: str) -> None:
        for name in names:
            self.ends[name].set()
            turn()


def test_one_works_at_a_time() -> None:
    desk = Desk()
    asked = [desk.ask(ANN, "a"), desk.ask(ANN, "b"), desk.ask(BOB, "x")]
    assert desk.begun == ["a"]
    desk.end("a")
    assert desk.begun == ["a", "b"] or desk.begun == ["a", "x"]
    desk.end("b", "x")
    gevent.joinall(asked, timeout=5, raise_error=True)
    assert sorted(desk.begun) == ["a", "b", "x"]


def test_beyond_the_limit_nobody_waits() -> None:
    desk = Desk()
    asked = [desk.ask(ANN, "a"), desk.ask(ANN, "b")]
    with pytest.raises(Busy):
        desk.ask(ANN, "c").get(timeout=5)
    desk.end("a", "b")
    gevent.joinall(asked, timeout=5, raise_error=True)


def test_a_greenlet_that_is_killed_gives_its_turn_on() -> None:
    desk = Desk()
    works, waits, last = desk.ask(ANN, "a"), desk.ask(ANN, "b"), desk.ask(BOB, "x")
    waits.kill()
    works.kill()
    gevent.sleep(0)
    assert desk.begun == ["a", "x"]
    desk.end("x")
    last.get(timeout=5)


def test_nobody_waits_for_ever() -> None:
    desk = Desk(patience=0.01)
    works = desk.ask(ANN, "a")
    with pytest.raises(Busy, match=r"no answer within 0\.01 s"):
        desk.ask(BOB, "x").get(timeout=5)
    desk.end("a")
    works.get(timeout=5)
    desk.end("x")
    assert desk.ask(BOB, "y") is not None
    assert desk.begun == ["a", "y"]
    desk.end("y")
