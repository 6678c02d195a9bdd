"""Which methods strangers, viewers and admins may call."""

from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from gluten.net import gluten_pb2 as pb
from gluten.net.keys.keys import ClusterKey, Keyring
from gluten.net.rpc.auth import guard
from gluten.net.rpc.status import Status
from tests.support.net.fake_rpc_master import node
from tests.support.net.rpc_calls import KEY, TASK, bearer, channel, refusal, talking


@pytest.mark.parametrize(
    "token",
    ["", KEY.text, ClusterKey.make().token("admin"), KEY.token("admin")[:-1]],
    ids=["none", "the key itself", "another cluster's", "cut"],
)
def test_without_the_token_nothing_is_read_but_health(token: str) -> None:
    with talking(guard=guard(Keyring(KEY))) as (living, stub), channel(living) as made:
        raw = made.unary_unary("/gluten.v1.Gluten/Submit", lambda data: data, lambda data: data)
        health: Any = health_pb2_grpc.HealthStub(made)
        reflection: Any = reflection_pb2_grpc.ServerReflectionStub(made)
        for call, request in (
            (stub.ListNodes, pb.ListNodesRequest()),
            (stub.Watch, pb.WatchRequest(run="1")),
            (raw, b"\xff\xffnonsense"),
            (reflection.ServerReflectionInfo, iter([reflection_pb2.ServerReflectionRequest(list_services="*")])),
            (made.unary_unary("/no.such/Method", bytes, bytes), b""),
        ):
            error = refusal(call, request, metadata=bearer(token) if token else ())
            assert error.code() is grpc.StatusCode.UNAUTHENTICATED
            assert "gluten.pyz key show" in error.details()
        assert health.Check(health_pb2.HealthCheckRequest()).status
        assert living.master.known == []


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
            (stub.Submit, pb.SubmitRequest(task=TASK)),
            (stub.Stop, pb.StopRequest(run=run)),
            (stub.Adjust, pb.AdjustRequest(run=run, rate=1)),
            (stub.Pin, pb.PinRequest(run=run)),
        ):
            assert refusal(call, request, metadata=viewer).code() is grpc.StatusCode.PERMISSION_DENIED
        assert [known["state"] for known in living.master.known] == ["running"]


def test_a_viewer_may_call_what_looks_and_a_stranger_nothing() -> None:
    """The table has every method. A new method must be added to it."""
    look = {"Watch", "GetRun", "ListRuns", "ListNodes", "ListBaselines", "GetReport"}
    change = {"Submit", "Stop", "Adjust", "Pin", "Delete", "MissingFiles", "PutFile"}
    judge = guard(Keyring(KEY))
    assert {method.name for method in pb.DESCRIPTOR.services_by_name["Gluten"].methods} == look | change
    for name in look | change:
        codes = [
            said.code if isinstance(said := judge(f"/gluten.v1.Gluten/{name}", dict(bearer(token))), Status) else "OK"
            for token in ("", KEY.token("viewer"), KEY.token("admin"))
        ]
        assert codes == ["UNAUTHENTICATED", "OK" if name in look else "PERMISSION_DENIED", "OK"], name


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
