"""The real bus: ZeroMQ over tcp and ipc."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gevent
import pytest
import zmq.green

from gluten.errors import ConfigError
from gluten.net.bus import bus
from gluten.net.bus.bus import Dealer, Router, end_context, make_context, tcp_address
from gluten.net.bus.messages import MAX


@pytest.fixture
def context() -> Iterator[zmq.green.Context[Any]]:
    made = make_context()
    yield made
    end_context(made)


def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        gevent.sleep(0.005)


def echo(router: Router) -> list[tuple[bytes, bytes]]:
    got: list[tuple[bytes, bytes]] = []

    def on_frame(peer: bytes, frame: bytes) -> None:
        got.append((peer, frame))
        router.send(peer, b"re:" + frame[:10])

    router.serve(on_frame)
    return got


def test_frames_go_both_ways_over_tcp_and_ipc(context: zmq.green.Context[Any], tmp_path: Path) -> None:
    router = Router(context, [f"ipc://{tmp_path}/b", "tcp://127.0.0.1:*"])
    got = echo(router)
    answers: list[bytes] = []
    dealers = [Dealer(context, endpoint) for endpoint in router.endpoints]
    for dealer in dealers:
        dealer.serve(answers.append)
        until(lambda dealer=dealer: dealer.send(b"hello"))  # type: ignore[misc]
    until(lambda: len(answers) == 2)
    assert answers == [b"re:hello"] * 2
    assert len({peer for peer, _ in got}) == 2


def test_a_dealer_waits_for_a_router_and_says_so(context: zmq.green.Context[Any], tmp_path: Path) -> None:
    dealer = Dealer(context, f"ipc://{tmp_path}/b")
    assert not dealer.send(b"too early")
    router = Router(context, [f"ipc://{tmp_path}/b"])
    got = echo(router)
    until(lambda: dealer.send(b"now"))
    until(lambda: bool(got))
    assert got[0][1] == b"now"


def test_a_dealer_finds_a_router_that_came_back_as_a_new_peer(context: zmq.green.Context[Any], tmp_path: Path) -> None:
    endpoint = f"ipc://{tmp_path}/b"
    router = Router(context, [endpoint])
    got = echo(router)
    dealer = Dealer(context, endpoint)
    until(lambda: dealer.send(b"1"))
    until(lambda: bool(got))
    router.close()
    until(lambda: not dealer.send(b"lost"))
    second = Router(context, [endpoint])
    again = echo(second)
    until(lambda: dealer.send(b"2"))
    until(lambda: bool(again))
    assert again[0][1] == b"2"


def test_sending_to_an_absent_peer_is_false(context: zmq.green.Context[Any], tmp_path: Path) -> None:
    assert not Router(context, [f"ipc://{tmp_path}/b"]).send(b"nobody", b"x")


def test_a_message_that_is_too_long_never_arrives(context: zmq.green.Context[Any], tmp_path: Path) -> None:
    router = Router(context, [f"ipc://{tmp_path}/b"])
    got = echo(router)
    bad, good = (Dealer(context, f"ipc://{tmp_path}/b") for _ in range(2))
    until(lambda: bad.send(b"x" * (MAX + 1)))
    until(lambda: good.send(b"sound"))
    until(lambda: bool(got))
    assert [frame for _, frame in got] == [b"sound"]


def test_half_a_handshake_is_not_waited_for(
    context: zmq.green.Context[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus, "HANDSHAKE_MS", bus.HANDSHAKE_MS // 20)
    router = Router(context, [f"ipc://{tmp_path / 'bus'}"])
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(20.0)
        sock.connect(str(tmp_path / "bus"))
        sock.sendall(b"\xff" + bytes(8) + b"\x7f\3")
        while sock.recv(64):
            pass
    router.close()


def test_a_receiver_that_fails_goes_on(context: zmq.green.Context[Any], tmp_path: Path) -> None:
    router = Router(context, [f"ipc://{tmp_path}/b"])
    got: list[bytes] = []

    def on_frame(peer: bytes, frame: bytes) -> None:
        got.append(frame)
        raise RuntimeError("on purpose")

    router.serve(on_frame)
    dealer = Dealer(context, f"ipc://{tmp_path}/b")
    until(lambda: dealer.send(b"1"))
    dealer.send(b"2")
    until(lambda: got == [b"1", b"2"])


def test_an_address_that_cannot_be_is_one_line(context: zmq.green.Context[Any]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ConfigError, match="the bus cannot listen at"):
            Router(context, [f"tcp://127.0.0.1:{taken.getsockname()[1]}"])
    with pytest.raises(ConfigError, match="cannot be used"):
        Dealer(context, "tcp://host:port")


def test_an_ipv6_host_is_bracketed() -> None:
    assert (tcp_address("::1", 9090), tcp_address("h", 1)) == ("tcp://[::1]:9090", "tcp://h:1")
