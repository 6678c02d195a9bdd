"""Calls and connections that are held open take no thread and no place from others."""

import socket
import threading
from typing import Any

import grpc
import pytest

from gluten.net import gluten_pb2 as pb
from gluten.net import gluten_pb2_grpc
from gluten.net.keys.keys import Keyring
from gluten.net.rpc import health, parsing, service
from gluten.net.rpc.auth import guard
from tests.support.net.fake_rpc_master import node, until
from tests.support.net.rpc_calls import KEY, PREFACE, TASK, bearer, channel, elsewhere, refusal, silent, talking


def test_watchers_beyond_the_cap_are_refused_and_a_left_seat_is_free_again() -> None:
    with talking(watchers=2) as (living, stub):
        stub.Submit(pb.SubmitRequest(task=TASK))
        watching = [stub.Watch(pb.WatchRequest(run="1")) for _ in range(2)]
        for updates in watching:
            next(updates)
        error = refusal(stub.Watch, pb.WatchRequest(run="1"))
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert stub.GetRun(pb.GetRunRequest(run="1")).number == 1
        until(lambda: living.master.waiting == 2)
        watching[0].cancel()
        until(lambda: living.master.waiting == 1)  # the greenlet has gone too
        assert next(stub.Watch(pb.WatchRequest(run="1"))).version == 1
        for updates in watching:
            updates.cancel()


def test_the_greatest_number_of_watchers_does_not_block_other_calls() -> None:
    with talking() as (living, stub):
        stub.Submit(pb.SubmitRequest(task=TASK))
        watching = [stub.Watch(pb.WatchRequest(run="1")) for _ in range(32)]
        for updates in watching:
            next(updates)
        for _ in range(50):
            stub.GetRun(pb.GetRunRequest(run="1"), timeout=2)
        living.do(living.master.end, "1")
        assert all(next(updates).final for updates in watching)


def test_calls_of_strangers_that_say_nothing_keep_no_thread_from_those_with_a_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(health, "REQUEST_TIMEOUT", 0.4)
    ended = threading.Event()
    with node(guard=guard(Keyring(KEY)), threads=4) as living, channel(living) as made, channel(living) as other:
        names = ["grpc.health.v1.Health/Check", "grpc.health.v1.Health/Watch", "gluten.v1.Gluten/ListRuns"]
        calls = [silent(made, f"/{name}", "", ended) for name in names * 10]
        stub: Any = gluten_pb2_grpc.GlutenStub(other)
        for _ in range(8):
            stub.ListRuns(pb.ListRunsRequest(), timeout=5, metadata=bearer(KEY.token("viewer")))
        codes = {call.code().name for call in calls}  # ended, though nobody has said anything yet
        ended.set()
    assert codes == {"UNAUTHENTICATED", "CANCELLED"}


def test_checks_of_health_have_threads_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "REQUEST_TIMEOUT", 60.0)
    ended = threading.Event()
    with node(guard=guard(Keyring(KEY)), threads=2) as living, channel(living) as made, channel(living) as other:
        calls = [silent(made, "/grpc.health.v1.Health/Check", "", ended) for _ in range(20)]
        stub: Any = gluten_pb2_grpc.GlutenStub(other)
        for _ in range(4):
            stub.ListRuns(pb.ListRunsRequest(), timeout=10, metadata=bearer(KEY.token("admin")))
        assert not any(call.done() for call in calls)
        ended.set()


def test_a_connection_without_a_call_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    short = [(name, 300 if name == "grpc.max_connection_idle_ms" else value) for name, value in service._OPTIONS]
    monkeypatch.setattr(service, "_OPTIONS", short)
    with node() as living, socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(20.0)
        sock.connect(living.grpc_path)
        sock.sendall(PREFACE)
        while sock.recv(65536):
            pass


def test_a_connection_has_250_calls_at_once_at_most() -> None:
    with node() as living, socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(20.0)
        sock.connect(living.grpc_path)
        sock.sendall(PREFACE)
        head = sock.recv(9, socket.MSG_WAITALL)
        settings = sock.recv(int.from_bytes(head[:3], "big"), socket.MSG_WAITALL)
    assert head[3] == 4  # SETTINGS, of which 3 is MAX_CONCURRENT_STREAMS (RFC 9113, section 6.5)
    pairs = [settings[at : at + 6] for at in range(0, len(settings), 6)]
    assert [int.from_bytes(pair[2:], "big") for pair in pairs if pair[:2] == b"\0\3"] == [service.STREAMS]


