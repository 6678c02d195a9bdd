"""The service as any gRPC client sees it: codes, streams, health, reflection, guard."""

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from gluten.errors import ConfigError, GlutenError, NotFound, Refused, StoreError, TaskError
from gluten.net import gluten_pb2 as pb
from gluten.net import gluten_pb2_grpc
from gluten.net.keys.keys import ClusterKey, Keyring
from gluten.net.rpc import health, parsing, service
from gluten.net.rpc.auth import guard
from gluten.net.rpc.hub_bridge import HubBridge
from gluten.net.rpc.paging import PART
from gluten.net.rpc.rpc_client import Client
from gluten.net.rpc.service import Service
from gluten.net.rpc.status import Status
from gluten.task.limits import MAX_BODY
from gluten.task.task import Task
from tests.support.fake_rpc_master import FakeMaster, Node, node, until

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


def test_submit_answers_with_the_run_and_is_idempotent_by_its_key() -> None:
    with talking() as (living, stub):
        first = stub.Submit(pb.SubmitRequest(task=TASK, idempotency_key="k", who="me"))
        again = stub.Submit(pb.SubmitRequest(task=TASK, idempotency_key="k"))
        other = stub.Submit(pb.SubmitRequest(task=TASK, idempotency_key="l"))
        assert (first.number, again.number, other.number) == (1, 1, 2)
        assert first.who == "me"
        assert not first.task.HasField("threads")  # whoever loads will tell
        assert len(living.master.known) == 2


def test_a_body_of_two_mebibytes_is_taken_and_a_message_of_four_is_not() -> None:
    with talking() as (living, stub):
        stub.Submit(pb.SubmitRequest(task=pb.Task(url=TASK.url, method="POST", body=bytes(MAX_BODY))))
        assert len(next(iter(living.master.tasks.values())).body) == MAX_BODY
        error = refusal(stub.Submit, pb.SubmitRequest(task=pb.Task(url=TASK.url, body=bytes(4 << 20))))
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert len(living.master.tasks) == 1


def test_a_wrong_task_names_its_field() -> None:
    with talking() as (_, stub):
        error = refusal(stub.Submit, pb.SubmitRequest(task=pb.Task(url=TASK.url, threads=4, connections=2)))
        assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert dict(error.trailing_metadata())["field"] == "connections"
        assert "connections: 2 is below threads 4" in error.details()


