"""A search finds the capacity of a real target: by one command, and by a cluster that loses a node in its middle.

What it says of other targets is proved by simulated ones, in `tests/capacity`.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.capacity.searches import SHARP, TRUTH, capacity, check_interval, quick, served
from tests.support.e2e.programs import Cluster, get_json, gluten, wait_for

pytestmark = pytest.mark.alone  # beside others the machine lacks CPU, and the generator is the limit


def test_the_capacity_is_found(tmp_path: Path) -> None:
    with served(tmp_path, *SHARP) as url:
        words = ("--slo", "p99 < 50ms", "--at-least", "120", "--format", "json")
        done = gluten(tmp_path, "run", "--quiet", *quick(), *words, url)
    found = capacity(done)
    assert done.code == 0, done.error
    check_interval(found, TRUTH)
    assert (found["unit"], found["limit"], found["recovers"], found["moved"]) == ("requests/s", "target", True, False)
    assert found["slo"] == "p99 < 50ms"
    assert {trial["state"] for trial in found["trials"]} >= {"holds", "misses"}
    assert all(
        before["to"] <= after["from"] for before, after in zip(found["trials"], found["trials"][1:], strict=False)
    )


@pytest.fixture
def three(tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(tmp_path, 2, "--lease", "6s")
    yield made
    made.stop()


def asked(cluster: Cluster) -> dict[str, Any]:
    found: dict[str, Any] = get_json(f"http://{cluster.web}/api/v1/runs/last", cluster.folder)
    return found


def test_three_nodes_find_it_together_and_one_that_dies_does_not_change_the_answer(
    tmp_path: Path, three: Cluster
) -> None:
    with served(tmp_path, *SHARP) as url:
        three.run("submit", *quick(most="60s"), "--slo", "p99 < 50ms", url)
        wait_for("load of all", lambda: asked(three)["completed"] > 600)
        three.programs[-1].stop(signal.SIGKILL)
        done = three.run("watch", "--quiet", "--format", "json", "last")
    assert "node_lost" in {event["kind"] for event in done.json["events"]}
    assert {node["name"] for node in done.json["nodes"]} == {"master", "slave-1", "slave-2"}
    assert all(node["sent"] > 0 for node in done.json["nodes"]), done.json["nodes"]
    found = capacity(done)
    check_interval(found, TRUTH)
    assert found["limit"] == "target"
