"""Floods that broke other programs over HTTP/2: the client ends them, and stays small while they last."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from gluten.task.task import Task
from tests.support.engine.faults import Behaviour, FaultServer, Visit
from tests.support.http2.frames import (
    ACK,
    CANCEL,
    CONTINUATION,
    END_HEADERS,
    HEADERS,
    LENGTH,
    PING,
    PRIORITY,
    REFUSED_STREAM,
    SETTINGS,
    block,
    data,
    frame,
    goaway,
    headers,
    literal,
    reset,
    settings,
    window_update,
)
from tests.support.http2.load import FEW
from tests.support.http2.peer import Peer, sending, serving
from tests.support.rig import Outcome, Rig, resident

pytestmark = pytest.mark.slow
PLAIN = block(200, LENGTH)
MORE = 48 << 20
"""Bytes by which a worker may grow: the largest response that the task accepts is far below."""
TABLE_BOMB = b"\x88\x40" + literal(b"x-a", b"y" * 4000)[1:] + b"\xbe" * 10_000


def flooding(first: bytes, chunk: bytes, reads: bool = True) -> Behaviour:
    """After a request it sends `first`, then `chunk` for ever; %STREAM% stands for the request's stream. Without
    `reads`, it does not read what the client answers."""

    def behave(visit: Visit) -> None:
        peer = Peer(visit)
        for stream in peer.requests():
            number = stream.to_bytes(4, "big")
            visit.send(first.replace(b"%ID%", number))
            flood = chunk.replace(b"%ID%", number) * 200
            reader = threading.Thread(target=_drain, args=(peer,), daemon=True)
            if reads:
                reader.start()
            while visit.pause(0):
                visit.send(flood)

    return behave


def _drain(peer: Peer) -> None:
    try:
        while True:
            peer.read()
    except OSError:
        return


def on(kind: int, flags: int, payload: bytes = b"") -> bytes:
    """A frame on the request's stream."""
    return frame(kind, flags, 0, payload)[:5] + b"%ID%" + payload


def loaded(rig: Rig, behaviour: Behaviour, **words: Any) -> tuple[Outcome, int]:
    """The outcome, and by how many bytes the worker grew."""
    with FaultServer(behaviour) as server:
        rig.start(Task(**({"url": f"http://127.0.0.1:{server.port}/"} | FEW | words)))
        (pid,) = rig.workers(1)
        sizes, over = [resident(pid)], threading.Event()

        def watch() -> None:
            while not over.wait(0.02):
                sizes.append(size_of(pid))

        watcher = threading.Thread(target=watch)
        watcher.start()
        outcome = rig.finish()
        over.set()
        watcher.join()
        assert server.failures == []
    assert outcome.adds_up, outcome.total.to_map()
    return outcome, max(sizes) - sizes[0]


def size_of(pid: int) -> int:
    try:
        return resident(pid)
    except OSError:
        return 0


FLOODS: dict[str, tuple[bytes, bytes]] = {
    "empty DATA frames (CVE-2019-9518)": (on(HEADERS, END_HEADERS, PLAIN), on(0, 0)),
    "DATA frames of padding alone": (on(HEADERS, END_HEADERS, PLAIN), on(0, 8, b"\x03\0\0\0")),
    "CONTINUATION frames (CVE-2024-27316)": (on(HEADERS, 0, b"\x88"), on(CONTINUATION, 0, literal(b"x-a", b"b" * 50))),
    "empty CONTINUATION frames": (on(HEADERS, 0, b"\x88"), on(CONTINUATION, 0)),
    "PING frames (CVE-2019-9512)": (b"", frame(PING, 0, 0, b"12345678")),
    "acknowledged PING frames": (b"", frame(PING, ACK, 0, b"12345678")),
    "SETTINGS frames (CVE-2019-9515)": (b"", settings()),
    "PRIORITY frames (CVE-2019-9513)": (b"", on(PRIORITY, 0, b"\0\0\0\0\x10")),
    "acknowledged SETTINGS": (b"", frame(SETTINGS, ACK, 0)),
    "WINDOW_UPDATE frames": (b"", frame(8, 0, 0, b"\0\0\0\1")),
    "unknown frames": (b"", frame(0xBB, 0, 0)),
    "interim answers": (b"", on(HEADERS, END_HEADERS, block(103))),
}


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_is_ended_and_takes_no_memory(own_rig: Rig, name: str) -> None:
    outcome, more = loaded(own_rig, flooding(*FLOODS[name]), requests=2, connections=1, timeout=10.0)
    assert outcome.total.errors in ({"limit": 2}, {"protocol": 2}), outcome.total.samples
    assert outcome.took < 10
    assert more < MORE