@pytest.mark.parametrize(
    ("failure", "code", "text"),
    [
        (TaskError("url", "url: no"), "INVALID_ARGUMENT", "url: no"),
        (Refused("not allowed"), "PERMISSION_DENIED", "not allowed"),
        (StoreError("the database is away"), "UNAVAILABLE", "the database is away"),
        (GlutenError("odd"), "INTERNAL", "odd"),
        (TimeoutError("inner"), "INTERNAL", "the master failed to answer: its log says why"),
        (ValueError("secret"), "INTERNAL", "the master failed to answer: its log says why"),
    ],
)
def test_an_error_has_its_code_and_an_unknown_one_stays_in_the_log(
    failure: Exception, code: str, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    with talking() as (living, stub):
        living.master.failure = failure
        error = refusal(stub.GetRun, pb.GetRunRequest(run="1"))
    assert (error.code().name, error.details()) == (code, text)
    assert ("Traceback" in caplog.text) == (not isinstance(failure, GlutenError))


def test_an_unknown_run_is_not_found_and_an_ended_one_cannot_be_stopped() -> None:
    with talking() as (_, stub):
        stub.Submit(pb.SubmitRequest(task=TASK))
        assert refusal(stub.GetRun, pb.GetRunRequest(run="9")).code() is grpc.StatusCode.NOT_FOUND
        assert stub.Stop(pb.StopRequest(run="1")).state == "finished"
        error = refusal(stub.Stop, pb.StopRequest(run="1"))
        assert error.code() is grpc.StatusCode.FAILED_PRECONDITION


def test_a_master_that_does_not_answer_in_time_is_a_deadline() -> None:
    with talking(timeout=0.2) as (living, stub):
        living.master.delay = 5.0
        error = refusal(stub.GetRun, pb.GetRunRequest(run="1"))
        assert error.code() is grpc.StatusCode.DEADLINE_EXCEEDED


def test_runs_come_newest_first_in_pages() -> None:
    with talking() as (_, stub):
        for _ in range(5):
            stub.Submit(pb.SubmitRequest(task=TASK))
        first = stub.ListRuns(pb.ListRunsRequest(limit=2)).runs
        rest = stub.ListRuns(pb.ListRunsRequest(before=first[-1].number)).runs
        assert [run.number for run in (*first, *rest)] == [5, 4, 3, 2, 1]
        assert refusal(stub.ListRuns, pb.ListRunsRequest(limit=0)).code() is grpc.StatusCode.INVALID_ARGUMENT


def test_a_page_of_huge_runs_is_shorter_and_loses_none() -> None:
    with talking() as (_, stub):
        big = pb.Task(url=TASK.url, headers=[pb.Header(name="x", value="y" * 60_000)])
        for _ in range(60):
            stub.Submit(pb.SubmitRequest(task=big))
        seen: list[int] = []
        pages = 0
        while not seen or seen[-1] > 1:
            pages += 1
            reply = stub.ListRuns(pb.ListRunsRequest(before=seen[-1] if seen else None, limit=60))
            assert reply.ByteSize() <= 4 << 20
            seen += [run.number for run in reply.runs]
        assert seen == list(range(60, 0, -1))
        assert pages > 1


def test_watch_sends_what_was_missed_then_each_change_and_ends() -> None:
    with talking() as (living, stub):
        stub.Submit(pb.SubmitRequest(task=TASK))
        living.do(living.master.second, "1")
        living.do(living.master.second, "1")
        updates = stub.Watch(pb.WatchRequest(run="last", after=2), timeout=10)
        assert [row.second for row in next(updates).rows] == [1]
        living.do(living.master.second, "1")
        assert [row.second for row in next(updates).rows] == [2]
        living.do(living.master.end, "1")
        assert next(updates).final
        assert list(updates) == []


def test_watching_an_ended_run_from_its_last_version_ends_at_once() -> None:
    with talking() as (living, stub):
        stub.Submit(pb.SubmitRequest(task=TASK))
        living.do(living.master.end, "1")
        assert [update.final for update in stub.Watch(pb.WatchRequest(run="1", after=2), timeout=5)] == [True]


def test_a_version_from_another_life_starts_over() -> None:
    with talking() as (living, stub):
        stub.Submit(pb.SubmitRequest(task=TASK))
        living.do(living.master.second, "1")
        living.do(living.master.end, "1")
        (update,) = stub.Watch(pb.WatchRequest(run="1", after=99), timeout=5)
        assert len(update.rows) == 1


def test_a_long_run_comes_in_parts_that_every_client_takes() -> None:
    with talking() as (living, stub):
        stub.Submit(pb.SubmitRequest(task=TASK))
        nodes = {f"node-{number}": {"completed": 1, "cpu": 0.5, "in_flight": 1} for number in range(100)}
        for _ in range(2000):
            living.do(living.master.second, "1", nodes=nodes)
        living.do(living.master.end, "1")
        updates = list(stub.Watch(pb.WatchRequest(run="1"), timeout=30))
        assert len(updates) > 2
        assert all(update.ByteSize() < 2 * PART for update in updates)
        assert [row.second for update in updates for row in update.rows] == list(range(2000))
        assert [update.version for update in updates[:-1]] == [0] * (len(updates) - 1)
        assert [event.kind for update in updates for event in update.events] == ["created"]
        assert [update.final for update in updates] == [False] * (len(updates) - 1) + [True]


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


def test_a_full_house_of_watchers_starves_nobody() -> None:
    with talking() as (living, stub):
        stub.Submit(pb.SubmitRequest(task=TASK))
        watching = [stub.Watch(pb.WatchRequest(run="1")) for _ in range(32)]
        for updates in watching:
            next(updates)
        for _ in range(50):
            stub.GetRun(pb.GetRunRequest(run="1"), timeout=2)
        living.do(living.master.end, "1")
        assert all(next(updates).final for updates in watching)


def test_a_reader_that_does_not_read_holds_up_nobody_and_misses_nothing() -> None:
    with talking() as (living, stub):
        stub.Submit(pb.SubmitRequest(task=TASK))
        updates = stub.Watch(pb.WatchRequest(run="1"), timeout=30)
        nodes = {f"node-{number}": {"completed": 1, "cpu": 0.5, "in_flight": 1} for number in range(100)}
        for _ in range(1000):
            living.do(living.master.second, "1", nodes=nodes)
            stub.GetRun(pb.GetRunRequest(run="1"), timeout=2)
        living.do(living.master.end, "1")
        assert [row.second for update in updates for row in update.rows] == list(range(1000))


def test_a_report_of_many_mebibytes_arrives_whole() -> None:
    with talking() as (living, stub):
        stub.Submit(pb.SubmitRequest(task=TASK))
        for _ in range(100):
            living.do(living.master.second, "1", text="€" * 20_000)
        parts = [part.report_json for part in stub.GetReport(pb.GetReportRequest(run="1"))]
        assert len(parts) > 5
        assert len(json.loads("".join(parts))["seconds"]) == 100
        assert refusal(stub.GetReport, pb.GetReportRequest(run="9")).code() is grpc.StatusCode.NOT_FOUND


def test_health_says_serving() -> None:
    with node() as living, channel(living) as made:
        stub: Any = health_pb2_grpc.HealthStub(made)
        for service in ("", "gluten.v1.Gluten"):
            answer = stub.Check(health_pb2.HealthCheckRequest(service=service))
            assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_reflection_lists_the_services() -> None:
    with node() as living, channel(living) as made:
        stub: Any = reflection_pb2_grpc.ServerReflectionStub(made)
        request = reflection_pb2.ServerReflectionRequest(list_services="*")
        (answer,) = stub.ServerReflectionInfo(iter([request]))
        names = {service.name for service in answer.list_services_response.service}
        assert {"gluten.v1.Gluten", "grpc.health.v1.Health"} <= names


def bearer(token: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {token}"),)


@pytest.mark.parametrize(
    "token", ["", KEY.text, ClusterKey.make().token("admin"), KEY.token("admin")[:-1]],
    ids=["none", "the key itself", "another cluster's", "cut"],
)  # fmt: skip
def test_without_the_token_nothing_is_read_but_health(token: str) -> None:
    with talking(guard=guard(Keyring(KEY))) as (living, stub), channel(living) as made:
        raw = made.unary_unary("/gluten.v1.Gluten/Submit", lambda data: data, lambda data: data)
        health: Any = health_pb2_grpc.HealthStub(made)
        reflection: Any = reflection_pb2_grpc.ServerReflectionStub(made)
        for call, request in (
            (stub.ListNodes, pb.ListNodesRequest()), (stub.Watch, pb.WatchRequest(run="1")), (raw, b"\xff\xffnonsense"),
            (reflection.ServerReflectionInfo, iter([reflection_pb2.ServerReflectionRequest(list_services="*")])),
            (made.unary_unary("/no.such/Method", bytes, bytes), b""),
        ):  # fmt: skip
            error = refusal(call, request, metadata=bearer(token) if token else ())
            assert error.code() is grpc.StatusCode.UNAUTHENTICATED
            assert "gluten.pyz key show" in error.details()
        assert health.Check(health_pb2.HealthCheckRequest()).status
        assert living.master.known == []


def silent(made: grpc.Channel, method: str, token: str, ended: threading.Event) -> Any:
    """A call that has begun and says nothing."""

    def wait() -> Iterator[bytes]:
        ended.wait()
        yield from ()

    return made.stream_unary(method, bytes, bytes).future(wait(), metadata=bearer(token))


def test_calls_of_strangers_that_say_nothing_keep_no_thread_from_those_with_a_key() -> None:
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


def test_strangers_learn_by_health_that_it_serves_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    with node(guard=guard(Keyring(KEY))) as living, channel(living) as made:
        stub: Any = health_pb2_grpc.HealthStub(made)
        assert refusal(stub.Watch, health_pb2.HealthCheckRequest()).code() is grpc.StatusCode.UNAUTHENTICATED
        with pytest.raises(grpc.RpcError) as refused:
            stub.List(health_pb2.HealthListRequest(), timeout=5)
        assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
        nobody = health_pb2.HealthCheckRequest(service="nobody")
        with pytest.raises(grpc.RpcError) as unknown:
            stub.Check(nobody, timeout=5)
        assert unknown.value.code() is grpc.StatusCode.NOT_FOUND
        assert not caplog.records


def test_a_viewer_looks_and_changes_nothing() -> None:
    with talking(guard=guard(Keyring(KEY))) as (living, stub), channel(living) as made:
        viewer, admin = bearer(KEY.token("viewer")), bearer(KEY.token("admin"))
        run = stub.Submit(pb.SubmitRequest(task=TASK), metadata=admin).id
        assert stub.GetRun(pb.GetRunRequest(run=run), metadata=viewer).id == run
        assert stub.ListRuns(pb.ListRunsRequest(), metadata=viewer).runs
        assert stub.ListNodes(pb.ListNodesRequest(), metadata=viewer).nodes
        assert next(iter(stub.Watch(pb.WatchRequest(run=run), metadata=viewer))).version == 1
        assert list(stub.GetReport(pb.GetReportRequest(run=run), metadata=viewer))
        reflected: Any = reflection_pb2_grpc.ServerReflectionStub(made)
        asked = iter([reflection_pb2.ServerReflectionRequest(list_services="*")])
        assert list(reflected.ServerReflectionInfo(asked, metadata=viewer))
        for call, request in (
            (stub.Submit, pb.SubmitRequest(task=TASK)), (stub.Stop, pb.StopRequest(run=run)),
            (stub.Adjust, pb.AdjustRequest(run=run, rate=1)), (stub.Pin, pb.PinRequest(run=run)),
        ):  # fmt: skip
            assert refusal(call, request, metadata=viewer).code() is grpc.StatusCode.PERMISSION_DENIED
        assert [known["state"] for known in living.master.known] == ["running"]


def test_a_viewer_may_call_what_looks_and_a_stranger_nothing() -> None:
    """Method by method: one that is added has to be named here."""
    look = {"Watch", "GetRun", "ListRuns", "ListNodes", "ListBaselines", "GetReport"}
    change = {"Submit", "Stop", "Adjust", "Pin"}
    judge = guard(Keyring(KEY))
    assert {method.name for method in pb.DESCRIPTOR.services_by_name["Gluten"].methods} == look | change
    for name in look | change:
        codes = [
            said.code if isinstance(said := judge(f"/gluten.v1.Gluten/{name}", dict(bearer(token))), Status) else "OK"
            for token in ("", KEY.token("viewer"), KEY.token("admin"))
        ]
        assert codes == ["UNAUTHENTICATED", "OK" if name in look else "PERMISSION_DENIED", "OK"], name


def test_viewers_who_say_nothing_keep_no_thread_from_those_with_the_key() -> None:
    """However many calls they begin, of whatever kind."""
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


@contextlib.contextmanager
def elsewhere(living: Node) -> Iterator[grpc.Channel]:
    """By the front door, and so with an address; `channel` has none, as if it were many."""
    with grpc.insecure_channel(living.address) as made:
        yield made


def test_a_viewer_who_says_nothing_leaves_threads_to_viewers_elsewhere() -> None:
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
    """A seat is free again; it is left at once."""
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


def test_a_rotated_key_ends_the_streams_that_the_old_one_opened() -> None:
    ring = Keyring(KEY)
    with talking(guard=guard(ring)) as (living, stub):
        old = bearer(KEY.token("admin"))
        run = stub.Submit(pb.SubmitRequest(task=TASK), metadata=old).id
        updates = iter(stub.Watch(pb.WatchRequest(run=run), metadata=old))
        next(updates)
        ring.replace(ClusterKey.make())
        living.do(living.master.second, run)
        with pytest.raises(grpc.RpcError) as caught:
            next(updates)
        assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED


def test_stopping_ends_watchers_and_frees_every_thread() -> None:
    with talking() as (_, stub):
        stub.Submit(pb.SubmitRequest(task=TASK))
        updates = stub.Watch(pb.WatchRequest(run="1"))
        next(updates)
    with pytest.raises((grpc.RpcError, StopIteration)):
        next(updates)
    until(lambda: not [thread for thread in threading.enumerate() if thread.name.startswith("grpc_")])


def test_a_path_that_is_too_long_or_not_writable_is_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    for path in ("/" + "x" * 107, "/no/such/directory/grpc"):
        with pytest.raises(ConfigError) as caught:
            Service(FakeMaster(), HubBridge(), path).start()
        assert "\n" not in str(caught.value)
    assert capfd.readouterr().err == ""


def test_who_did_what_is_on_record_with_the_peer_s_address() -> None:
    with node() as living, Client(living.address) as client:
        run = client.submit(Task("http://127.0.0.1:1/", rate=10.0), who="ann@host")["id"]
        client.adjust(run, 20.0, "ann@host")
        client.stop(run, "ann@host")
        with pytest.raises(NotFound):
            client.stop("999")
    assert [(deed.action, deed.detail) for deed in living.master.noted] == [
        ("submit", ""), ("adjust", "20 requests/s"), ("stop", "")
    ]  # fmt: skip
    proved = {(deed.way, deed.role, deed.address, deed.who, deed.run) for deed in living.master.noted}
    assert proved == {("gRPC", "admin", "127.0.0.1", "ann@host", run)}


def test_a_run_is_pinned_listed_and_taken_back() -> None:
    with node() as living, Client(living.address) as client:
        run = client.submit(Task("http://127.0.0.1:1/", name="shop"))["id"]
        assert client.baselines() == []
        assert client.pin(run, who="ann@host")["id"] == run
        assert client.baselines() == [{"name": "shop", "run": run, "number": 1}]
        client.pin(run, pinned=False)
        assert client.baselines() == []
    assert [deed.action for deed in living.master.noted] == ["submit", "pin", "unpin"]
