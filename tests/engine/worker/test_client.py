"""A connection's life: whatever pieces an answer comes in, whenever the connection ends, the counts are exact."""

from __future__ import annotations

import itertools
import math
import threading
import time
from typing import Any

import pytest

from gluten.engine.budget import Budget
from gluten.engine.worker import read_callbacks
from gluten.engine.worker.http1.request import build
from gluten.engine.worker.http1.response import Responses
from gluten.engine.worker.http_session import SessionContext
from gluten.engine.worker.mailbox import Mailbox, Signal
from gluten.engine.worker.recording.recorder import Connections, Recorder
from gluten.engine.worker.request_sender import RequestSender
from gluten.engine.worker.request_writer import RequestWriter
from gluten.engine.worker.requests.named import Named
from gluten.engine.worker.slots import SlotTable
from gluten.engine.worker.thread import Closed
from gluten.engine.worker.transport.memory_transport import MemoryTransport
from gluten.stats.request_stats import REQUEST
from gluten.task.limits import MAX_BODY
from gluten.task.task import Task
from tests.support.engine import faults
from tests.support.engine.faults import OK, Behaviour, FaultServer, Visit
from tests.support.rig import Outcome, Rig

KEPT: dict[str, Any] = {"threads": 1, "connections": 4, "timeout": 5.0}
ENDED: dict[str, Any] = {**KEPT, "keepalive": False}
CLOSE: dict[str, Any] = {**KEPT, "headers": (("Connection", "x, Close"),)}


def load(rig: Rig, server: FaultServer, **words: Any) -> Outcome:
    """Run a task against the server. Whatever happens, the counts add up, and the server has seen each request once."""
    outcome = rig.run(Task(**({"url": f"http://127.0.0.1:{server.port}/", "duration": None} | words)))
    assert outcome.state == "finished", outcome
    assert outcome.adds_up, outcome.total.to_map()
    assert server.failures == []
    return outcome


def cut_anywhere(answer: bytes, closes: bool) -> Behaviour:
    """Each request gets the answer in two pieces, cut one byte later each time. The connection may end with it."""
    cuts = itertools.cycle(range(1, len(answer)))

    def behave(visit: Visit) -> None:
        for _ in visit.requests():
            cut = next(cuts)
            visit.send(answer[:cut])
            visit.pause(0.001)
            visit.send(answer[cut:])
            if closes:
                return

    return behave


CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a\r\nhello\r\n6\r\n world\r\n0\r\nX: y\r\n\r\n"
SWITCHED = b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
LARGE = b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + b"x" * 9000


@pytest.mark.parametrize(
    ("answer", "status", "words", "closes"),
    [(CHUNKS, 200, KEPT, False), (CHUNKS, 200, ENDED, True), (CHUNKS, 200, CLOSE, True), (SWITCHED, 101, KEPT, True)],
    ids=["kept", "no-keepalive", "close", "101"],
)
@pytest.mark.parametrize("rate", [None, 400.0], ids=["closed", "rate"])
def test_an_answer_may_come_in_two_pieces(
    rig: Rig, rate: float | None, answer: bytes, status: int, words: dict[str, Any], closes: bool
) -> None:
    """Cut at every byte. `test_pieces.py` has all answers in all ways, without sockets."""
    count = len(answer) - 1
    with FaultServer(cut_anywhere(answer, closes)) as server:
        outcome = load(rig, server, requests=count, rate=rate, **words)
        assert server.requests == count
        # The scout's look is a connection, and what was opened before it was needed.
        assert server.connections <= (count + 1 if closes else 0) + words["connections"] + 1
        assert server.connections >= (count if closes else 1)
    assert outcome.total.errors == {}, outcome.total.samples
    assert outcome.total.status == {status: count}
    assert outcome.total.read == count * len(answer)


