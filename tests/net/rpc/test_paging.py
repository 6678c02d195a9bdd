"""Long answers come in parts that a client accepts."""

import json

import grpc

from gluten.net import gluten_pb2 as pb
from gluten.net.rpc.paging import PART
from tests.support.net.rpc_calls import TASK, refusal, talking


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


def test_a_report_of_many_mebibytes_arrives_whole() -> None:
    with talking() as (living, stub):
        stub.Submit(pb.SubmitRequest(task=TASK))
        for _ in range(100):
            living.do(living.master.second, "1", text="€" * 20_000)
        parts = [part.report_json for part in stub.GetReport(pb.GetReportRequest(run="1"))]
        assert len(parts) > 5
        assert len(json.loads("".join(parts))["seconds"]) == 100
        assert refusal(stub.GetReport, pb.GetReportRequest(run="9")).code() is grpc.StatusCode.NOT_FOUND
