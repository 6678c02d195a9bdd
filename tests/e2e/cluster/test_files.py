"""A feed of 50 MB with real programs: to the master once, to each node once, and nothing else is late."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.e2e.programs import Cluster, Program, get_json, wait_for

pytestmark = pytest.mark.slow

ROWS, WIDTH = 500_000, 100
WORKLOAD = """
url = "{url}"
[load]
rate = "200"
duration = "3s"
[[feed]]
name = "user"
file = "users.csv"
pick = "unique"
secret = {secret}
[request.view]
get = "/?user={{{{user.name}}}}"
"""


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(tmp_path)
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    target = Program(tmp_path, "target", "target", "--port", "0")
    try:
        yield target.find(r"http://127\.0\.0\.1:\d+/")[0]
    finally:
        target.stop()


def write_feed(folder: Path) -> str:
    """The feed's SHA-256."""
    with (folder / "users.csv").open("wb") as file:
        file.write(b"name,filler\n")
        for number in range(ROWS):
            name = b"user%d," % number
            file.write(name + b"x" * (WIDTH - 1 - len(name)) + b"\n")
    return hashlib.sha256((folder / "users.csv").read_bytes()).hexdigest()


def stored(folder: Path, sha: str) -> dict[str, list[str]]:
    """The files of each node, by the name of its folder."""
    found = {}
    for data in sorted(folder.glob("*-data")):
        files = data / "files"
        found[data.name] = sorted(os.listdir(files)) if files.exists() else []
    return found


class Pulse:
    """Watches how long ago the master heard from its slaves, while something else goes on."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster, self._ended = cluster, threading.Event()
        self.states: set[str] = set()
        self.longest = 0.0
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Pulse:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(0.1):
            began = time.monotonic()
            nodes = get_json(f"http://{self._cluster.web}/api/v1/nodes", self._cluster.folder / "master-data")["nodes"]
            self.longest = max(self.longest, time.monotonic() - began)
            self.states |= {node["state"] for node in nodes}


def test_a_large_feed_is_at_each_node_once_and_heartbeats_are_in_time(
    cluster: Cluster, url: str, tmp_path: Path
) -> None:
    sha = write_feed(tmp_path)
    (tmp_path / "shop.toml").write_text(WORKLOAD.format(url=url, secret="false"))
    with Pulse(cluster) as pulse:
        first = cluster.run("submit", "--watch", "--format", "json", "shop.toml")
    assert first.code in (0, 5), first.error
    report = json.loads(first.out)
    assert report["state"] == "finished"
    assert report["requests"]["failed"] == 0
    assert report["task"]["rows"] == {"user": ROWS}
    assert [len(node["name"]) > 0 for node in report["nodes"]] == [True] * 3
    assert stored(tmp_path, sha) == {"master-data": [sha], "slave-1-data": [sha], "slave-2-data": [sha]}
    for name in ("master", "slave-1", "slave-2"):
        assert hashlib.sha256((tmp_path / f"{name}-data/files/{sha}").read_bytes()).hexdigest() == sha
    assert pulse.states == {"alive"}
    assert "preparing" in [event["kind"] for event in report["events"]]

    before = os.stat(tmp_path / f"slave-1-data/files/{sha}").st_ino
    again = cluster.run("submit", "--watch", "--format", "json", "shop.toml")
    assert again.code in (0, 5), again.error
    assert "sends users.csv" not in again.error
    assert os.stat(tmp_path / f"slave-1-data/files/{sha}").st_ino == before


def test_a_secret_feed_leaves_no_trace(cluster: Cluster, url: str, tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text("name\n" + "".join(f"CANARY-{n}\n" for n in range(5_000)))
    (tmp_path / "shop.toml").write_text(WORKLOAD.format(url=url, secret="true"))
    done = cluster.run("submit", "--watch", "--format", "json", "shop.toml")
    assert done.code in (0, 5), done.error
    assert json.loads(done.out)["requests"]["completed"] > 0
    wait_for("the files to go", lambda: not any(stored(tmp_path, "").values()))
    for path in tmp_path.rglob("*-data/**/*"):
        assert not path.is_file() or b"CANARY" not in path.read_bytes(), path
    assert "CANARY" not in done.out + done.error + "".join(program.said for program in cluster.programs)