@pytest.mark.parametrize("words", [KEPT, ENDED], ids=["kept", "no-keepalive"])
@pytest.mark.parametrize("rate", [None, 400.0], ids=["closed", "rate"])
def test_a_large_answer_may_too(rig: Rig, rate: float | None, words: dict[str, Any]) -> None:
    def behave(visit: Visit) -> None:
        for _ in visit.requests():
            visit.send(LARGE[:4096])
            visit.pause(0.001)
            visit.send(LARGE[4096:])

    with FaultServer(behave) as server:
        outcome = load(rig, server, requests=20, rate=rate, **words)
        assert server.requests == 20
    assert (outcome.total.errors, outcome.total.status) == ({}, {200: 20})
    assert outcome.total.read == 20 * len(LARGE)


@pytest.mark.parametrize("rate", [None, 200.0], ids=["closed", "rate"])
def test_blank_lines_between_answers_hurt_nobody(rig: Rig, rate: float | None) -> None:
    """Old servers send one after a body. It comes with the body, with the next answer, or while nothing is asked."""

    def behave(visit: Visit) -> None:
        for number, _ in enumerate(visit.requests()):
            visit.send(OK)
            if number % 2:
                visit.pause(0.002)
            visit.send(b"\r\n")

    with FaultServer(behave) as server:
        outcome = load(rig, server, requests=40, rate=rate, **KEPT)
        assert server.connections <= KEPT["connections"] + 1
    assert (outcome.total.errors, outcome.total.completed) == ({}, 40)


@pytest.mark.parametrize("seconds", [None, 0.5], ids=["n", "always due"])
@pytest.mark.parametrize("behaviour", [faults.close_after_answer, faults.resetting_after(OK)], ids=["fin", "rst"])
def test_the_end_of_a_kept_connection_is_one_kind(rig: Rig, behaviour: Behaviour, seconds: float | None) -> None:
    """It ends as its answer is there: the next request's write notices, or the read, and which is chance."""
    with FaultServer(behaviour) as server:
        length: dict[str, Any] = {"duration": seconds} if seconds else {"requests": 60}
        outcome = load(rig, server, **(KEPT | length))
    assert set(outcome.total.errors) == {"closed"}, outcome.total.samples
    assert outcome.total.completed >= outcome.total.failed > 0


def test_a_fresh_connection_that_ends_is_another_kind(rig: Rig) -> None:
    for behaviour, kind in ((faults.close_before_answer, "read"), (faults.reset_before_headers, "reset")):
        with FaultServer(behaviour) as server:
            assert load(rig, server, requests=8, **KEPT).total.errors == {kind: 8}


# Bytes written.


def test_what_the_kernel_took_of_a_request_is_written(rig: Rig) -> None:
    """The target reads nothing until the request's deadline is over, and then all that was sent."""
    received: list[int] = []
    done = threading.Event()

    def late(visit: Visit) -> None:
        if not visit._client.recv(1):
            return
        visit.pause(1.0)
        size = 1
        while data := visit._client.recv(1 << 20):
            size += len(data)
        received.append(size)
        done.set()

    with FaultServer(late, room=4096) as server:
        outcome = load(rig, server, method="POST", body=b"x" * MAX_BODY, **(KEPT | {"timeout": 0.3}), requests=1)
        assert done.wait(5)
    assert outcome.total.errors == {"timeout": 1}
    assert received == [outcome.total.written]
    assert received[0] < MAX_BODY


class Stub:
    """A sender on a transport in memory, whose target takes so many bytes, or whose write fails."""

    def __init__(self, does: int | OSError) -> None:
        request, task = b"0123456789", Task("http://h/")
        self.recorder = Recorder(True, False, len(request), Connections())
        slots = SlotTable(self.recorder)
        context = SessionContext(
            task=task,
            request=request,
            named=Named(REQUEST, self.recorder, Responses(task.method, task.max_body), request),
            slots=slots,
            scratch=bytearray(1),
            kept=True,
            always_due=False,
            rest_changed=lambda: None,
        )
        transport, mailbox = MemoryTransport(), Mailbox(lambda what: None, lambda: Signal.WRITABLE)
        slot, thread = slots.add(lambda: None), Closed(Budget(None))
        self.sender = RequestSender(context, thread, transport, mailbox, slot)
        self.transport = transport
        transport.connect(lambda: None)
        if isinstance(does, OSError):
            transport.unwritable = does
        else:
            transport.room = does

    @property
    def written(self) -> int:
        return self.recorder.cut()[0].written


