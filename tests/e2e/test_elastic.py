"""At a rate without `-c` nothing is dropped for lack of connections. With too few connections that is reported at
once."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.e2e.programs import Cluster, Program, get_json, gluten, wait_for
from tests.support.e2e.scene import Scene

README = ("--delay", "900x10ms,90x50ms,9x200ms,1x1s")
"""The target of the README."""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    target = Program(tmp_path_factory.mktemp("target"), "target", "target", "--port", "0", *README)
    yield target.find(r"http://\S+")[0]
    assert target.stop() == 0


def sound(report: dict[str, Any], planned: int) -> None:
    """Everything was sent, and nothing dropped. A busy machine may answer some requests too late."""
    requests = report["requests"]
    assert (requests["planned"], requests["dropped"], requests["sent"]) == (planned, 0, planned)
    assert requests["completed"] + report["errors"].get("timeout", 0) == planned
    assert report["verdict"]["value"] != "invalid"
    assert report["task"]["connections"] is None
    used = report["connections"]
    assert (used["limit"], used["streams"]) == (None, 1)
    assert 0 < used["most"] <= used["opened"]
    assert sum(row["opened"] for row in report["seconds"]) == used["opened"]


@pytest.mark.parametrize(
    ("words", "planned"),
    [(("-R", "1k", "-d", "2s"), 2000), (("--stages", "0s:0,1s:500,3s:500"), 1250), (("-R", "1k", "-n", "1500"), 1500)],
)
def test_the_lines_of_the_readme_end_with_nothing_dropped(
    tmp_path: Path, url: str, words: tuple[str, ...], planned: int
) -> None:
    done = gluten(tmp_path, "run", "--format", "json", *words, url)
    assert done.code == 0, done.error
    sound(done.json, planned)
    assert done.json["task"]["threads"] == 2


def test_the_text_says_how_many_were_used(tmp_path: Path, url: str) -> None:
    done = gluten(tmp_path, "run", "-R", "300", "-d", "1s", url)
    found = re.fullmatch(r"  2 threads and (\d+) connections", done.out.splitlines()[1])
    assert found is not None
    assert 3 <= int(found[1]) <= 600


def test_too_few_connections_are_reported_at_once_and_at_the_end(tmp_path: Path, url: str) -> None:
    done = gluten(tmp_path, "run", "-R", "1k", "-d", "2s", "-c", "4", "--format", "json", url)
    assert done.code == 5
    assert "all 4 connections are busy" in done.error.splitlines()[0]
    report = done.json
    assert [event["kind"] for event in report["events"]].count("backlog") == 1
    assert "all 4 connections were busy, and about" in report["verdict"]["reasons"][0]
    assert report["connections"] == {"limit": 4, "most": 4, "opened": 4, "streams": 1}
    assert report["seconds"][0]["backlog"] > 300


def test_three_nodes_use_all_their_cores_and_as_many_connections_as_they_need(cluster: Cluster, url: str) -> None:
    report = cluster.load("-R", "600", "-d", "3s", url)
    sound(report, 1800)
    assert report["task"]["threads"] == 3 * (os.cpu_count() or 1) == sum(node["threads"] for node in report["nodes"])
    assert all(node["connections"] > 0 for node in report["nodes"])
    assert sum(node["connections"] for node in report["nodes"]) >= report["connections"]["most"]


def test_a_live_run_says_how_many_connections_are_needed(cluster: Cluster, url: str) -> None:
    done = cluster.run("submit", "-R", "1k", "-d", "20s", "-c", "4", url)
    path = f"http://{cluster.web}/api/v1/runs/{done.out.strip().rpartition('/')[2]}"

    def told() -> dict[str, Any] | None:
        run: dict[str, Any] = get_json(path, cluster.folder)
        return run if run["hint"] else None

    run = wait_for("a hint", told)
    assert run["hint"].startswith("all 4 connections are busy")
    assert run["needed"] > 4
    assert run["backlog"] > 100
    assert run["connections"] == 4
    cluster.run("stop", "last")
    wait_for("its end", lambda: get_json(path, cluster.folder)["state"] == "stopped")
    run = get_json(path, cluster.folder)
    assert (run["hint"], run["backlog"], run["needed"]) == ("", 0, None)


def test_an_adjustment_upwards_and_a_node_that_leaves_find_their_connections(scene: Scene) -> None:
    """The connections that the lost node's threads may open move with them."""
    scene.submit("-R", "100", "-d", "14s")
    wait_for("load", lambda: scene.get("runs/last")["completed"] > 50)
    master = f"127.0.0.1:{scene.ports[1]}"
    assert gluten(scene.folder, "adjust", "last", "--rate", "800", "--master", master).code == 0
    scene.slaves[0].stop()
    report = scene.finish()
    assert "rebalanced" in scene.kinds(report), report["events"]
    late = [row for row in report["seconds"] if row["second"] in (11, 12)]
    assert sum(row["completed"] for row in late) >= 1200
    assert all(row["connections"] > 0 for row in late)
