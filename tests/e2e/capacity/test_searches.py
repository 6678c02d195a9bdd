"""A search finds the capacity of a real target: by one command, and by a cluster that loses a node in its middle. Where
the generators are the limit, it says so and names the node: their limit is never the answer.

What it says of other targets is proved by simulated ones, in `tests/capacity`. The searches wait most of the time, so
all of them run at once.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.capacity.searches import (
    SHARP,
    TRUTH,
    Search,
    capacity,
    check_interval,
    quick,
    searching,
    served,
)
from tests.support.capacity.weak import Share
from tests.support.e2e.programs import Cluster, get_json, wait_for
from tests.support.needs import missing

pytestmark = pytest.mark.alone  # beside others the machine lacks CPU, and the generator is the limit
SLO = ("--slo", "p99 < 50ms")
SHARES = ("root", "shares of the CPU")


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    made = Cluster(tmp_path_factory.mktemp("three"), 2, "--lease", "6s")
    yield made
    made.stop()


@pytest.fixture(scope="module")
def searches(tmp_path_factory: pytest.TempPathFactory, three: Cluster) -> Iterator[dict[str, Search]]:
    """Searches by one command, which go on while the cluster's does. They begin when its nodes have started."""
    with contextlib.ExitStack() as stack:
        folder = tmp_path_factory.mktemp("one")
        words = (*quick(), *SLO, "--at-least", "120")
        found = {"one": stack.enter_context(searching(folder, SHARP, *words))}
        if not missing(*SHARES):
            share, folder = Share(0.1), tmp_path_factory.mktemp("weak")
            stack.callback(share.close)
            words = (*quick("160", "30s"), *SLO, "--at-least", "1m")
            target = ("target", "--port", "0", "--delay", "2ms")
            found["weak"] = stack.enter_context(searching(folder, target, *words, share=share))
        yield found


def asked(cluster: Cluster) -> dict[str, Any]:
    found: dict[str, Any] = get_json(f"http://{cluster.web}/api/v1/runs/last", cluster.folder)
    return found


def test_three_nodes_find_it_together_and_one_that_dies_does_not_change_the_answer(
    tmp_path: Path, three: Cluster, searches: dict[str, Search]
) -> None:
    with served(tmp_path, *SHARP) as url:
        three.run("submit", *quick(most="60s"), *SLO, url)
        wait_for("load of all", lambda: asked(three)["completed"] > 600)
        three.programs[-1].stop(signal.SIGKILL)
        done = three.run("watch", "--quiet", "--format", "json", "last")
    assert "node_lost" in {event["kind"] for event in done.json["events"]}
    assert {node["name"] for node in done.json["nodes"]} == {"master", "slave-1", "slave-2"}
    assert all(node["sent"] > 0 for node in done.json["nodes"]), done.json["nodes"]
    found = capacity(done)
    check_interval(found, TRUTH)
    assert found["limit"] == "target"


def test_the_capacity_is_found(searches: dict[str, Search]) -> None:
    done = searches["one"].done()
    found = capacity(done)
    assert done.code == 0, done.error
    check_interval(found, TRUTH)
    assert (found["unit"], found["limit"], found["recovers"], found["moved"]) == ("requests/s", "target", True, False)
    assert found["slo"] == "p99 < 50ms"
    assert {trial["state"] for trial in found["trials"]} >= {"holds", "misses"}
    assert all(
        before["to"] <= after["from"] for before, after in zip(found["trials"], found["trials"][1:], strict=False)
    )


@pytest.mark.needs(*SHARES)
def test_a_tenth_of_a_core_is_at_least_and_not_the_capacity(searches: dict[str, Search]) -> None:
    """The target takes any rate; the generator has a tenth of a core."""
    done = searches["weak"].done()
    found = capacity(done)
    assert found["limit"] == "generator", found
    assert found["misses"] is None, found
    assert done.code == 5, done.error
