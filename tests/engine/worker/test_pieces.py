"""Whatever pieces a response comes in, and whether or not its connection ends with it, each request has its response.

The transport is the one in memory. `test_client.py` has some of this with a forked worker and real sockets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.engine.session_rig import SessionRig

LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world"
CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a\r\nhello\r\n6\r\n world\r\n0\r\nX: y\r\n\r\n"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n"
ODD = b"\r\nHTTP/1.1 200 OK\nX: a\n b\nContent-Length: 5, 5\n\nhello"
SWITCHED = b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
LARGE = b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + b"x" * 9000

KEPT: dict[str, Any] = {}
ENDED: dict[str, Any] = {"keepalive": False}
CLOSE: dict[str, Any] = {"headers": (("Connection", "x, Close"),)}
RATE = 10.0

Make = Callable[..., SessionRig]
PACED = pytest.mark.parametrize("rate", [None, RATE], ids=["closed", "rate"])


@pytest.fixture
def make() -> Iterator[Make]:
    made: list[SessionRig] = []

    def one(**words: Any) -> SessionRig:
        made.append(SessionRig(**words))
        return made[-1]

    yield one
    for rig in made:
        rig.client.greenlet.kill()


def answer_in_two(rig: SessionRig, number: int, answer: bytes, cut: int, closes: bool = False) -> None:
    """The request `number` is due, and gets its answer in two pieces. The connection may end with the second."""
    if rig.context.task.open_loop:
        rig.fire(number / RATE)
    rig.say(answer[:cut])
    rig.transport.say(answer[cut:])
    if closes:
        rig.transport.end()
    rig.hub(rig.transport.deliver)


@pytest.mark.parametrize("closes", [False, True], ids=["stays", "closes"])
@pytest.mark.parametrize(("answer", "status"),
                         [(LENGTH, 200), (CHUNKS, 200), (INTERIM, 204), (ODD, 200), (SWITCHED, 101)],
                         ids=["length", "chunks", "interim", "odd", "101"])  # fmt: skip
@pytest.mark.parametrize("words", [KEPT, ENDED, CLOSE], ids=["kept", "no-keepalive", "close"])
@PACED
def test_an_answer_may_come_in_two_pieces(
    make: Make, rate: float | None, words: dict[str, Any], answer: bytes, status: int, closes: bool
) -> None:
    """Cut at every byte, whether or not the target ends the connection, which it does not say."""
    if closes and words is KEPT and status != 101:
        answer = answer.replace(b"Content-Length", b"Connection: close\nContent-Length").replace(
            b"Transfer-Encoding", b"Connection: close\nTransfer-Encoding"
        )
    count = len(answer) - 1
    rig = make(rate=rate, requests=count, duration=None, **words)
    for number in range(count):
        answer_in_two(rig, number, answer, number + 1, closes)
    delta = rig.delta
    assert (delta.errors, delta.status, delta.read) == ({}, {status: count}, count * len(answer)), delta.samples
    assert rig.requests == count
    single = words is not KEPT or status == 101 or closes
    assert rig.transport.dials in ((count, count + 1) if single else (1,))


@pytest.mark.parametrize("cut", [1, 40, 41, 42, 45, 4095, 4096, 4097, 9040])
@pytest.mark.parametrize("words", [KEPT, ENDED], ids=["kept", "no-keepalive"])
@PACED
def test_a_large_answer_may_too(make: Make, rate: float | None, words: dict[str, Any], cut: int) -> None:
    rig = make(rate=rate, requests=20, duration=None, **words)
    for number in range(20):
        answer_in_two(rig, number, LARGE, cut)
    delta = rig.delta
    assert (delta.errors, delta.status, delta.read) == ({}, {200: 20}, 20 * len(LARGE))
    assert rig.requests == 20


@pytest.mark.parametrize("late", [False, True], ids=["with the body", "after it"])
@PACED
def test_blank_lines_between_answers_hurt_nobody(make: Make, rate: float | None, late: bool) -> None:
    """Old servers send one after a body. It comes with the body, or while nothing is asked or answered."""
    rig = make(rate=rate, requests=40, duration=None)
    for number in range(40):
        if rate:
            rig.fire(number / RATE)
        rig.say(*([LENGTH, b"\r\n"] if late else [LENGTH + b"\r\n"]))
    assert (rig.delta.errors, rig.delta.completed, rig.transport.dials) == ({}, 40, 1)
