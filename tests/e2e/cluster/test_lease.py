"""No load without a live lease, and no load of a fenced node. Real processes."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tests.support.e2e.loads import RATE, check, count, family, lone, pause, rate, signal_all, target_of
from tests.support.e2e.programs import wait_for


@pytest.mark.slow
def test_a_slave_that_stands_still_stops_loading_when_its_lease_ends(tmp_path: Path) -> None:
    """Only the slave's process is stopped. Its engine and workers go on, and must end the load themselves."""
    target, url = target_of(tmp_path)
    cluster = lone(tmp_path, 1, "--lease", "4s")
    cluster.run("submit", "-t2", "-c4", "-R", str(RATE), "-d", "24s", "--on-loss", "continue", url)
    wait_for("the load", lambda: count(url) > RATE)
    slave = cluster.programs[1].process.pid
    os.kill(slave, signal.SIGSTOP)
    stood = time.monotonic()
    try:
        wait_for("half of the load to end", lambda: rate(url) < 0.75 * RATE, 10)
        assert time.monotonic() - stood < 4 + 3
        pause(max(0.0, 12 - (time.monotonic() - stood)))
    finally:
        os.kill(slave, signal.SIGCONT)
    pause(1.0)
    assert rate(url, 3.0) < 0.75 * RATE
    report = cluster.run("watch", "--format", "json", "last").json
    assert report["state"] == "finished", report["reason"]
    assert [node["name"] for node in report["nodes"] if node["lost"]] == ["slave-1"]
    check(report, 24 * RATE)
    assert count(url) == report["requests"]["sent"]
    assert cluster.stop() == [0, 0]
    target.stop()


@pytest.mark.slow
def test_a_node_whose_processes_are_all_stopped_for_long_makes_no_load_afterwards(tmp_path: Path) -> None:
    target, url = target_of(tmp_path)
    cluster = lone(tmp_path, 1, "--lease", "4s")
    cluster.run("submit", "-t2", "-c4", "-R", str(RATE), "-d", "24s", url)
    wait_for("the load", lambda: count(url) > RATE)
    everybody = family(cluster.programs[1].process.pid)
    signal_all(everybody, signal.SIGSTOP)
    pause(14)  # so long that it counts as lost, and its lease has ended
    before, began = count(url), time.monotonic()
    signal_all(everybody, signal.SIGCONT)
    pause(3.0)
    spent = time.monotonic() - began
    # All threads are with the other node by now: a zombie would add half as much again.
    assert count(url) - before <= RATE * spent * 1.1 + 4
    report = cluster.run("watch", "--format", "json", "last").json
    assert report["state"] == "finished", report["reason"]
    check(report, 24 * RATE)
    assert abs(count(url) - report["requests"]["sent"]) <= 4
    assert cluster.stop() == [0, 0]
    target.stop()
