"""A session's chunked responses: the hub counts them, and what becomes of a request is what the full way says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluten.engine.fault import Fault
from gluten.engine.worker.http1.full_response import read_response
from gluten.engine.worker.http1.response import Responses
from tests.support.engine.responses import MAX_BODY, mutated
from tests.support.engine.session_rig import SessionRig

HEAD = b"HTTP/1.1 200 OK\r\nX-Id: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
SHORT = HEAD + b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
LONG = HEAD + b"1000\r\n" + b"x" * 4096 + b"\r\n7d0\r\n" + b"y" * 2000 + b"\r\n0\r\n\r\n"
SINGLE = HEAD + b"1388\r\n" + b"z" * 5000 + b"\r\n0\r\n\r\n"
COUNTED = b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\nX-Id: 1\r\n\r\n" + b"c" * 2000
VARIED = HEAD.replace(b"1\r", b"%d\r") + b"%x\r\n%s\r\n0\r\n\r\n"


@pytest.fixture
def loaded() -> Any:
    rigs: list[SessionRig] = []

    def one(**words: Any) -> SessionRig:
        rigs.append(SessionRig(max_body=MAX_BODY, **words))
        return rigs[-1]

    yield one
    for rig in rigs:
        rig.client.greenlet.kill()


@pytest.mark.parametrize("words", [{}, {"requests": 100_000}], ids=["always due", "count"])
@pytest.mark.parametrize("answer", [SHORT, LONG], ids=["short", "long"])
def test_known_chunks_do_not_wake_the_greenlet(loaded: Any, answer: bytes, words: dict[str, Any]) -> None:
    rig = loaded(**words)
    rig.say(answer, answer, answer)
    # Who would wake the greenlet fails.
    rig.client.session._reader.mailbox = None
    cuts = range(1, len(answer)) if answer is SHORT else [*range(60, 80), *range(4160, 4180), *range(6160, len(answer))]
    for cut in cuts:
        if cut >= len(HEAD):
            rig.say(answer[:cut], answer[cut:])
    rig.say(answer)
    delta = rig.delta
    assert delta.errors == {}
    assert delta.read == delta.completed * len(answer)


@pytest.mark.parametrize("words", [{}, {"keepalive": False}], ids=["kept", "no-keepalive"])
def test_heads_and_bodies_of_chunks_may_vary(loaded: Any, words: dict[str, Any]) -> None:
    rig, size = loaded(**words), 0
    for number in range(0, 3000, 97):
        answer = VARIED % (number, number + 1, b"z" * (number + 1))
        size += len(answer)
        rig.say(answer)
    delta = rig.delta
    assert (delta.errors, delta.status, delta.read) == ({}, {200: 31}, size)


def outcome(pieces: list[bytes]) -> tuple[dict[int, int], dict[str, int], int, int]:
    """By the full way: statuses, errors, bytes, and pieces that were taken."""
    taken = [pieces[0]]

    def more() -> bytes:
        taken.append(pieces[len(taken)] if len(taken) < len(pieces) else b"")
        return taken[-1]

    try:
        framing, size = read_response(Responses("GET", MAX_BODY), pieces[0], more)
    except Fault as fault:
        return {}, {fault.kind: 1}, 0, len(taken)
    return {framing.status: 1}, {}, size, len(taken)


def pieces_of(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([SHORT, LONG, SINGLE]), st.data(), st.integers(1, 7000))
def test_a_session_says_of_changed_chunks_what_the_full_way_says(known: bytes, draw: st.DataObject, size: int) -> None:
    data = draw.draw(mutated(known))
    rig = SessionRig(max_body=MAX_BODY)
    rig.say(*[known] * 5)
    before = rig.delta.read
    pieces = pieces_of(data, max(size, len(data) // 40))
    status, errors, read, took = outcome(pieces)
    rig.say(*pieces[:took])
    if took > len(pieces):
        rig.end()
    delta = rig.delta
    rig.client.greenlet.kill()
    assert delta.errors == errors
    assert delta.status == {200: 5 + status.get(200, 0)} | {code: 1 for code in status if code != 200}
    assert delta.read - before == read


@pytest.mark.parametrize("known", [LONG, SINGLE, COUNTED], ids=["chunks", "chunk", "length"])
def test_a_response_that_came_twice_is_known_by_its_ends_and_by_nothing_less(loaded: Any, known: bytes) -> None:
    """A body of the same length may be another, but no byte of what makes it whole."""
    marks = [9, *([len(known) - 5, len(known) - 2, len(HEAD) + 2] if known is not COUNTED else [])]
    for at in marks:
        rig = loaded()
        rig.say(*[known] * 5)
        assert rig.context.responses.whole.size == len(known)
        rig.say(known[:-20] + known[-20:].replace(b"c", b"d"))
        data = known[:at] + b"?" + known[at + 1 :]
        rig.say(data)
        _, errors, _, took = outcome([data])
        if took > 1:
            rig.end()
        assert (rig.delta.completed, rig.delta.errors) == (6, errors), at
        assert errors
