"""What tests of a load's end look at: the target's count, and the processes of a node."""

from __future__ import annotations

import json
import os
import time
import urllib.request
from pathlib import Path
from typing import Any

from tests.support.e2e.programs import Cluster, Program, wait_for

RATE = 200


def target_of(folder: Path) -> tuple[Program, str]:
    target = Program(folder, "target", "target", "--port", "0")
    return target, target.find(r"http://[\d.]+:\d+/")[0]


def count(url: str) -> int:
    """How many requests the target has received so far."""
    with urllib.request.urlopen(f"{url}_gluten/count") as answer:
        return int(json.load(answer)["requests"])


def pause(seconds: float) -> None:
    until = time.monotonic() + seconds
    wait_for("time to pass", lambda: time.monotonic() >= until, seconds + 5)


def family(pid: int) -> list[int]:
    """The process and its descendants."""
    below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(found for child in below for found in family(int(child)))]


def signal_all(pids: list[int], number: int) -> None:
    for pid in pids:
        os.kill(pid, number)


def workers(program: Program) -> list[int]:
    """The worker processes of a node that makes load."""

    def name(pid: int) -> str:
        return Path(f"/proc/{pid}/comm").read_text().strip()

    return [pid for pid in family(program.process.pid) if name(pid) == "gluten-worker"]


def lone(folder: Path, slaves: int, *master: str) -> Cluster:
    """A master that makes no load, and slaves that do."""
    cluster = Cluster(folder, 0, *master)
    for index in range(1, slaves + 1):
        cluster.add_slave(f"slave-{index}")
    cluster.wait_for_nodes(slaves + 1)
    return cluster


def rate(url: str, seconds: float = 1.0) -> float:
    """The requests/s that the target receives now."""
    before, began = count(url), time.monotonic()
    pause(seconds)
    return (count(url) - before) / (time.monotonic() - began)


def check(report: dict[str, Any], planned: int) -> None:
    requests = report["requests"]
    assert requests["planned"] == planned == requests["sent"] + requests["dropped"]
    assert requests["sent"] == requests["completed"] + requests["failed"] + requests["in_flight"]
    assert report["verdict"]["value"] != "valid"
