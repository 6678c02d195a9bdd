"""`gluten run` pushes to a collector: what arrives there is what the report says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.e2e.programs import Program, gluten
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
