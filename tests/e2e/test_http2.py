"""HTTP/2 from the command line, alone and in a cluster: counts, the report, and a target that does not speak it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.e2e.programs import Cluster, gluten
from tests.support.nginx import Nginx

FEW = ("-n", "40", "-c", "2", "-t", "1", "--quiet", "--http2")
WHY = "the target does not speak HTTP/2 on this port: leave out --http2"


FILE = """
url = "URL"
setup = ["begin"]
teardown = ["end"]
[load]
http2 = true
streams = 3
requests = 20
connections = 2
threads = 1
[request.begin]
get = "/begin"
take = {id = "header X-Id"}
[request.home]
get = "/home/{{id}}"
check = ["status == 200"]
[request.end]
get = "/end/{{id}}"
"""
PLACES = "location / { add_header X-Id the-id; return 200; }"


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Nginx]:
    with Nginx(tmp_path, http2=True) as nginx:
        yield nginx


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Nginx]:
    """It speaks HTTP/1.1 alone."""
    (tmp_path / "other").mkdir()
    with Nginx(tmp_path / "other") as nginx:
        yield nginx


def test_the_report_says_what_was_spoken(target: Nginx, tmp_path: Path) -> None:
    done = gluten(tmp_path, "run", *FEW, "--streams", "5", "--format", "json", target.url)
    assert done.code == 0, done.error
    report = json.loads(done.out)
    assert report["protocol"] == "HTTP/2"
    assert report["connections"] == {"limit": 2, "most": 2, "opened": 2, "streams": 5}
    assert (report["requests"]["completed"], report["errors"]) == (40, {})
    assert len(target.log(40)) == 40


def test_a_target_that_allows_fewer_streams_is_told(tmp_path: Path) -> None:
    with Nginx(tmp_path, "http2_max_concurrent_streams 3; location / { return 200; }", http2=True) as nginx:
        done = gluten(tmp_path, "run", *FEW, "--streams", "9", "--format", "json", nginx.url)
    report = json.loads(done.out)
    assert report["connections"]["streams"] == 3
    assert report["verdict"]["notes"] == ["the target allows 3 streams on a connection, not 9"]
    assert report["requests"]["completed"] == 40


def test_a_target_that_does_not_speak_it_is_exit_3_in_one_line(other: Nginx, tmp_path: Path) -> None:
    for command in (("run", "--quiet"), ("check", "--try")):
        done = gluten(tmp_path, *command, "--http2", other.url)
        assert (done.code, done.is_one_line()) == (3, True), done.error
        assert WHY in done.error
    assert {line.status for line in other.log(2)} <= {400}, "nothing but the greeting came"


def test_each_request_is_tried_over_it(target: Nginx, tmp_path: Path) -> None:
    done = gluten(tmp_path, "check", "--try", "--http2", target.url)
    assert (done.code, done.error) == (0, "")
    assert "< HTTP/2 200" in done.out


def test_a_cluster_speaks_it_and_says_the_same(cluster: Cluster, target: Nginx, other: Nginx) -> None:
    done = cluster.run("submit", "--watch", *FEW, "--streams", "5", "--format", "json", target.url)
    assert done.code == 0, done.error
    report = json.loads(done.out)
    assert (report["protocol"], report["requests"]["completed"]) == ("HTTP/2", 40)
    assert len(target.log(40)) == 40
    done = cluster.run("submit", "--watch", *FEW, other.url)
    assert (done.code, done.is_one_line()) == (3, True), done.error
    assert WHY in done.error


def test_a_workload_file_says_it_and_setup_and_teardown_speak_it(cluster: Cluster, tmp_path: Path) -> None:
    with Nginx(tmp_path, PLACES, http2=True) as nginx:
        (tmp_path / "w.toml").write_text(FILE.replace("URL", nginx.url.rstrip("/")))
        done = gluten(tmp_path, "run", "--quiet", "w.toml")
        assert done.code == 0, done.error
        done = cluster.run("submit", "--watch", "--quiet", str(tmp_path / "w.toml"))
        assert done.code == 0, done.error
        paths = Counter(line.path for line in nginx.log(44))
    assert paths == {"/begin": 2, "/home/the-id": 40, "/end/the-id": 2}
