"""What a bus shows of itself in its greeting."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from typing import Any

import gevent
import pytest
import zmq.green
from gevent.server import StreamServer

from gluten.net.bus import bus, zmtp_greeting
from gluten.net.keys.keys import ClusterKey, Keyring

SOUND = b"\xff" + bytes(8) + b"\x7f\x03\x01CURVE".ljust(54, b"\0")


@pytest.fixture
def context() -> Iterator[zmq.green.Context[Any]]:
    made = bus.make_context()
    yield made
    bus.end_context(made)


@pytest.mark.parametrize(
    ("said", "mechanism"),
    [
        (SOUND, "CURVE"),
        (SOUND.replace(b"CURVE", b"NULL\0"), "NULL"),
        (SOUND[:32], "CURVE"),
        (SOUND[:31], ""),
        (b"", ""),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n" + bytes(64), ""),
        (SOUND.replace(b"\x7f\x03", b"\x7f\x01"), ""),
        (b"\xff" * 64, ""),
    ],
)
def test_a_greeting_names_its_mechanism(said: bytes, mechanism: str) -> None:
    assert zmtp_greeting.mechanism(said) == mechanism


@pytest.mark.parametrize(("key", "mechanism"), [(ClusterKey.make(), "CURVE"), (None, "NULL")])
def test_a_bus_shows_whether_it_is_encrypted(
    context: zmq.green.Context[Any], key: ClusterKey | None, mechanism: str
) -> None:
    router = bus.Router(context, ["tcp://127.0.0.1:*"], Keyring(key))
    with closing(router):
        port = int(router.endpoints[0].rpartition(":")[2])
        assert [zmtp_greeting.ask("127.0.0.1", port, 5.0) for _ in range(5)] == [mechanism] * 5


def test_a_closed_port_and_a_port_without_a_bus_give_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert zmtp_greeting.ask("127.0.0.1", port, 5.0) == ""
    for say in (b"", b"HTTP/1.1 400 Bad Request\r\n\r\n" + bytes(64), SOUND[:20]):
        with serving(partial(_say, say)) as port:
            assert zmtp_greeting.ask("127.0.0.1", port, 5.0) == ""


def test_a_silent_peer_is_not_awaited() -> None:
    with serving(lambda _sock, _address: gevent.sleep(30)) as port:
        assert zmtp_greeting.ask("127.0.0.1", port, 0.1) == ""


def _say(what: bytes, sock: Any, _address: Any) -> None:
    sock.sendall(what)


@contextmanager
def serving(handle: Callable[[Any, Any], None]) -> Iterator[int]:
    server = StreamServer(("127.0.0.1", 0), handle)
    server.start()
    try:
        yield int(server.address[1])
    finally:
        server.stop()
