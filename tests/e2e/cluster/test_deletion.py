"""Runs leave the history of a real master: by command, by HTTP, and by their age."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.e2e.programs import Cluster, Program, gluten, wait_for


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    target = Program(tmp_path_factory.mktemp("target"), "target", "target", "--port", "0")
    yield target.find(r"http://\S+")[0]
    target.stop()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(tmp_path, 0)
    yield made
    made.stop()


def numbers(cluster: Cluster) -> list[int]:
    return [run["number"] for run in cluster.run("runs", "--format", "json").json["runs"]]


def ask(cluster: Cluster, method: str, path: str, role: str) -> int:
    """The status of the answer."""
    headers = {"Authorization": f"Bearer {cluster.key.token(role)}"}  # type: ignore[arg-type]
    request = urllib.request.Request(f"http://{cluster.web}{path}", method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_runs_are_deleted_by_an_admin_alone(cluster: Cluster, url: str) -> None:
    for _ in range(4):
        cluster.load("-t1", "-c1", "-n5", "--name", "shop", url)
    assert cluster.run("baseline", "1").code == 0
    refused = cluster.run("delete", "1")
    assert (refused.code, refused.is_one_line()) == (1, True)
    assert "run 1 is the baseline of runs called 'shop'" in refused.error
    assert ask(cluster, "DELETE", "/api/v1/runs/2", "viewer") == 403
    viewer = cluster.run("delete", "2", "--key", cluster.key.token("viewer"))
    assert (viewer.code, viewer.is_one_line()) == (4, True)
    assert cluster.run("delete", "2", "99").code == 2, "an unknown run deletes none"
    assert numbers(cluster) == [4, 3, 2, 1]
    done = cluster.run("delete", "2", "last", "4")
    assert (done.code, done.out) == (0, "run 2: deleted\nrun 4: deleted\n")
    assert ask(cluster, "DELETE", "/api/v1/runs/3", "admin") == 200
    assert ask(cluster, "GET", "/api/v1/runs/3", "admin") == 404
    assert numbers(cluster) == [1]
    assert cluster.load("-t1", "-c1", "-n5", url)["number"] == 5, "a number is never given again"


def test_a_run_that_is_on_is_not_deleted(cluster: Cluster, url: str) -> None:
    run = re.search(r"/runs/(\w+)", cluster.run("submit", "-t1", "-c1", "-d60s", url).out)
    assert run is not None
    done = cluster.run("delete", run[1])
    assert (done.code, done.is_one_line()) == (1, True)
    assert "run 1 is not over: stop it before you delete it" in done.error
    assert cluster.run("stop", "1").code == 0


def test_runs_expire_by_their_age_but_for_baselines(tmp_path: Path, url: str) -> None:
    cluster = Cluster(tmp_path, 0)
    for _ in range(2):
        cluster.load("-t1", "-c1", "-n5", "--name", "shop", url)
    assert cluster.run("baseline", "1").code == 0
    cluster.stop()
    again = Cluster(tmp_path, 0, "--keep", "1s")
    wait_for("run 2 to expire", lambda: numbers(again) == [1])
    assert "run 2 is deleted: it is older than --keep allows" in again.master.said
    again.stop()


@pytest.mark.parametrize("age", ["0d", "-1d", "soon", "0", "90"])
def test_an_age_that_is_none_is_refused(tmp_path: Path, age: str) -> None:
    done = gluten(tmp_path, "--master-mode", "--keep", age)
    assert (done.code, done.is_one_line()) == (2, True)
    assert "90d" in done.error
