"""A target ends connections by GOAWAY, and refuses streams: each request is sent again, and counted once."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from gluten.task.task import Task
from tests.support.engine.faults import Behaviour, FaultServer, Visit
from tests.support.http2.frames import (
    ENHANCE_YOUR_CALM,
    INTERNAL_ERROR,
    REFUSED_STREAM,
    answer,
    goaway,
    reset,
)
from tests.support.http2.peer import Peer, serving
from tests.support.http2.programs import Node
from tests.support.nginx import Nginx, self_signed
from tests.support.rig import Outcome, Rig

LOAD: dict[str, Any] = {"threads": 1, "connections": 2, "http2": True, "insecure": True, "duration": None}
EACH = 100
LAST_STREAM = (1 << 31) - 1


def sound(outcome: Outcome, errors: dict[str, int] | None = None) -> Outcome:
    assert outcome.state == "finished", outcome
    assert outcome.adds_up, vars(outcome.total)
    assert outcome.total.in_flight == 0
    assert outcome.total.errors == (errors or {}), outcome.total.samples
    return outcome


@pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("streams", [1, 10, 40])
@pytest.mark.parametrize(
    "words",
    [
        {"requests": 1234},
        {"duration": 0.6},
        {"rate": 800.0, "duration": 1.0},
        {"rate": 800.0, "requests": 500},
    ],
    ids=["n", "closed", "rate", "rate-n"],
)
def test_nginx_ends_a_connection_after_each_hundred_requests(
    rig: Rig, tmp_path: Path, words: dict[str, Any], streams: int, secure: bool
) -> None:
    pair = self_signed(tmp_path) if secure else None
    with Nginx(tmp_path, certificate=pair, http2=True, per_connection=EACH) as nginx:
        outcome = sound(rig.run(Task(**(LOAD | {"url": nginx.url, "streams": streams} | words))))
        log = nginx.log(outcome.total.sent)
    assert len(log) == outcome.total.sent == outcome.total.completed
    if "requests" in words:
        assert len(log) > EACH
        assert outcome.total.completed + outcome.total.dropped == words["requests"]
    assert max(Counter(line.connection for line in log).values(), default=0) <= EACH + 1


class Ending(Node):
    each = EACH


@pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])
def test_node_does_so_too(rig: Rig, tmp_path: Path, secure: bool) -> None:
    """With one stream: where several are in flight at its GOAWAY, Node 20 now and then dies of a corrupted heap."""
    with Ending(self_signed(tmp_path) if secure else None) as server:
        words = {"url": server.url, "requests": 1234}
        total = sound(rig.run(Task(**(LOAD | words)))).total
        assert total.sent == total.completed == 1234
        assert server.count(1234) == 1234
        assert total.opened >= 12


def ending_after(count: int, *, first: int | None = None, close: bool = False, code: int = 0) -> Behaviour:
    """Answers so many requests on a connection, then sends GOAWAY and answers none that came later. `first`: a GOAWAY
    with this stream goes before, as of a server that shuts down with grace. `close`: it ends the connection at once."""

    def behave(visit: Visit) -> None:
        peer = Peer(visit)
        for stream in peer.requests():
            if peer.count < count:
                peer.send(answer(stream))
            elif peer.count == count:
                early = goaway(first) if first is not None else b""
                peer.send(early, answer(stream), goaway(stream, code))
                if close:
                    return

    return behave


@pytest.mark.parametrize("streams", [1, 10])
@pytest.mark.parametrize(
    "behaviour",
    [
        ending_after(7),
        ending_after(7, close=True),
        ending_after(1),
        ending_after(7, first=LAST_STREAM),
        ending_after(7, code=ENHANCE_YOUR_CALM),
        ending_after(7, code=INTERNAL_ERROR, close=True),
    ],
    ids=["goaway", "and closed", "after the first", "with grace", "calm", "error"],
)
def test_what_a_goaway_refuses_is_sent_again_and_counted_once(rig: Rig, behaviour: Behaviour, streams: int) -> None:
    with FaultServer(behaviour) as server:
        url = f"http://127.0.0.1:{server.port}/"
        total = sound(rig.run(Task(**(LOAD | {"url": url, "streams": streams, "requests": 100})))).total
        assert (total.sent, total.completed) == (100, 100)
        assert server.failures == []
        assert server.requests >= 100


def refusing(each: int) -> Behaviour:
    """Refuses the first of every `each` requests."""
    seen = 0

    def script(peer: Peer, stream: int) -> None:
        nonlocal seen
        seen += 1
        peer.send(reset(stream, REFUSED_STREAM) if seen % each == 1 else answer(stream))

    return serving(script)


@pytest.mark.parametrize("streams", [1, 10])
@pytest.mark.parametrize("words", [{"requests": 90}, {"rate": 90.0, "duration": 1.0}], ids=["n", "rate"])
def test_a_refused_stream_is_sent_again_and_counted_once(rig: Rig, words: dict[str, Any], streams: int) -> None:
    with FaultServer(refusing(3)) as server:
        url = f"http://127.0.0.1:{server.port}/"
        load = LOAD | {"url": url, "connections": 1, "streams": streams} | words
        total = sound(rig.run(Task(**load))).total
        assert total.sent == total.completed == 90
        # Of three requests that come the first one is refused: 135 - 45 = 90.
        assert abs(server.requests - 135) <= 1
        assert server.failures == []


@pytest.mark.parametrize("words", [{"rate": 3.0, "duration": 1.0}, {"requests": 3}], ids=["rate", "closed loop"])
def test_a_refused_stream_keeps_its_due_time(rig: Rig, words: dict[str, Any]) -> None:
    """A server that refuses for a while: the response time is from when the request was due."""

    def script(peer: Peer, stream: int) -> None:
        if peer.count != 2:
            return peer.send(answer(stream))
        peer.visit.pause(0.2)
        return peer.send(reset(stream, REFUSED_STREAM))

    with FaultServer(serving(script)) as server:
        url = f"http://127.0.0.1:{server.port}/"
        total = sound(rig.run(Task(**(LOAD | {"url": url, "connections": 1} | words)))).total
        assert server.requests == 4
    assert total.response.most >= 200_000
    assert total.sent == total.completed == 3


def test_a_stream_that_is_always_refused_fails_by_its_deadline(rig: Rig) -> None:
    def script(peer: Peer, stream: int) -> None:
        peer.visit.pause(0.01)
        peer.send(reset(stream, REFUSED_STREAM))

    with FaultServer(serving(script)) as server:
        load = LOAD | {"url": f"http://127.0.0.1:{server.port}/", "requests": 4, "timeout": 0.3}
        outcome = rig.run(Task(**load))
        assert server.failures == []
        assert server.requests < 400, "a refused request is not sent again without any pause"
    assert outcome.adds_up
    assert set(outcome.total.errors) <= {"timeout", "stream"}
    assert outcome.total.failed == outcome.total.sent == 4


def test_unanswered_streams_of_a_connection_that_ends_have_failed(rig: Rig) -> None:
    """The target may have worked on them: nothing is sent twice."""

    def behave(visit: Visit) -> None:
        peer = Peer(visit)
        for stream in peer.requests():
            peer.send(goaway(stream))
            return

    with FaultServer(behave) as server:
        outcome = rig.run(Task(**(LOAD | {"url": f"http://127.0.0.1:{server.port}/", "requests": 6})))
        assert server.requests == 6
    assert outcome.adds_up
    assert outcome.total.failed == outcome.total.sent == 6
    assert set(outcome.total.errors) <= {"read", "closed", "reset"}
