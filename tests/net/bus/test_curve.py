"""On the encrypted bus only a peer with the cluster's key is accepted."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gevent
import pytest
import zmq.green
from zmq.utils import z85

from gluten.net.bus import bus, curve
from gluten.net.bus.messages import MAX
from gluten.net.keys.keys import ClusterKey, Keyring

KEY, OTHER = ClusterKey.make(), ClusterKey.make()


@pytest.fixture
def context() -> Iterator[zmq.green.Context[Any]]:
    made = bus.make_context()
    yield made
    bus.end_context(made)


def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        gevent.sleep(0.005)


def echo(router: bus.Router) -> list[bytes]:
    got: list[bytes] = []

    def on_frame(peer: bytes, frame: bytes) -> None:
        got.append(frame)
        router.send(peer, b"re:" + frame[:10])

    router.serve(on_frame)
    return got


@pytest.fixture
def ring() -> Keyring:
    return Keyring(KEY)


@pytest.fixture
def router(context: zmq.green.Context[Any], tmp_path: Path, ring: Keyring) -> Iterator[bus.Router]:
    made = bus.Router(context, [f"ipc://{tmp_path}/b"], ring)
    yield made
    made.close()


def answered(dealer: bus.Dealer, text: bytes) -> None:
    """Whether the dealer's message gets the router's answer."""
    answers: list[bytes] = []
    dealer.serve(answers.append)
    until(lambda: dealer.send(text))
    until(lambda: bool(answers))


def test_a_dealer_with_the_key_is_answered(context: zmq.green.Context[Any], router: bus.Router) -> None:
    got = echo(router)
    dealer = bus.Dealer(context, router.endpoints[0], Keyring(KEY))
    answered(dealer, b"hello")
    assert got == [b"hello"]


def test_the_longest_message_fits_and_no_longer_one(context: zmq.green.Context[Any], router: bus.Router) -> None:
    got = echo(router)
    good, bad = (bus.Dealer(context, router.endpoints[0], Keyring(KEY)) for _ in range(2))
    until(lambda: bad.send(b"x" * (MAX + 1)))
    until(lambda: good.send(b"x" * MAX))
    until(lambda: bool(got))
    assert [len(frame) for frame in got] == [MAX]


def locked_as(sock: Any, server: bytes, client: bytes) -> None:
    """By the secret keys of both ends, whoever they belong to."""
    sock.curve_serverkey = zmq.curve_public(z85.encode(server))
    sock.curve_secretkey = z85.encode(client)
    sock.curve_publickey = zmq.curve_public(z85.encode(client))


@pytest.mark.parametrize(
    ("server", "client"),
    [
        (None, None),
        (OTHER.curve_secret("server"), OTHER.curve_secret("client")),
        (KEY.curve_secret("server"), OTHER.curve_secret("client")),
        (KEY.curve_secret("client"), KEY.curve_secret("client")),
        (OTHER.curve_secret("server"), KEY.curve_secret("client")),
    ],
    ids=["no key", "another cluster's", "the server's public key", "its own as the server's", "the client's alone"],
)
def test_without_the_key_no_message_is_parsed(
    context: zmq.green.Context[Any], router: bus.Router, server: bytes | None, client: bytes | None
) -> None:
    got = echo(router)
    stranger = context.socket(zmq.DEALER)
    with contextlib.closing(stranger):
        stranger.linger = 0
        if server is not None and client is not None:
            locked_as(stranger, server, client)
        monitor = stranger.get_monitor_socket(curve._ENDED | zmq.EVENT_HANDSHAKE_SUCCEEDED)
        stranger.connect(router.endpoints[0])
        stranger.send(b"let me in")
        ended = zmq.utils.monitor.parse_monitor_message(monitor.recv_multipart())["event"]
        assert ended & curve._ENDED
        answered(bus.Dealer(context, router.endpoints[0], Keyring(KEY)), b"a friend")
        stranger.disable_monitor()
    assert got == [b"a friend"]


@pytest.mark.parametrize(("key", "fits"), [(KEY, True), (OTHER, False), (None, False)])
def test_whether_a_key_fits_is_found_out(
    context: zmq.green.Context[Any], router: bus.Router, key: ClusterKey | None, fits: bool
) -> None:
    assert curve.accepts_key(context, router.endpoints[0], key, 10.0) is fits


def test_without_a_peer_it_is_unknown_whether_a_key_is_right(context: zmq.green.Context[Any], tmp_path: Path) -> None:
    assert curve.accepts_key(context, f"ipc://{tmp_path}/nobody", KEY, 0.2) is None


def test_a_rotated_key_ends_every_connection_and_the_new_one_comes_back(
    context: zmq.green.Context[Any], router: bus.Router, ring: Keyring
) -> None:
    got = echo(router)
    rings = [Keyring(KEY), Keyring(KEY)]
    follows, stays = (bus.Dealer(context, router.endpoints[0], one) for one in rings)
    for dealer in (follows, stays):
        answered(dealer, b"before")
    ring.replace(OTHER)
    router.rekey()
    until(lambda: not stays.send(b"lost"))
    rings[0].replace(OTHER)
    got.clear()
    follows.rekey()
    until(lambda: follows.send(b"after"))
    until(lambda: bool(got))
    assert got == [b"after"]
    assert not stays.send(b"lost")
    assert curve.accepts_key(context, router.endpoints[0], KEY, 10.0) is False
