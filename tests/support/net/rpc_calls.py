"""Calls of the gRPC service as any client makes them: with a key or without one, and also calls that say nothing."""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from gluten.net import gluten_pb2 as pb
from gluten.net import gluten_pb2_grpc
from gluten.net.keys.keys import ClusterKey
from tests.support.net.fake_rpc_master import Node, node

TASK = pb.Task(url="http://127.0.0.1:1/")


KEY = ClusterKey.make()


PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"


@contextlib.contextmanager
def channel(living: Node) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(f"unix:{living.grpc_path}") as made:
        yield made


@contextlib.contextmanager
def talking(**options: Any) -> Iterator[tuple[Node, Any]]:
    """A node with run 1 under way, and a stub of its service."""
    with node(**options) as living, channel(living) as made:
        stub: Any = gluten_pb2_grpc.GlutenStub(made)
        yield living, stub


def refusal(call: Any, request: Any, **options: Any) -> Any:
    """How the call failed."""
    with pytest.raises(grpc.RpcError) as caught:
        list(call(request, timeout=10, **options))
    return caught.value


def bearer(token: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {token}"),)


def silent(made: grpc.Channel, method: str, token: str, ended: threading.Event) -> Any:
    """A call that has begun and says nothing."""

    def wait() -> Iterator[bytes]:
        ended.wait()
        yield from ()

    return made.stream_unary(method, bytes, bytes).future(wait(), metadata=bearer(token))


@contextlib.contextmanager
def elsewhere(living: Node) -> Iterator[grpc.Channel]:
    """By the front door, and so with an address; `channel` has none, as if it were many."""
    with grpc.insecure_channel(living.address) as made:
        yield made
