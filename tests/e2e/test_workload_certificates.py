"""A workload file brings its authority and its client's certificate: beside the file, and in a cluster."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.authority import Place, serving
from tests.support.e2e.programs import Cluster, bearer, gluten
from tests.support.engine.faults import FaultServer, answer_well

FILE = """\
url = "https://127.0.0.1:{port}"
[load]
cacert = "authority.pem"
cert = "client.pem"
key = "client.key"
[request.a]
get = "/"
check = ["status == 200"]
"""
FEW = ("-n", "40", "-c", "4", "--format", "json")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("place"))


@pytest.fixture
def target(place: Place) -> Iterator[FaultServer]:
    """Only a client with a certificate of the authority is served."""
    with FaultServer(answer_well, serving(place.server, place.authority.cert, ssl.TLSVersion.TLSv1_3)) as made:
        yield made


@pytest.fixture
def file(place: Place, target: FaultServer) -> str:
    path = place.folder / "w.toml"
    path.write_text(FILE.format(port=target.port))
    return str(path)


def good(report: dict[str, Any]) -> int:
    return int(report["requests"]["good"])


def test_a_run_reads_them_beside_the_file(tmp_path: Path, target: FaultServer, file: str) -> None:
    tried = gluten(tmp_path, "check", "--try", file)
    assert tried.code == 0, tried.error
    done = gluten(tmp_path, "run", *FEW, file)
    assert done.code in (0, 5), done.error
    assert good(done.json) == 40
    assert target.requests == 41


def test_a_cluster_gets_their_texts_with_the_task(
    cluster: Cluster, place: Place, target: FaultServer, file: str
) -> None:
    report = cluster.load("-n", "40", "-c", "4", file)
    assert (good(report), target.requests) == (40, 40)
    assert (report["task"]["cacert"], report["task"]["key"]) == ("(PEM)", "***")
    text = Path(file).read_text()
    assert report["task"]["workload"] == text
    asked: dict[str, Any] = {"workload": text, "requests": 4, "connections": 1}
    texts = {"cert": place.client.cert, "key": place.client.key}
    asked |= {name: Path(path).read_text() for name, path in texts.items()}
    with pytest.raises(urllib.error.HTTPError) as caught:
        post(cluster, asked)
    assert caught.value.code == 400
    error = json.load(caught.value)["error"]
    assert error["field"] == "cacert"
    assert "line 3: load.cacert: the text of 'authority.pem' did not come with the workload" in error["message"]
    assert post(cluster, asked | {"cacert": place.authority.text})["task"]["requests"] == 4


def post(cluster: Cluster, task: dict[str, Any]) -> Any:
    headers = bearer(cluster.folder) | {"Content-Type": "application/json"}
    request = urllib.request.Request(f"http://{cluster.web}/api/v1/runs", json.dumps(task).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)
