"""A trial's connection over HTTP/2: one request after the other, each with its whole response."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from gluten.engine.fault import Fault
from gluten.engine.trial.http2_connection import Http2Connection
from gluten.engine.trial.trial import Trial
from gluten.engine.worker.http1.request import build
from gluten.engine.worker.http1.response import Responses
from gluten.engine.worker.http2.frames import ConnectionFault
from gluten.task.policy import OPEN
from gluten.task.task import Task
from tests.support.engine.fault_load import serving_tls
from tests.support.engine.faults import Behaviour, FaultServer, Visit
from tests.support.http2.frames import (
    INTERNAL_ERROR,
    MAX_CONCURRENT_STREAMS,
    PING,
    REFUSED_STREAM,
    answer,
    block,
    frame,
    goaway,
    headers,
    reset,
    settings,
)
from tests.support.http2.peer import Peer, Script, answer_well, sending, serving
from tests.support.nginx import self_signed


@contextmanager
def asking(behaviour: Behaviour, **words: object) -> Iterator[tuple[Callable[..., bytes], FaultServer]]:
    """A function that sends a request and gives the whole response, and the server."""
    with FaultServer(behaviour) as server:
        task = Task(f"http://127.0.0.1:{server.port}/", http2=True, **words)  # type: ignore[arg-type]
        connection = Http2Connection(task, ["127.0.0.1"])

        def ask(seconds: float = 5.0) -> bytes:
            connection.open()
            return connection.ask(build(task), Responses(task.method, task.max_body), seconds)[1]

        yield ask, server
        connection.close()
        assert server.failures == []


def once(first: Callable[[int], bytes], later: Callable[[int], bytes] = answer) -> Script:
    """The first request on a connection is answered otherwise."""
    return lambda peer, stream: peer.send((first if peer.count == 1 else later)(stream))


def test_a_connection_carries_one_request_after_the_other() -> None:
    with asking(answer_well) as (ask, server):
        for _ in range(3):
            assert ask() == b"HTTP/1.1 200 \r\ncontent-length: 11\r\n\r\nhello world"
        assert (server.requests, server.connections) == (3, 1)


def test_interim_answers_are_passed_over() -> None:
    with asking(serving(sending(lambda stream: headers(stream, block(103)) + answer(stream)))) as (ask, _):
        assert ask().endswith(b"hello world")


def test_a_large_body_goes_as_the_windows_allow() -> None:
    with asking(answer_well, method="POST", body=b"x" * 300_000) as (ask, server):
        assert ask().endswith(b"hello world")
        assert ask().endswith(b"hello world")
        assert server.connections == 1


@pytest.mark.parametrize("refusal", [lambda s: reset(s, REFUSED_STREAM), lambda s: goaway(0)], ids=["reset", "goaway"])
def test_what_is_refused_is_sent_again(refusal: Callable[[int], bytes]) -> None:
    refused = []

    def script(peer: Peer, stream: int) -> None:
        refused.append(stream)
        peer.send(refusal(stream) if len(refused) == 1 else answer(stream))

    with asking(serving(script)) as (ask, server):
        assert ask().endswith(b"hello world")
        assert server.requests == 2


def test_after_a_goodbye_the_next_request_opens_another_connection() -> None:
    with asking(serving(sending(lambda stream: answer(stream) + goaway(stream)))) as (ask, server):
        assert ask().endswith(b"hello world")
        assert ask().endswith(b"hello world")
        assert server.connections == 2


def test_a_connection_that_the_target_closes_in_a_pause_is_opened_again() -> None:
    def behave(visit: Visit) -> None:
        peer = Peer(visit)
        for stream in peer.requests():
            peer.send(answer(stream))
            return

    with asking(behave) as (ask, server):
        assert ask().endswith(b"hello world")
        while server.failures == [] and not ended(server):
            pass
        assert ask().endswith(b"hello world")
        assert server.connections == 2


def ended(server: FaultServer) -> bool:
    return not server._clients


def test_frames_that_come_in_a_pause_are_taken() -> None:
    noise = frame(PING, 0, 0, b"12345678") + settings({MAX_CONCURRENT_STREAMS: 1})
    with asking(serving(sending(lambda stream: answer(stream) + noise))) as (ask, server):
        for _ in range(3):
            assert ask().endswith(b"hello world")
        assert server.connections == 1


def test_a_flood_in_a_pause_ends_the_connection_and_no_more() -> None:
    def behave(visit: Visit) -> None:
        peer = Peer(visit)
        for stream in peer.requests():
            peer.send(answer(stream))
            while visit.number == 1 and visit.pause(0):
                visit.send(settings() * 1000)

    with asking(behave) as (ask, server):
        assert ask().endswith(b"hello world")
        with suppress(ConnectionFault):  # the end of the flood may come after the request went out
            ask()
        assert ask().endswith(b"hello world")
        assert server.connections == 2


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (serving(sending(lambda stream: reset(stream, INTERNAL_ERROR))), "stream"),
        (serving(sending(lambda stream: b"\xff" * 100)), "protocol"),
        (serving(sending(lambda stream: b"")), "timeout"),
        (serving(sending(lambda stream: reset(stream, REFUSED_STREAM))), "timeout"),
        (lambda visit: Peer(visit).read() and None, "read"),
    ],
)
def test_a_fault_has_its_kind_and_the_next_request_goes_on(behaviour: Behaviour, kind: str) -> None:
    with asking(behaviour) as (ask, _):
        for _ in range(2):
            with pytest.raises(Fault) as caught:
                ask(0.3)
            assert caught.value.kind in (kind, "reset" if kind == "read" else kind)


def test_over_tls_it_is_asked_for_by_alpn(tmp_path: Path) -> None:
    context = serving_tls(self_signed(tmp_path))
    context.set_alpn_protocols(["h2"])
    with FaultServer(answer_well, context) as server:
        task = Task(f"https://127.0.0.1:{server.port}/", http2=True, insecure=True)
        (tried,) = Trial(task, None, OPEN).run()
    assert (tried.good, tried.line) == (True, "HTTP/2 200")
