"""Streams of one connection: their order, their number, room for bodies, deadlines, and what a client must answer."""

from __future__ import annotations

from gluten.task.task import Task
from tests.support.engine.faults import FaultServer, Visit
from tests.support.http2.frames import (
    ACK,
    BODY,
    CANCEL,
    DATA,
    END_HEADERS,
    END_STREAM,
    HEADERS,
    INITIAL_WINDOW_SIZE,
    INTERNAL_ERROR,
    LENGTH,
    MAX_CONCURRENT_STREAMS,
    NO_ERROR,
    PING,
    SETTINGS,
    answer,
    block,
    data,
    frame,
    headers,
    reset,
    settings,
)
from tests.support.http2.load import FEW, against, scripted
from tests.support.http2.peer import Peer, sending, serving
from tests.support.rig import Rig

OPAQUE = b"12345678"
PLAIN = block(200, LENGTH)
LAST = END_HEADERS | END_STREAM


def test_an_error_of_one_stream_leaves_the_others_alone(rig: Rig) -> None:
    def script(peer: Peer, stream: int) -> None:
        peer.send(reset(stream, INTERNAL_ERROR) if stream % 4 == 1 else answer(stream))

    outcome = scripted(rig, script, connections=1, streams=8, requests=80)
    assert (outcome.total.errors, outcome.total.completed, outcome.total.opened) == ({"stream": 40}, 40, 1)


def test_answers_come_in_any_order(rig: Rig) -> None:
    """Two at once: the later one is answered first, frame by frame."""

    def script(peer: Peer, stream: int) -> None:
        if stream % 4 == 3:
            peer.send(headers(stream, PLAIN), headers(stream - 2, PLAIN), data(stream, b"hello"))
            peer.send(data(stream - 2, BODY, END_STREAM), data(stream, b" world", END_STREAM))

    outcome = scripted(rig, script, connections=1, streams=2, requests=60)
    assert (outcome.total.errors, outcome.total.completed) == ({}, 60)


def test_a_ping_is_answered_with_its_bytes_and_settings_are_acknowledged(rig: Rig) -> None:
    seen: list[Peer] = []

    def script(peer: Peer, stream: int) -> None:
        if peer not in seen:
            seen.append(peer)
        peer.send(frame(PING, 0, 0, OPAQUE), settings({MAX_CONCURRENT_STREAMS: 50}), answer(stream))

    scripted(rig, script, connections=1, requests=20)
    (peer,) = seen
    pongs = [found.payload for found in peer.seen if found.kind == PING and found.flags & ACK]
    acknowledged = [found for found in peer.seen if found.kind == SETTINGS and found.flags & ACK]
    assert pongs == [OPAQUE] * len(pongs)
    # What came with the last answer may find the connection closed.
    assert len(pongs) >= 19
    assert len(acknowledged) >= 20


def test_a_late_answer_harms_nobody_and_its_stream_was_cancelled(rig: Rig) -> None:
    """A request whose deadline is over is cancelled. The connection goes on."""
    peers: list[Peer] = []

    def script(peer: Peer, stream: int) -> None:
        peers.append(peer)
        if stream == 1:
            return
        peer.send(answer(1) if stream == 3 else b"", answer(stream))

    outcome = scripted(rig, script, connections=1, requests=10, timeout=0.3)
    assert (outcome.total.errors, outcome.total.completed) == ({"timeout": 1}, 9)
    assert outcome.total.opened == 1
    assert peers[0].resets == {1: CANCEL}


def test_no_more_streams_are_open_than_the_target_allows(rig: Rig) -> None:
    open_at_once: list[int] = []

    def script(peer: Peer, stream: int) -> None:
        pending = [found.stream for found in peer.seen if found.kind == HEADERS]
        open_at_once.append(len(pending) - len(answered))
        if len(pending) - len(answered) == 3 or len(pending) > 297:
            for one in pending[len(answered) :]:
                answered.append(one)
                peer.send(answer(one))

    answered: list[int] = []
    outcome = scripted(rig, script, {MAX_CONCURRENT_STREAMS: 3}, connections=1, streams=10, requests=300)
    assert (outcome.total.errors, outcome.total.completed) == ({}, 300)
    assert max(open_at_once) == 3
    assert outcome.total.streams == 3


