"""A connection whose client has the key does not give way to those of strangers."""

from __future__ import annotations

import contextlib
from typing import Any

import grpc

from gluten.net import gluten_pb2 as pb
from gluten.net import gluten_pb2_grpc
from gluten.net.bus.flow_control import FlowControls
from gluten.net.door.peername import address_in, name_in, name_of
from gluten.net.door.proven import ProvenPeers
from gluten.net.keys.keys import Keyring, Role
from gluten.net.rpc.auth import guard
from tests.support.net.door import dial, read_all
from tests.support.net.fake_rpc_master import Node, node
from tests.support.net.rpc_calls import KEY, PREFACE, TASK, bearer


def strangers(living: Node, count: int) -> None:
    """So many connect, one after the other, and all but the last few are ended."""
    with contextlib.ExitStack() as held:
        socks = [held.enter_context(dial(living)) for _ in range(count)]
        for sock in socks:
            sock.sendall(PREFACE)
        read_all(socks[0])  # ends


def calls(living: Node, role: Role) -> None:
    with grpc.insecure_channel(living.address) as channel:
        stub: Any = gluten_pb2_grpc.GlutenStub(channel)
        admin, token = bearer(KEY.token("admin")), bearer(KEY.token(role))
        stub.Submit(pb.SubmitRequest(task=TASK), timeout=5, metadata=admin)
        watched = stub.Watch(pb.WatchRequest(run="1"), timeout=20, metadata=token)
        next(watched)
        strangers(living, 30)
        living.do(living.master.end, "1")
        assert next(watched).final


def test_a_stream_of_an_admin_outlives_a_flood_of_strangers() -> None:
    with node(guard=guard(Keyring(KEY)), grpc_each=8, grpc=16) as living:
        calls(living, "admin")


def test_a_stranger_who_checks_the_health_proves_nothing() -> None:
    with node(guard=guard(Keyring(KEY)), grpc_each=8) as living, grpc.insecure_channel(living.address) as channel:
        check = channel.unary_unary("/grpc.health.v1.Health/Check", bytes, bytes)
        check(b"", timeout=5)
        refused = channel.unary_unary("/gluten.v1.Gluten/ListRuns", bytes, bytes)
        with contextlib.suppress(grpc.RpcError):
            refused(b"", timeout=5)
        assert len(living.routes.proven) == 1


def test_only_the_connection_that_is_named_is_proven() -> None:
    proven, called = ProvenPeers(), []
    one, other = name_of(("127.0.0.1", 1)), name_of(("127.0.0.1", 2))
    assert one is not None
    with proven.awaited(one, lambda: called.append(1)), proven.awaited(other, lambda: called.append(2)):
        proven.prove("unix-abstract:nonsense")
        proven.prove("unix:")
        assert len(proven) == 2
        peer = f"unix-abstract:{one.decode()[1:]}"
        assert (name_in(peer), address_in(peer)) == (one.decode()[1:], "127.0.0.1")
        proven.prove(peer)
        assert len(proven) == 1
    assert len(proven) == 0


def test_a_connection_without_a_name_counts_as_proven() -> None:
    called: list[int] = []
    with ProvenPeers().awaited(None, lambda: called.append(1)):
        assert called == [1]


def test_a_peer_of_the_bus_is_known_by_its_first_message() -> None:
    called: list[int] = []
    with FlowControls().opened(b"\0name", lambda: called.append(1)) as flow:
        assert called == []
        flow.clear()
        flow.clear()
        assert called == [1]
    with FlowControls().opened(None, lambda: called.append(2)):
        assert called == [1, 2]