@pytest.mark.parametrize(
    ("does", "written"), [(10, 10), (3, 3), (0, 0), (BrokenPipeError(), 0), (BlockingIOError(), 0)]
)
def test_each_way_of_sending_counts_what_was_taken(does: int | OSError, written: int) -> None:
    again, fire, shot = Stub(does), Stub(does), Stub(does)
    again.sender.again(1.0)
    fire.sender.fire(1.0, 1.0, 0.0)
    read_callbacks.send_callback(shot.sender, math.inf)(1.0, 1.0)
    assert [stub.written for stub in (again, fire, shot)] == [written] * 3


def test_a_write_by_hand_counts_its_parts() -> None:
    stub = Stub(4)
    writer = RequestWriter(stub.sender)
    rooms = iter((5, 1))

    def wait() -> Signal:
        stub.transport.room = next(rooms)
        return Signal.WRITABLE

    stub.sender.mailbox = Mailbox(lambda what: None, wait)
    writer.write()
    assert stub.written == 10


def test_every_whole_request_is_written_once(rig: Rig) -> None:
    for words in (KEPT, ENDED, KEPT | {"rate": 200.0}):
        with FaultServer(faults.answer_well) as server:
            task = Task(f"http://127.0.0.1:{server.port}/", **words)
            outcome = load(rig, server, requests=50, **words)
        assert outcome.total.written == 50 * len(build(task))


# Keep-Alive: timeout=N.


def resting(seconds: float, said: bytes) -> Behaviour:
    """Says when it ends an idle connection, and does."""

    def behave(visit: Visit) -> None:
        visit._client.settimeout(seconds)
        for _ in visit.requests():
            visit.send(b"HTTP/1.1 200 OK\r\nKeep-Alive: " + said + b"\r\nContent-Length: 2\r\n\r\nok")

    return behave


@pytest.mark.parametrize(("said", "rate", "count", "kept"), [
    (b"timeout=1", 10.0, 6, False), (b"TIMEOUT = \"1\", max=100", 10.0, 6, False), (b"timeout=0", 10.0, 6, False),
    (b"max=5; timeout=1", 10.0, 6, False), (b"timeout=2, max=100", 0.8, 3, False), (b"timeout=2", 50.0, 20, True),
    (b"timeout=60", 50.0, 20, True), (b"max=1000", 50.0, 20, True), (b"xtimeout=1", 50.0, 20, True),
])  # fmt: skip
def test_an_idle_connection_is_not_used_in_its_last_second(
    rig: Rig, said: bytes, rate: float, count: int, kept: bool
) -> None:
    with FaultServer(resting(2.0, said)) as server:
        outcome = load(rig, server, rate=rate, requests=count, **(KEPT | {"connections": 1}))
        # The scout's look is a connection. What a busy machine sends late is sent on a connection that was not idle.
        assert server.connections == 2 if kept else count // 2 < server.connections <= count + 1
        assert server.requests == count
    assert (outcome.total.errors, outcome.total.completed) == ({}, count)


def test_a_connection_that_is_never_idle_is_kept(rig: Rig) -> None:
    with FaultServer(resting(2.0, b"timeout=1")) as server:
        outcome = load(rig, server, requests=200, **KEPT)
        assert server.connections == KEPT["connections"] + 1
    assert (outcome.total.errors, outcome.total.completed) == ({}, 200)


@pytest.mark.alone
def test_the_first_answer_warns_the_connections_that_have_had_none(rig: Rig) -> None:
    """Four connections are opened at the start; the last of them is asked first when its second is over."""
    began: dict[int, float] = {}
    ages: list[float] = []

    def behave(visit: Visit) -> None:
        began[visit.number] = time.monotonic()
        for _ in visit.requests():
            ages.append(time.monotonic() - began[visit.number])
            began[visit.number] = time.monotonic()
            visit.send(b"HTTP/1.1 200 OK\r\nKeep-Alive: timeout=2\r\nContent-Length: 2\r\n\r\nok")

    with FaultServer(behave) as server:
        outcome = load(rig, server, rate=2.0, requests=6, **KEPT)
    assert (outcome.total.errors, outcome.total.completed) == ({}, 6)
    assert max(ages) < 1.3
