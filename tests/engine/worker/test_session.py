"""An HTTP/1 session whose target is the test: no socket, no fork, no waiting. The transport is the one in memory."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import count
from time import monotonic
from typing import Any

import gevent
import pytest
from gevent.event import AsyncResult, Event

from gluten.engine.budget import Budget
from gluten.engine.fault import Fault
from gluten.engine.worker.client import Client
from gluten.engine.worker.http1.request import build
from gluten.engine.worker.http1.response import Responses
from gluten.engine.worker.http1_session import Http1Session
from gluten.engine.worker.http_session import SessionContext
from gluten.engine.worker.recorder import Recorder
from gluten.engine.worker.slots import SlotTable
from gluten.engine.worker.thread import Closed, Paced
from gluten.engine.worker.transport.memory_transport import MemoryTransport
from gluten.plan.schedule import Schedule
from gluten.stats.delta import Delta
from gluten.task.task import Task

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world"
CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a\r\nhello\r\n6\r\n world\r\n0\r\nX: y\r\n\r\n"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CLOSE = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
LARGE = b"HTTP/1.1 200 OK\r\nContent-Length: 30000\r\n\r\n" + b"x" * 30_000
TIMEOUT = 5.0


class Bench:
    """A client with one session. The load begins at once, unless `wait`."""

    def __init__(self, wait: bool = False, refusal: Fault | None = None, **words: Any) -> None:
        task = Task("http://h/", **({"connections": 1, "timeout": TIMEOUT, "duration": 60.0} | words))
        self.always_due = not task.open_loop and task.requests is None and task.kept
        self.recorder, self.request = Recorder(task.open_loop, implied=self.always_due), build(task)
        self.context = SessionContext(
            task=task, request=self.request, responses=Responses(task.method, task.max_body, not task.kept),
            slots=SlotTable(self.recorder, len(self.request)), scratch=bytearray(1 << 16), kept=task.kept,
            always_due=self.always_due, rest_changed=lambda: self.client.session.choose_send(),
        )  # fmt: skip
        self.transport, self.started, self.left = MemoryTransport(self.context.scratch), Event(), False
        self.transport.refusal = refusal
        self._total, self._seconds = Delta(), count(1)
        self.begin = monotonic() - 10.0
        self.thread: Any = Closed(Budget(task.requests))
        if task.open_loop:
            self.thread = Paced(0, 1, Schedule.of(task), self.begin)
            self.thread.released = -math.inf
        self.client = Client(
            lambda mailbox: Http1Session(self.context, self.thread, self.transport, mailbox),
            self.thread, self.started, self._leave, task.open_loop, task.kept, None,
        )  # fmt: skip
        self.client.greenlet.start()
        if not wait:
            self.started.set()
        self.turn()

    def _leave(self) -> None:
        self.left = True

    def turn(self) -> None:
        """What is ready to run runs."""
        for _ in range(4):
            gevent.sleep(0)

    def hub(self, call: Callable[[], Any]) -> None:
        """Call it as the loop does."""
        done: AsyncResult[None] = AsyncResult()

        def run() -> None:
            try:
                call()
                done.set(None)
            except BaseException as error:
                done.set_exception(error)

        gevent.get_hub().loop.run_callback(run)
        done.get(timeout=5)
        self.turn()

    def say(self, *pieces: bytes) -> None:
        """The target sends the pieces, and the session reads each before the next comes."""
        for piece in pieces:
            self.transport.say(piece)
            self.hub(self.transport.deliver)

    def end(self) -> None:
        self.transport.end()
        self.hub(self.transport.deliver)

    def break_off(self, error: OSError) -> None:
        self.transport.break_off(error)
        self.hub(self.transport.deliver)

    def expire(self) -> None:
        """The sweep comes when the deadline is over."""
        self.hub(lambda: self.context.slots.expire(monotonic() + TIMEOUT + 1, TIMEOUT))

    def fire(self, second: float) -> None:
        """The pacer fires at this run-second."""
        self.hub(lambda: self.thread.fire(lambda: self.begin + second))

    def finish(self) -> None:
        self.thread.over = True
        self.hub(self.client.session.end)

    @property
    def state(self) -> str:
        return self.transport.state.value

    @property
    def requests(self) -> int:
        """Whole requests that the target has got."""
        count, rest = divmod(len(self.transport.sent), len(self.request))
        assert rest == 0
        assert bytes(self.transport.sent) == self.request * count
        return count

    @property
    def delta(self) -> Delta:
        """Everything so far. Whatever happens, the counts add up."""
        delta = self._total
        delta.follow(self.recorder.rotate(next(self._seconds), len(self.request)))
        delta.in_flight = self.context.slots.in_flight
        assert delta.sent == delta.completed + delta.failed + delta.in_flight
        assert delta.written == len(self.transport.sent)
        return delta


@pytest.fixture
def make() -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def one(**words: Any) -> Bench:
        made.append(Bench(**words))
        return made[-1]

    yield one
    for bench in made:
        bench.client.greenlet.kill()


Make = Callable[..., Bench]
WORDS: list[dict[str, Any]] = [{}, {"requests": 1000}, {"keepalive": False}]
EACH = pytest.mark.parametrize("words", WORDS, ids=["always due", "count", "no-keepalive"])


@EACH
@pytest.mark.parametrize("answer", [OK, CHUNKS, INTERIM, CLOSE, LARGE[:600].replace(b"30000", b"558")],
                         ids=["length", "chunks", "interim", "close", "shape"])  # fmt: skip
def test_a_response_may_be_cut_anywhere(make: Make, words: dict[str, Any], answer: bytes) -> None:
    bench = make(**words)
    for cut in range(1, len(answer)):
        bench.say(answer[:cut], answer[cut:])
    delta, times = bench.delta, len(answer) - 1
    assert (delta.errors, delta.status, delta.read) == ({}, {200: times}, times * len(answer))
    assert bench.requests == times + 1
    assert delta.in_flight == 1


@EACH
@pytest.mark.parametrize("answer", [OK, CHUNKS, LARGE], ids=["length", "chunks", "large"])
@pytest.mark.parametrize("reads", [1, 7, 4096, 9000])
def test_a_read_may_give_less_than_was_asked_for(make: Make, words: dict[str, Any], answer: bytes, reads: int) -> None:
    if answer is LARGE and reads < 4096:
        answer = LARGE[:800].replace(b"30000", b"758")
    bench = make(**words)
    bench.transport.reads = reads
    bench.say(*[answer] * 6)
    delta = bench.delta
    assert (delta.errors, delta.status, delta.read) == ({}, {200: 6}, 6 * len(answer))


@pytest.mark.parametrize("size", [10_000, 30_000], ids=["medium", "large"])
def test_large_bodies_are_counted(make: Make, size: int) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size
    bench = make()
    bench.say(*[answer] * 10, answer[:5000], answer[5000:])
    delta = bench.delta
    assert (delta.errors, delta.completed, delta.read) == ({}, 11, 11 * len(answer))
    bench.say(OK, CHUNKS)  # the target's responses may change
    assert bench.delta.status == {200: 13}


def test_a_fresh_connection_that_ends_is_another_kind_than_a_kept_one(make: Make) -> None:
    bench = make()
    bench.end()
    bench.break_off(ConnectionResetError())
    assert bench.delta.errors == {"read": 1, "reset": 1}
    assert bench.delta.completed == 0
    bench.say(OK)
    bench.end()
    bench.say(OK)
    bench.break_off(ConnectionResetError())
    delta = bench.delta
    assert (delta.errors, delta.completed) == ({"read": 1, "reset": 1, "closed": 2}, 2)
    assert bench.transport.dials == 5


@EACH
@pytest.mark.parametrize("part", [OK[:-3], LARGE[:9000], CHUNKS[:60], OK[:20]])
def test_an_end_within_a_response_is_a_read_error(make: Make, words: dict[str, Any], part: bytes) -> None:
    bench = make(**words)
    bench.say(OK, OK, part)
    bench.end()
    bench.say(OK, part)
    bench.break_off(ConnectionResetError())
    delta = bench.delta
    assert (delta.errors, delta.completed) == ({"read": 1, "reset": 1}, 3)


@EACH
@pytest.mark.parametrize("part", [b"", OK[:20], OK[:-3], LARGE[:9000]])
def test_a_deadline_ends_the_request_and_its_connection(make: Make, words: dict[str, Any], part: bytes) -> None:
    bench = make(**words)
    if part:
        bench.say(part)
    dials = bench.transport.dials
    bench.expire()
    assert bench.delta.errors == {"timeout": 1}
    assert bench.transport.dials == dials + 1
    bench.say(OK)
    assert bench.delta.completed == 1


@EACH
def test_garbage_is_a_protocol_error(make: Make, words: dict[str, Any]) -> None:
    bench = make(**words)
    bench.say(b"SSH-2.0-x\r\n")
    assert bench.delta.errors == {"protocol": 1}


# Writing.


@EACH
def test_a_request_is_written_in_as_many_parts_as_the_target_takes(make: Make, words: dict[str, Any]) -> None:
    bench = make(**words)
    bench.transport.room = 0
    bench.say(OK)
    for _ in range(len(bench.request) // 7):
        bench.transport.room = 7
        bench.hub(bench.transport.deliver)
    # The target has all but the last bytes, and these count.
    assert bench.delta.errors == {}
    bench.transport.room = None
    bench.hub(bench.transport.deliver)
    bench.say(OK)
    assert (bench.requests, bench.context.slots.in_flight) == (3, 1)


@EACH
def test_a_request_that_is_never_taken_expires(make: Make, words: dict[str, Any]) -> None:
    bench = make(**words)
    bench.transport.room = 5
    bench.say(OK)
    bench.expire()
    delta = bench.delta
    assert (delta.errors, delta.completed) == ({"timeout": 1}, 1)
    assert "written" in delta.samples["timeout"]


def test_a_write_that_fails_on_a_kept_connection_is_the_same_race(make: Make) -> None:
    bench = make()
    bench.transport.unwritable = BrokenPipeError()
    bench.say(OK)
    delta = bench.delta
    assert (delta.errors, delta.completed) == ({"closed": 1}, 1)
    assert bench.requests == 2


# Connecting.


def test_a_refused_connect_is_recorded_and_tried_again_by_the_next_request(make: Make) -> None:
    for words in WORDS:
        bench = make(wait=True, refusal=Fault("connect", "refused"), **words)
        bench.transport.refusal = Fault("connect", "refused")
        bench.started.set()
        bench.turn()
        assert bench.delta.errors == {"connect": 1}
        gevent.sleep(0.02)  # a closed loop pauses
        bench.say(OK)
        assert bench.delta.completed == 1


def test_a_connect_ahead_that_fails_is_no_error(make: Make) -> None:
    bench = make(wait=True, refusal=Fault("connect", "refused"))
    assert (bench.state, bench.delta.errors) == ("closed", {})
    bench.started.set()
    bench.turn()
    bench.say(OK)
    assert (bench.delta.completed, bench.transport.dials) == (1, 2)


def test_it_connects_before_the_start_and_hears_nothing_until_then(make: Make) -> None:
    bench = make(wait=True)
    assert (bench.state, bench.requests) == ("paused", 0)
    bench.end()
    assert bench.state == "paused"
    bench.started.set()
    bench.turn()
    assert bench.state == "open"
    bench.hub(bench.transport.deliver)
    assert bench.delta.errors == {"read": 1}


def test_connections_are_counted(make: Make) -> None:
    bench = make()
    bench.say(OK, CLOSE)
    delta = bench.delta
    assert (delta.connections, delta.opened, delta.peak) == (1, 2, 1)
    single = make(keepalive=False)
    single.say(OK, OK)
    delta = single.delta
    assert (delta.connections, delta.opened, single.transport.dials) == (1, 2, 3)


# A constant rate.


def test_an_idle_connection_may_end_and_the_next_request_opens_another(make: Make) -> None:
    bench = make(rate=10.0)
    bench.fire(0.0)
    bench.say(OK)
    assert not bench.context.slots.busy(0)
    bench.end()
    assert bench.state == "closed"
    bench.fire(0.1)
    bench.say(OK)
    delta = bench.delta
    assert (delta.errors, delta.completed, bench.transport.dials) == ({}, 2, 2)


def test_what_was_not_asked_for_ends_an_idle_connection_but_blank_lines_do_not(make: Make) -> None:
    bench = make(rate=10.0)
    bench.fire(0.0)
    bench.say(OK, b"\r\n")
    assert bench.state == "open"
    bench.say(OK)
    assert bench.state == "closed"
    assert bench.delta.completed == 1


def test_a_slot_that_is_late_is_sent_at_once_after_the_response(make: Make) -> None:
    bench = make(rate=10.0)
    bench.fire(0.0)
    bench.fire(0.35)
    bench.say(OK, OK, OK, OK)
    delta = bench.delta
    assert (delta.completed, delta.in_flight) == (4, 0)


def test_a_connection_that_was_idle_for_too_long_is_not_used(make: Make) -> None:
    bench = make(rate=10.0)
    bench.fire(0.0)
    bench.say(OK.replace(b"\r\n\r\n", b"\r\nKeep-Alive: timeout=1\r\n\r\n"))
    assert bench.context.responses.rest == 0
    bench.fire(11.0)
    assert (bench.transport.dials, bench.requests) == (2, 2)


# The end.


def test_the_end_is_said_to_an_idle_client_at_once_and_to_a_busy_one_after_its_response(make: Make) -> None:
    idle = make(rate=10.0)
    idle.finish()
    assert idle.left
    for words in WORDS:
        busy = make(**words)
        busy.context.always_due = False
        busy.recorder.count_sends(len(busy.request))
        busy.finish()
        assert not busy.left
        busy.say(OK)
        assert (busy.left, busy.state, busy.delta.completed) == (True, "closed", 1)


def test_what_is_in_flight_at_an_abort_stays_in_flight(make: Make) -> None:
    bench = make()
    bench.client.greenlet.kill()
    delta = bench.delta
    assert (delta.in_flight, delta.failed, bench.left, bench.state) == (1, 0, True, "closed")
    assert math.isfinite(bench.context.slots.starts[0])


def test_it_says_what_it_is(make: Make) -> None:
    bench = make()
    size = len(bench.request)
    assert repr(bench.client.session) == f"<Http1Session slot 0, busy, <MemoryTransport open, {size} bytes sent>>"