def test_a_call_that_says_nothing_is_ended_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing.first_request, "__defaults__", (0.2,))
    ended = threading.Event()
    with node(guard=guard(Keyring(KEY)), threads=2) as living, channel(living) as made, channel(living) as other:
        calls = [silent(made, "/gluten.v1.Gluten/GetReport", KEY.token("viewer"), ended) for _ in range(4)]
        assert [call.code().name for call in calls] == ["CANCELLED"] * 4
        stub: Any = gluten_pb2_grpc.GlutenStub(other)
        stub.ListRuns(pb.ListRunsRequest(), timeout=5, metadata=bearer(KEY.token("viewer")))
        ended.set()


def test_silent_viewers_take_no_thread_from_admins() -> None:
    """This holds for any number and any kind of calls."""
    ended = threading.Event()
    with node(guard=guard(Keyring(KEY)), threads=2) as living, channel(living) as made, channel(living) as other:
        names = ["gluten.v1.Gluten/Watch", "gluten.v1.Gluten/GetRun", "grpc.reflection.v1alpha.ServerReflection/"]
        names[2] += "ServerReflectionInfo"
        calls = [silent(made, f"/{name}", KEY.token("viewer"), ended) for name in names * 4]
        stub: Any = gluten_pb2_grpc.GlutenStub(other)
        for _ in range(4):
            stub.Submit(pb.SubmitRequest(task=TASK), timeout=10, metadata=bearer(KEY.token("admin")))
        assert not any(call.done() for call in calls)
        ended.set()


def test_a_silent_viewer_leaves_threads_for_viewers_of_other_addresses() -> None:
    ended = threading.Event()
    with node(guard=guard(Keyring(KEY)), threads=4) as living, elsewhere(living) as made, channel(living) as other:
        calls = [silent(made, "/gluten.v1.Gluten/GetRun", KEY.token("viewer"), ended) for _ in range(10)]
        until(lambda: sum(call.done() for call in calls) == 8)
        assert {call.code().name for call in calls if call.done()} == {"RESOURCE_EXHAUSTED"}
        theirs, mine = gluten_pb2_grpc.GlutenStub(other), gluten_pb2_grpc.GlutenStub(made)
        viewer = bearer(KEY.token("viewer"))
        for _ in range(4):
            theirs.ListRuns(pb.ListRunsRequest(), timeout=20, metadata=viewer)
        full = refusal(mine.ListRuns, pb.ListRunsRequest(), metadata=viewer)
        assert full.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert "2 calls at once from one address" in full.details()
        mine.ListNodes(pb.ListNodesRequest(), timeout=20, metadata=bearer(KEY.token("admin")))
        ended.set()
        until(lambda: all(call.done() for call in calls))
        mine.ListRuns(pb.ListRunsRequest(), timeout=20, metadata=viewer)


def test_a_viewer_leaves_seats_to_watch_for_viewers_elsewhere() -> None:
    with talking(guard=guard(Keyring(KEY)), watchers=4) as (living, stub), elsewhere(living) as made:
        viewer, run = bearer(KEY.token("viewer")), pb.WatchRequest(run="1")
        stub.Submit(pb.SubmitRequest(task=TASK), metadata=bearer(KEY.token("admin")))
        mine: Any = gluten_pb2_grpc.GlutenStub(made)
        watching = [mine.Watch(run, metadata=viewer) for _ in range(2)]
        for updates in watching:
            next(updates)
        full = refusal(mine.Watch, run, metadata=viewer)
        assert full.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert "2 watchers from one address" in full.details()
        theirs = [stub.Watch(run, metadata=viewer) for _ in range(2)]
        assert [next(updates).version for updates in theirs] == [1, 1]
        watching[0].cancel()
        until(lambda: watch_again(mine, viewer))
        for updates in (*watching, *theirs):
            updates.cancel()


def watch_again(stub: Any, metadata: Any) -> bool:
    """A place is free again. The watch ends at once."""
    updates = stub.Watch(pb.WatchRequest(run="1"), metadata=metadata)
    try:
        return bool(next(updates).version)
    except grpc.RpcError:
        return False
    finally:
        updates.cancel()


def test_viewers_leave_seats_to_watch_for_those_with_the_key() -> None:
    with talking(guard=guard(Keyring(KEY)), watchers=2) as (_, stub):
        viewer, admin = bearer(KEY.token("viewer")), bearer(KEY.token("admin"))
        stub.Submit(pb.SubmitRequest(task=TASK), metadata=admin)
        watching = [stub.Watch(pb.WatchRequest(run="1"), metadata=viewer) for _ in range(2)]
        for updates in watching:
            next(updates)
        full = refusal(stub.Watch, pb.WatchRequest(run="1"), metadata=viewer)
        assert full.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        mine = stub.Watch(pb.WatchRequest(run="1"), metadata=admin)
        assert next(mine).version == 1
        for updates in (*watching, mine):
            updates.cancel()
