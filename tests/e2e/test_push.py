"""`gluten run` and a master push to a collector: what arrives there is what the report says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from tests.support.e2e.programs import Cluster, Program, gluten, wait_for
from tests.support.push.otlp_server import OtlpServer, labels_of, points


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    program = Program(tmp_path_factory.mktemp("target"), "target", "target", "--port", "0")
    yield program.find(r"http://\S+")[0]
    assert program.stop() == 0


def test_a_run_pushes_what_its_report_has(tmp_path: Path, target: str) -> None:
    server = OtlpServer()
    settings = {"GLUTEN_OTLP_HEADER": "Authorization: Bearer abc\nX-Scope-OrgID: 7"}
    words = ("run", "-R", "30", "-n", "60", "--name", "shop", "--slo", "p99 < 9s", "--otlp", server.url)
    with server.running():
        done = gluten(tmp_path, *words, "--format", "json", target, **settings)
    assert (done.code, done.error) == (0, "")
    last = server.metrics[-1]
    resource = labels_of(last.resource_metrics[0].resource.attributes)
    assert (resource["gluten.name"], resource["gluten.node"]) == ("shop", "local")
    (sent,) = points(last, "gluten.requests", request="request", status="200")
    (times,) = points(last, "gluten.response_time", request="request")
    assert sent.as_int == times.count == done.json["requests"]["completed"] == 60
    assert times.max * 1e6 == pytest.approx(done.json["response_time"]["max"], abs=1)
    assert points(last, "gluten.slo", slo="p99 < 9s")[0].as_int == 1
    assert len(server.metrics) >= 2
    assert {(each["Authorization"], each["X-Scope-OrgID"]) for each in server.headers} == {("Bearer abc", "7")}


def test_a_server_that_refuses_does_not_fail_the_run(tmp_path: Path, target: str) -> None:
    server = OtlpServer("/elsewhere")
    url = server.url.removesuffix("/elsewhere")
    with server.running():
        done = gluten(tmp_path, "run", "-R", "20", "-n", "10", "--quiet", "--otlp", url, target)
    assert done.code == 0
    assert done.error == f"gluten: --otlp {url}: it answers 404 Not Found\n"


def test_a_url_that_is_none_is_refused_before_the_load(tmp_path: Path, target: str) -> None:
    done = gluten(tmp_path, "run", "-n", "1", "--otlp", "collector:4318", target)
    assert (done.code, done.is_one_line()) == (2, True)
    assert "--otlp: 'collector:4318' is not a URL such as http://collector:4318" in done.error


def test_a_master_pushes_each_node_even_if_the_collector_is_away(tmp_path: Path, target: str) -> None:
    """It refuses for some seconds."""
    server = OtlpServer()
    server.statuses = [503] * 3
    with server.running():
        cluster = Cluster(tmp_path, 1, "--otlp", server.url)
        report = cluster.load("-R", "40", "-d", "4s", "--name", "shop", target)
        wait_for("all that was completed", lambda: pushed_by(server) == completed_by(report))
        assert cluster.stop() == [0, 0]
    assert server.logs
    ends = [points(each, "gluten.connections")[0].time_unix_nano for each in server.metrics]
    assert ends == sorted(set(ends))


def completed_by(report: dict[str, Any]) -> dict[str, int]:
    return {node["name"]: node["completed"] for node in report["nodes"]}


def pushed_by(server: OtlpServer) -> dict[str, int]:
    """Node -> the sum of its newest points."""
    found = {}
    for request in server.metrics:
        for resource in request.resource_metrics:
            one = ExportMetricsServiceRequest(resource_metrics=[resource])
            node = labels_of(resource.resource.attributes)["gluten.node"]
            found[node] = sum(point.as_int for point in points(one, "gluten.requests"))
    return found
