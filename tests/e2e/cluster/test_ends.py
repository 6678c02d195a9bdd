"""Nodes that get a stop signal end in good order. A killed worker is reported. Real processes."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tests.support.e2e.loads import RATE, check, count, family, lone, pause, signal_all, workers
from tests.support.e2e.programs import Program, wait_for
from tests.support.nginx import Nginx


def test_a_killed_worker_is_an_event_of_the_run_and_makes_it_suspect(tmp_path: Path, nginx: Nginx) -> None:
    cluster = lone(tmp_path, 1)
    cluster.run("submit", "-t4", "-c8", "-R", str(RATE), "-d", "8s", nginx.url)
    wait_for("the load", lambda: len(nginx.log(0)) > RATE)
    os.kill(workers(cluster.programs[1])[0], signal.SIGKILL)
    report = cluster.run("watch", "--format", "json", "last").json
    assert report["state"] == "finished", report["reason"]
    assert [event["node"] for event in report["events"] if event["kind"] == "worker_lost"] == ["slave-1"]
    check(report, 8 * RATE)
    assert report["verdict"]["value"] == "suspect", report["verdict"]
    assert cluster.stop() == [0, 0]


@pytest.mark.parametrize("who", ["slave", "master"])
def test_a_node_that_gets_a_stop_signal_drains(tmp_path: Path, who: str) -> None:
    target = Program(tmp_path, "target", "target", "--port", "0", "--delay", "300ms")
    url = target.find(r"http://[\d.]+:\d+/")[0]
    cluster = lone(tmp_path, 1)
    cluster.run("submit", "-t2", "-c4", "-d", "20s", "--on-loss", "continue", url)
    wait_for("the load", lambda: count(url) > 20)
    began = time.monotonic()
    ended = cluster.programs[1] if who == "slave" else cluster.master
    assert ended.stop() == 0
    assert time.monotonic() - began < 10
    if who == "slave":
        assert cluster.run("stop", "last").code == 0
        report = cluster.run("watch", "--format", "json", "last").json
        requests = report["requests"]
        assert requests["sent"] == count(url)
        assert requests["in_flight"] == 0
        assert requests["sent"] == requests["completed"]
        assert cluster.master.stop() == 0
    else:
        assert "stopped by the end of the master" in ended.said
        assert cluster.programs[1].stop() == 0
    target.stop()


def test_a_second_signal_ends_at_once(tmp_path: Path) -> None:
    target = Program(tmp_path, "target", "target", "--port", "0", "--delay", "30s")
    url = target.find(r"http://[\d.]+:\d+/")[0]
    cluster = lone(tmp_path, 1)
    cluster.run("submit", "-t2", "-c4", "-d", "60s", "-T", "40s", url)
    wait_for("the load", lambda: cluster.programs[1].process.poll() is None and count(url) >= 4)
    slave, below = cluster.programs[1], family(cluster.programs[1].process.pid)[1:]
    slave.process.send_signal(signal.SIGTERM)
    pause(0.5)
    assert slave.process.poll() is None
    began = time.monotonic()
    assert slave.stop() == 130
    assert time.monotonic() - began < 10, "it does not wait for the answers"
    wait_for("its processes to end", lambda: not any(Path(f"/proc/{pid}").exists() for pid in below), 3)
    cluster.master.stop(signal.SIGKILL)
    target.stop()


@pytest.mark.parametrize("rate", [("-R", "200"), ()], ids=["rate", "closed"])
def test_a_run_whose_generator_stood_still_is_not_valid(tmp_path: Path, rate: tuple[str, ...]) -> None:
    """All its processes are stopped, as when a host takes the CPU away. The requests that become due meanwhile wait."""
    target = Program(tmp_path, "target", "target", "--port", "0")
    url = target.find(r"http://[\d.]+:\d+/")[0]
    run = Program(tmp_path, "run", "run", "--quiet", "-t2", "-c4", "-d", "3s", *rate, url)
    wait_for("the load", lambda: count(url) > 20)
    pids = family(run.process.pid)
    signal_all(pids, signal.SIGSTOP)
    pause(0.8)
    signal_all(pids, signal.SIGCONT)
    run.process.wait(30)
    assert "Verdict: suspect" in run.said, run.said
    target.stop()
