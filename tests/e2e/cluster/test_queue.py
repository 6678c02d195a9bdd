"""A task is queued, and the last node of a real cluster is killed: whoever watches is told, and it fails in the end."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.e2e.programs import Cluster, Program, gluten, wait_for


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    no_node = -1  # a master that does not load is none
    made = Cluster(tmp_path, no_node, "--no-load", "--lease", "3s", "--queue-timeout", "7s")
    yield made
    made.stop()


def test_a_queued_task_whose_last_node_is_gone_says_so_and_fails(cluster: Cluster, tmp_path: Path) -> None:
    target = Program(tmp_path, "target", "target", "--port", "0")
    url = target.find(r"http://\S+")[0]
    slave = cluster.add_slave("only")
    wait_for("the slave", lambda: any(node["state"] == "alive" for node in cluster.nodes()))
    for _ in range(2):
        assert cluster.run("submit", "-t1", "-c1", "-R10", "-d60s", url).code == 0
    slave.stop(signal.SIGKILL)
    watched = cluster.run("watch", "2")
    assert watched.code == 1
    assert ": no node takes part in load: it begins when one joins\n" in watched.error
    assert "run 2 failed: no node took part in load for 7s: start a slave, and send the task again" in watched.error
    assert "Traceback" not in watched.error + cluster.master.said
    assert cluster.run("submit", url).error.endswith("start a slave, or the master without --no-load\n")
    target.stop()


def test_a_limit_that_is_no_time_is_refused(tmp_path: Path) -> None:
    done = gluten(tmp_path, "--master-mode", "--queue-timeout", "soon")
    assert (done.code, done.is_one_line()) == (2, True)
    assert done.error.startswith("gluten: --queue-timeout: 'soon' is not ")
