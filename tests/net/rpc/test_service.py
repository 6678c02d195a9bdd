"""The service as any gRPC client sees it: codes, streams, health, reflection, guard."""

import threading
from typing import Any

import grpc
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2

from gluten.errors import ConfigError, GlutenError, NotFound, Refused, StoreError, TaskError
from gluten.net import gluten_pb2 as pb
from gluten.net.rpc.hub_bridge import HubBridge
from gluten.net.rpc.rpc_client import Client
from gluten.net.rpc.service import Service
from gluten.task.limits import MAX_BODY
from gluten.task.task import Task
from tests.support.net.fake_rpc_master import FakeMaster, node, until
from tests.support.net.rpc_calls import TASK, channel, refusal, talking


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


def test_a_watcher_that_does_not_read_delays_no_other_and_misses_nothing() -> None:
    with talking() as (living, stub):
        stub.Submit(pb.SubmitRequest(task=TASK))
        updates = stub.Watch(pb.WatchRequest(run="1"), timeout=30)
        nodes = {f"node-{number}": {"completed": 1, "cpu": 0.5, "in_flight": 1} for number in range(100)}
        for second in range(1000):
            living.do(living.master.second, "1", nodes=nodes)
            if second % 5 == 0:
                stub.GetRun(pb.GetRunRequest(run="1"), timeout=2)
        living.do(living.master.end, "1")
        assert [row.second for update in updates for row in update.rows] == list(range(1000))


def test_health_says_serving() -> None:
    with node() as living, channel(living) as made:
        stub: Any = health_pb2_grpc.HealthStub(made)
        for service in ("", "gluten.v1.Gluten"):
            answer = stub.Check(health_pb2.HealthCheckRequest(service=service))
            assert answer.status == health_pb2.HealthCheckResponse.SERVING


def reflected(made: grpc.Channel, version: str, **asked: str) -> Any:
    """What reflection of this version answers. The messages of both are the same bytes."""
    call: Any = made.stream_stream(
        f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
        request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
    )
    (answer,) = call(iter([reflection_pb2.ServerReflectionRequest(**asked)]))
    return answer


@pytest.mark.parametrize("version", ["v1alpha", "v1"])
def test_reflection_lists_and_describes_the_services(version: str) -> None:
    with node() as living, channel(living) as made:
        answer = reflected(made, version, list_services="*")
        names = {service.name for service in answer.list_services_response.service}
        own = {f"grpc.reflection.{each}.ServerReflection" for each in ("v1", "v1alpha")}
        assert names == {"gluten.v1.Gluten", "grpc.health.v1.Health", *own}
        for name in names:
            described = reflected(made, version, file_containing_symbol=name).file_descriptor_response
            files = [descriptor_pb2.FileDescriptorProto.FromString(raw) for raw in described.file_descriptor_proto]
            pool = descriptor_pool.DescriptorPool()
            for file in reversed(files):
                pool.Add(file)
            assert pool.FindServiceByName(name).methods


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


def test_each_change_is_recorded_with_the_peer_s_address() -> None:
    with node() as living, Client(living.address) as client:
        run = client.submit(Task("http://127.0.0.1:1/", rate=10.0), who="ann@host")["id"]
        client.adjust(run, 20.0, "ann@host")
        client.stop(run, "ann@host")
        with pytest.raises(NotFound):
            client.stop("999")
    assert [(deed.action, deed.detail) for deed in living.master.noted] == [
        ("submit", ""),
        ("adjust", "20 requests/s"),
        ("stop", ""),
    ]
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


def test_a_run_is_deleted_and_that_is_recorded() -> None:
    with node() as living, Client(living.address) as client:
        run = client.submit(Task("http://127.0.0.1:1/"))["id"]
        assert client.delete("1", who="ann@host")["id"] == run
        with pytest.raises(NotFound):
            client.delete("999")
    assert living.master.deleted == [run]
    assert [(deed.action, deed.who, deed.run) for deed in living.master.noted][1:] == [("delete", "ann@host", run)]
