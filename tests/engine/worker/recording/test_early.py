"""Requests of the warmup are counted in its last second, until none of them is under way."""

from __future__ import annotations

import pytest

from gluten.engine.fault import Fault
from gluten.engine.worker.recording.early import Early
from gluten.engine.worker.recording.recorder import Recorders
from gluten.engine.worker.slots import SlotTable
from gluten.stats.delta import Delta
from gluten.stats.request_stats import REQUEST, redirect_name

START, WARMUP = 1000.0, 5
END = START + WARMUP


class FakeThread:
    """A thread at a rate, whose next slot is due at `due`."""

    def __init__(self, due: float) -> None:
        self.due, self.over = due, False


class Scene:
    """Two slots of one worker, just before the end of the warmup."""

    def __init__(self, open_loop: bool = True, next_due: float = END + 1, follows: bool = False) -> None:
        redirects = {redirect_name(REQUEST): 0} if follows else {}
        self.recorders = Recorders(open_loop, False, {REQUEST: 10} | redirects)
        self.recorder = self.recorders.by_name[REQUEST]
        self.slots = SlotTable(self.recorder, 60.0)
        self.thread = FakeThread(next_due)
        for _ in range(2):
            self.slots.add(lambda: None)
        last = Delta(WARMUP - 1)
        last.connections, last.in_flight = 2, 1
        threads = [self.thread] if open_loop else []
        self.early = Early(self.recorders, self.slots, threads, START, WARMUP, last)

    def send(self, slot: int, due: float, now: float) -> None:
        self.slots.sent(slot, due, now, 0.0)

    def answer(self, slot: int, now: float) -> None:
        self.slots.answered(slot, 200, 5, now)
        self.slots.rest(slot, now)

    def counts(self, second: int = WARMUP) -> tuple[int, int]:
        """How many were answered: of the warmup, and after it."""
        early = self.early.delta(second)
        return 0 if early is None else early.completed, self.recorders.rotate(second).completed


def test_what_was_due_before_the_end_is_of_the_warmup_whenever_it_was_sent() -> None:
    scene = Scene()
    scene.send(0, END - 0.5, END + 0.2)
    scene.send(1, END + 0.1, END + 0.2)
    scene.answer(0, END + 1)
    scene.answer(1, END + 1)
    assert scene.counts() == (1, 1)


def test_in_a_closed_loop_it_counts_when_it_was_sent() -> None:
    scene = Scene(open_loop=False)
    scene.send(0, 0.0, END - 0.001)
    scene.send(1, 0.0, END)
    scene.answer(0, END + 1)
    scene.answer(1, END + 1)
    assert scene.counts() == (1, 1)


def test_in_a_closed_loop_a_request_that_is_redirected_counts_when_it_was_sent_first() -> None:
    scene = Scene(open_loop=False, follows=True)
    scene.send(0, END - 0.1, END - 0.1)
    scene.slots.starts[0] = END + 0.2
    scene.early.settle(END + 0.3)
    scene.answer(0, END + 1)
    assert scene.counts() == (1, 0)


def test_a_request_that_fails_is_told_apart_likewise() -> None:
    scene = Scene()
    scene.send(0, END - 0.1, END - 0.1)
    scene.slots.failed(0, Fault("timeout", "late"))
    early = scene.early.delta(WARMUP)
    assert early is not None
    assert (early.second, early.failed, early.errors) == (WARMUP - 1, 1, {"timeout": 1})
    assert scene.recorders.rotate(WARMUP).failed == 0


def test_its_counts_have_the_gauges_of_the_warmups_last_second_and_do_not_come_with_it() -> None:
    scene = Scene()
    scene.send(0, END - 0.1, END - 0.1)
    scene.answer(0, END + 1)
    assert scene.early.delta(WARMUP - 1) is None
    early = scene.early.delta(WARMUP)
    assert early is not None
    assert (early.connections, early.in_flight, early.peak, early.sent) == (2, 1, 0, 0)
    assert scene.early.delta(WARMUP + 1) is None, "nothing more has ended"


@pytest.mark.parametrize("open_loop", [True, False])
def test_responses_are_known_by_their_bytes_again_when_no_request_of_the_warmup_is_in_flight(open_loop: bool) -> None:
    scene = Scene(open_loop)
    scene.send(0, END - 0.1, END - 0.1)
    for now in (END - 0.01, END + 0.1):
        scene.early.settle(now)
        scene.slots.know(0, b"data", 200)
        assert (scene.slots.early is scene.early, scene.recorder.exact) == (True, {})
    scene.answer(0, END + 1)
    scene.early.settle(END + 1)
    scene.slots.know(0, b"data", 200)
    assert (scene.slots.early, list(scene.recorder.exact)) == (None, [b"data"])


def test_slots_of_the_warmup_that_wait_for_a_connection_are_waited_for() -> None:
    scene = Scene(next_due=END - 0.3)
    scene.early.settle(END + 0.1)
    assert scene.slots.early is scene.early
    scene.thread.due = END + 0.2
    scene.early.settle(END + 0.2)
    assert scene.slots.early is None