def test_the_target_may_change_how_many_streams_it_allows(rig: Rig) -> None:
    """From ten to one and back, while requests are in flight."""

    def script(peer: Peer, stream: int) -> None:
        change = {20: 1, 40: 100, 60: 2}.get(peer.count)
        peer.send(settings({MAX_CONCURRENT_STREAMS: change}) if change else b"", answer(stream))

    outcome = scripted(rig, script, connections=1, streams=10, requests=200)
    assert (outcome.total.errors, outcome.total.completed) == ({}, 200)
    assert outcome.total.streams == 1


def test_an_answer_to_head_has_a_length_and_no_body(rig: Rig) -> None:
    outcome = scripted(rig, sending(lambda s: headers(s, PLAIN, LAST)), method="HEAD")
    assert (outcome.total.errors, outcome.total.completed) == ({}, 4)
    outcome = scripted(rig, sending(answer), method="HEAD")
    assert outcome.total.errors == {"protocol": 4}


def test_first_something_else_than_settings_is_an_error_of_protocol(rig: Rig) -> None:
    """The check before the run sees a good target; each later connection is a bad one."""

    def behave(visit: Visit) -> None:
        peer = Peer(visit, greet=visit.number == 1)
        peer.send(answer(1))
        for _ in peer.requests():
            pass

    with FaultServer(behave) as server:
        outcome = rig.run(Task(**({"url": f"http://127.0.0.1:{server.port}/"} | FEW)))
    assert outcome.adds_up
    assert outcome.total.errors == {"protocol": 4}, outcome.total.samples


def test_a_server_that_waits_with_its_settings_is_served(rig: Rig) -> None:
    def behave(visit: Visit) -> None:
        peer = Peer(visit, greet=visit.number == 1)
        if visit.number > 1:
            visit.pause(0.1)
            peer.send(settings())
        for stream in peer.requests():
            peer.send(answer(stream))

    outcome = against(rig, behave)
    assert (outcome.total.errors, outcome.total.completed) == ({}, 4)


def test_a_body_waits_for_room(rig: Rig) -> None:
    """A window of ten bytes, opened a little for each frame."""
    outcome = scripted(
        rig, sending(answer), {INITIAL_WINDOW_SIZE: 10}, method="POST", body=b"x" * 1000, requests=3, connections=1
    )
    assert (outcome.total.errors, outcome.total.completed) == ({}, 3)
    assert outcome.total.written > 3000


def test_a_body_that_gets_no_room_fails_by_its_deadline(rig: Rig) -> None:
    def behave(visit: Visit) -> None:
        peer = Peer(visit, {INITIAL_WINDOW_SIZE: 0})
        while True:
            found = peer.read()
            assert found.kind != DATA
            if found.kind == SETTINGS and not found.flags & ACK:
                peer.send(settings(flags=ACK))
            if found.kind == HEADERS:
                visit.count()

    outcome = against(rig, behave, method="POST", body=b"x", timeout=0.3)
    assert outcome.total.errors == {"timeout": 4}, outcome.total.samples


def test_a_window_may_shrink_below_nothing(rig: Rig) -> None:
    """SETTINGS take back room that is used already (RFC 9113, 6.9.2): nothing is sent until there is some again."""

    def script(peer: Peer, stream: int) -> None:
        peer.send(answer(stream), settings({INITIAL_WINDOW_SIZE: 200 if peer.count % 2 else 50_000}))

    body = b"x" * 4000
    outcome = scripted(rig, script, method="POST", body=body, requests=40, connections=1, streams=4)
    assert (outcome.total.errors, outcome.total.completed) == ({}, 40)


def test_an_early_answer_ends_the_upload(rig: Rig) -> None:
    """The target answers before it has read the body, and resets the stream without an error (RFC 9113, 8.1)."""

    def behave(visit: Visit) -> None:
        peer = Peer(visit)
        while True:
            found = peer.read()
            if found.kind == SETTINGS and not found.flags & ACK:
                peer.send(settings(flags=ACK))
            if found.kind == HEADERS:
                visit.count()
                peer.send(answer(found.stream, status=413), reset(found.stream, NO_ERROR))

    outcome = against(rig, behave, method="POST", body=b"x" * 200_000, requests=2)
    assert (outcome.total.errors, outcome.total.status) == ({}, {413: 2})


def test_the_script_serves_no_request_twice(rig: Rig) -> None:
    """At a rate, on two connections with three streams each."""
    outcome = against(rig, serving(sending(answer)), requests=None, duration=1.0, rate=200.0, streams=3)
    assert (outcome.total.sent, outcome.total.completed, outcome.total.dropped) == (200, 200, 0)
