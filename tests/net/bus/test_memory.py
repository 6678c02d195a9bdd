"""The bus's twin in memory behaves like the bus."""

from __future__ import annotations

import pytest

from gluten.net.bus.memory import Network


def test_frames_wait_until_they_are_delivered_and_keep_their_order() -> None:
    network = Network()
    router, dealer = network.router(), network.dealer()
    got: list[bytes] = []
    back: list[bytes] = []
    router.serve(lambda peer, frame: (got.append(frame), router.send(peer, b"re:" + frame))[0])  # type: ignore[func-returns-value]
    dealer.serve(back.append)
    assert dealer.send(b"1")
    assert dealer.send(b"2")
    assert got == []
    assert network.deliver() == 4
    assert (got, back) == ([b"1", b"2"], [b"re:1", b"re:2"])


def test_sending_to_an_absent_peer_fails() -> None:
    network = Network()
    dealer = network.dealer()
    assert not dealer.send(b"no router listens")
    router = network.router()
    router.serve(lambda peer, frame: None)
    assert not router.send(b"nobody", b"x")
    dealer.close()
    assert not dealer.send(b"closed")


def test_a_new_connection_is_a_new_peer_and_loses_what_was_on_the_way() -> None:
    network = Network()
    peers: list[bytes] = []
    network.router().serve(lambda peer, frame: peers.append(peer))
    dealer = network.dealer()
    dealer.send(b"1")
    network.deliver()
    dealer.send(b"lost")
    network.connect(dealer)
    dealer.send(b"2")
    network.deliver()
    assert len(peers) == len(set(peers)) == 2


def test_two_that_never_stop_talking_are_noticed() -> None:
    network = Network()
    router, dealer = network.router(), network.dealer()

    def back(peer: bytes, frame: bytes) -> None:
        router.send(peer, frame)

    def again(frame: bytes) -> None:
        dealer.send(frame)

    router.serve(back)
    dealer.serve(again)
    again(b"x")
    with pytest.raises(RuntimeError, match="not quiet"):
        network.deliver(1000)
