"""The same search over three nodes, and with one that dies in its middle."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.capacity.searches import QUICK, SHARP, TRUTH, capacity, check_interval, searched_by, served
from tests.support.e2e.programs import Cluster, get_json, wait_for

pytestmark = pytest.mark.alone


@pytest.fixture
def three(tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(tmp_path, 2, "--lease", "6s")
    yield made
    made.stop()


def asked(cluster: Cluster) -> dict[str, Any]:
    found: dict[str, Any] = get_json(f"http://{cluster.web}/api/v1/runs/last", cluster.folder)
    return found


def test_three_nodes_find_it_together(tmp_path: Path, three: Cluster) -> None:
    with served(tmp_path, *SHARP) as url:
        done = searched_by(three, url, "--slo", "p99 < 50ms")
    assert done.code == 0, done.error
    check_interval(capacity(done), TRUTH)
    assert {node["name"] for node in done.json["nodes"]} == {"master", "slave-1", "slave-2"}


def test_a_node_that_dies_does_not_change_the_answer(tmp_path: Path, three: Cluster) -> None:
    with served(tmp_path, *SHARP) as url:
        three.run("submit", *QUICK[:-2], "--slo", "p99 < 50ms", url)
        wait_for("load", lambda: asked(three)["completed"] > 300)
        three.programs[-1].stop(signal.SIGKILL)
        done = three.run("watch", "--quiet", "--format", "json", "last")
    assert "node_lost" in {event["kind"] for event in done.json["events"]}
    found = capacity(done)
    check_interval(found, TRUTH)
    assert found["limit"] == "target"
