"""A long answer has a time limit for each of its parts, and a stream that ends too early is no end of a run."""

import threading
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from typing import Any

import grpc
import pytest

from gluten.errors import Unreachable
from gluten.net import gluten_pb2 as pb
from gluten.net import gluten_pb2_grpc
from gluten.net.rpc.deadline import Deadline
from gluten.net.rpc.rpc_client import Client

PAUSE = 0.1


class SlowMaster(gluten_pb2_grpc.GlutenServicer):  # type: ignore[misc]  # what grpc makes has no types
    """Sends a report in parts, each after a pause, of which the last never comes unless `whole`. Its streams of a run
    end at once."""

    def __init__(self, whole: bool) -> None:
        self.whole, self.streams = whole, 0
        self.released = threading.Event()

    def GetReport(self, request: Any, context: Any) -> Iterator[Any]:
        for part in ("{", '"a"', ": ", "1"):
            self.released.wait(PAUSE)
            yield pb.ReportPart(report_json=part)
        if not self.whole:
            self.released.wait()
        yield pb.ReportPart(report_json="}")

    def GetRun(self, request: Any, context: Any) -> Any:
        return pb.Run(id="1", number=1)

    def Watch(self, request: Any, context: Any) -> Iterator[Any]:
        self.streams += 1
        return iter(())


@contextmanager
def serving(whole: bool) -> Iterator[tuple[SlowMaster, str]]:
    master, server = SlowMaster(whole), grpc.server(futures.ThreadPoolExecutor(4))
    gluten_pb2_grpc.add_GlutenServicer_to_server(master, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield master, f"127.0.0.1:{port}"
    finally:
        master.released.set()
        server.stop(None).wait()


def test_a_report_may_take_longer_than_each_of_its_parts() -> None:
    with serving(whole=True) as (_, address), Client(address, timeout=3 * PAUSE) as client:
        assert dict(client.report("1")) == {"a": 1}


def test_a_report_whose_rest_never_comes_is_given_up() -> None:
    with (
        serving(whole=False) as (_, address),
        Client(address, timeout=3 * PAUSE) as client,
        pytest.raises(Unreachable, match="does not answer"),
    ):
        client.report("1")


def test_watch_gives_up_where_each_stream_ends_without_its_last_message() -> None:
    with serving(whole=True) as (master, address), Client(address, patience=0.3) as client:
        with pytest.raises(Unreachable, match="ends before its last message"):
            list(client.watch("1"))
        assert master.streams > 1


def test_a_deadline_that_is_renewed_does_not_pass() -> None:
    ended = threading.Event()
    with Deadline(60, ended.set, 60) as deadline:
        deadline.renew()
    assert not ended.is_set()
    assert not deadline.passed


def test_the_first_part_may_take_longer_than_the_others() -> None:
    ended = threading.Event()
    with Deadline(0.05, ended.set, 60) as deadline:
        assert not ended.wait(0.2)
        deadline.renew()
        assert ended.wait(10)
    assert deadline.passed
