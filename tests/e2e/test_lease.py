"""No load without a live lease, no load of a fenced node, and nodes that end in good order. Real processes."""

from __future__ import annotations

import json
import os
import signal
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.programs import Cluster, Program, wait_for
from tests.nginx import Nginx

RATE = 200


def target_of(folder: Path) -> tuple[Program, str]:
    target = Program(folder, "target", "target", "--port", "0")
    return target, target.find(r"http://[\d.]+:\d+/")[0]


def count(url: str) -> int:
    """What the target was asked so far."""
    with urllib.request.urlopen(f"{url}_gluten/count") as answer:
        return int(json.load(answer)["requests"])


def pause(seconds: float) -> None:
    until = time.monotonic() + seconds
    wait_for("time to pass", lambda: time.monotonic() >= until, seconds + 5)


def family(pid: int) -> list[int]:
    """The process and all below it."""
    below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(found for child in below for found in family(int(child)))]


def signal_all(pids: list[int], number: int) -> None:
    for pid in pids:
        os.kill(pid, number)


def workers(program: Program) -> list[int]:
    """Of a node that loads."""

    def name(pid: int) -> str:
        return Path(f"/proc/{pid}/comm").read_text().strip()

    return [pid for pid in family(program.process.pid) if name(pid) == "gluten-worker"]


def lone(folder: Path, slaves: int, *master: str) -> Cluster:
    """A master that takes no load, and slaves that do."""
    cluster = Cluster(folder, 0, *master)
    for index in range(1, slaves + 1):
        cluster.add_slave(f"slave-{index}")
    cluster.wait_for_nodes(slaves + 1)
    return cluster


@pytest.mark.slow
def test_a_slave_that_stands_still_stops_loading_when_its_lease_ends(tmp_path: Path) -> None:
    """The slave's process alone is stopped: its engine and workers are not, and have to see to it themselves."""
    target, url = target_of(tmp_path)
    cluster = lone(tmp_path, 1, "--lease", "4s")
    cluster.run("submit", "-t2", "-c4", "-R", str(RATE), "-d", "40s", "--on-loss", "continue", url)
    wait_for("the load", lambda: count(url) > RATE)
    slave = cluster.programs[1].process.pid
    os.kill(slave, signal.SIGSTOP)
    stood = time.monotonic()
    try:
        wait_for("half of the load to end", lambda: rate(url) < 0.75 * RATE, 10)
        assert time.monotonic() - stood < 4 + 3
        pause(max(0.0, 20 - (time.monotonic() - stood)))
    finally:
        os.kill(slave, signal.SIGCONT)
    pause(1.0)
    assert rate(url, 3.0) < 0.75 * RATE
    report = cluster.run("watch", "--format", "json", "last").json
    assert report["state"] == "finished", report["reason"]
    assert [node["name"] for node in report["nodes"] if node["lost"]] == ["slave-1"]
    check(report, 40 * RATE)
    assert count(url) == report["requests"]["sent"]
    assert cluster.stop() == [0, 0]
    target.stop()


@pytest.mark.slow
def test_a_node_that_is_stopped_whole_for_20_s_is_no_zombie_afterwards(tmp_path: Path) -> None:
    target, url = target_of(tmp_path)
    cluster = lone(tmp_path, 1)
    cluster.run("submit", "-t2", "-c4", "-R", str(RATE), "-d", "40s", url)
    wait_for("the load", lambda: count(url) > RATE)
    everybody = family(cluster.programs[1].process.pid)
    signal_all(everybody, signal.SIGSTOP)
    pause(20)
    before, began = count(url), time.monotonic()
    signal_all(everybody, signal.SIGCONT)
    pause(3.0)
    spent = time.monotonic() - began
    # All threads are with the other node by now: a zombie would add half as much again.
    assert count(url) - before <= RATE * spent * 1.1 + 4
    report = cluster.run("watch", "--format", "json", "last").json
    assert report["state"] == "finished", report["reason"]
    check(report, 40 * RATE)
    assert abs(count(url) - report["requests"]["sent"]) <= 4
    assert cluster.stop() == [0, 0]
    target.stop()


def rate(url: str, seconds: float = 1.0) -> float:
    """Requests/s that the target sees now."""
    before, began = count(url), time.monotonic()
    pause(seconds)
    return (count(url) - before) / (time.monotonic() - began)


def check(report: dict[str, Any], planned: int) -> None:
    requests = report["requests"]
    assert requests["planned"] == planned == requests["sent"] + requests["dropped"]
    assert requests["sent"] == requests["completed"] + requests["failed"] + requests["in_flight"]
    assert report["verdict"]["value"] != "valid"


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
def test_a_node_that_is_told_to_stop_drains(tmp_path: Path, who: str) -> None:
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
    assert time.monotonic() - began < 1
    wait_for("its processes to end", lambda: not any(Path(f"/proc/{pid}").exists() for pid in below), 3)
    cluster.master.stop(signal.SIGKILL)
    target.stop()
