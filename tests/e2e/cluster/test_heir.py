"""A slave is killed and started again at once under its name, as a supervisor does: it is let in at once."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.e2e.programs import Cluster


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(tmp_path, 1)
    yield made
    made.stop()


def test_a_killed_slave_that_starts_again_is_never_refused(cluster: Cluster) -> None:
    (before,) = [node["id"] for node in cluster.nodes() if node["name"] == "slave-1"]
    cluster.programs[-1].stop(signal.SIGKILL)
    again = cluster.add_slave("slave-1")
    again.find("joined the master")
    assert "already here" not in again.said
    (after,) = [node["id"] for node in cluster.nodes() if node["name"] == "slave-1"]
    assert after != before
    assert "Traceback" not in again.said + cluster.master.said