@pytest.mark.parametrize("chunk", [frame(PING, 0, 0, b"12345678"), settings()], ids=["PING frames", "SETTINGS frames"])
def test_answers_that_the_target_does_not_read_do_not_pile_up(own_rig: Rig, chunk: bytes) -> None:
    """The Ping flood and the Settings flood are meant for what has to be sent for them."""
    outcome, more = loaded(own_rig, flooding(b"", chunk, reads=False), requests=2, connections=1, timeout=2.0)
    assert outcome.total.failed == 2
    assert outcome.took < 10
    assert more < MORE


def test_an_endless_body_ends_at_the_limit(own_rig: Rig) -> None:
    """Whatever windows the client has given: the target does not ask."""
    flood = flooding(on(HEADERS, END_HEADERS, block()), on(0, 0, b"x" * 16_000))
    outcome, more = loaded(own_rig, flood, requests=2, connections=1, max_body=4 << 20, timeout=10.0)
    assert set(outcome.total.errors) <= {"limit", "protocol"}, outcome.total.samples
    assert outcome.total.failed == 2
    assert more < MORE


@pytest.mark.parametrize(
    "block_of", [TABLE_BOMB, b"\x88" + literal(b"", b"") * 5000], ids=["CVE-2016-6581", "CVE-2019-9516"]
)
def test_a_bomb_of_headers_is_not_unpacked(own_rig: Rig, block_of: bytes) -> None:
    outcome, more = loaded(own_rig, serving(sending(lambda stream: headers(stream, block_of))))
    assert outcome.total.failed == 4
    assert set(outcome.total.errors) <= {"protocol", "limit"}, outcome.total.samples
    assert more < MORE


def test_a_target_that_resets_each_stream_at_once_gets_as_many_as_were_asked_for(own_rig: Rig) -> None:
    """CVE-2023-44487, from the other side."""
    rapid = serving(sending(lambda stream: reset(stream, CANCEL)))
    outcome, more = loaded(own_rig, rapid, requests=3000, connections=1, streams=100)
    assert outcome.total.errors == {"stream": 3000}
    assert more < MORE


@pytest.mark.parametrize("kind", ["GOAWAY", "REFUSED_STREAM"])
def test_a_target_that_refuses_all_is_not_asked_without_end(own_rig: Rig, kind: str) -> None:
    """What is refused is sent again, but a second has room for a thousand tries at most."""
    frames = {"GOAWAY": lambda stream: goaway(0), "REFUSED_STREAM": lambda stream: reset(stream, REFUSED_STREAM)}
    with FaultServer(serving(sending(frames[kind]))) as server:
        words = {"requests": 4, "timeout": 1.0, "connections": 2}
        outcome = own_rig.run(Task(**({"url": f"http://127.0.0.1:{server.port}/"} | FEW | words)))
        assert server.requests < 4000
    assert outcome.adds_up
    assert outcome.total.failed == outcome.total.sent == 4


def test_a_byte_at_a_time_is_slow_and_no_more(own_rig: Rig) -> None:
    """CVE-2019-9511, from the other side: the deadline ends it."""

    def script(peer: Peer, stream: int) -> None:
        peer.send(headers(stream, block(200, (b"content-length", b"1000000"))))
        while peer.visit.pause(0.001):
            peer.send(data(stream, b"x"), window_update(0, 1))

    outcome, more = loaded(own_rig, serving(script), requests=2, connections=1, timeout=0.5)
    assert outcome.total.errors == {"timeout": 2}, outcome.total.samples
    assert more < MORE
