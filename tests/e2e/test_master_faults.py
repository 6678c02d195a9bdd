"""Faults at the master's side, with real processes: the report counts what the target answered."""

from __future__ import annotations

import json
import signal
import socket
import sqlite3
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.programs import Program, gluten, wait_for
from tests.postgres import running

pytestmark = pytest.mark.slow


class Scene:
    """A target, a master without load at fixed ports, and two slaves."""

    def __init__(self, folder: Path, *master: str) -> None:
        self.folder, self.options = folder, master
        self.programs: list[Program] = []
        self.ports = [free_port(), free_port()]
        target = self._start("target", "target", "--port", "0", "--delay", "5ms")
        self.url = target.find(r"http://127\.0\.0\.1:\d+/")[0]
        self.master = self.start_master()
        self.slaves = [self.start_slave(name) for name in ("ann", "bob")]
        wait_for("two slaves", lambda: self.alive() == ["ann", "bob"])

    def start_master(self) -> Program:
        web, rpc = map(str, self.ports)
        master = self._start(
            f"master-{len(self.programs)}", "--master-mode", "--no-load", "--name", "boss", "--web-port", web,
            "--rpc-port", rpc, "--bind", "127.0.0.1", "--data", str(self.folder / "m"), *self.options,
        )  # fmt: skip
        master.find("web page")
        return master

    def start_slave(self, name: str, *more: str) -> Program:
        where = self.folder / f"s{len(self.programs)}"
        return self._start(
            f"slave-{name}-{len(self.programs)}", "--slave-mode", "--master", f"127.0.0.1:{self.ports[1]}",
            "--rpc-port", "--bind", "127.0.0.1", "--name", name, "--data", str(where), *more,
        )  # fmt: skip

    def _start(self, name: str, *arguments: str) -> Program:
        self.programs.append(Program(self.folder, name, *arguments))
        return self.programs[-1]

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[0]}/api/v1/{path}", timeout=5) as answer:
            return json.load(answer)

    def alive(self) -> list[str]:
        return sorted(node["name"] for node in self.get("nodes")["nodes"] if node["state"] == "alive")

    def submit(self, *load: str) -> None:
        done = gluten(self.folder, "submit", *load, self.url, GLUTEN_MASTER=f"127.0.0.1:{self.ports[1]}")
        assert done.code == 0, done.error

    def run(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = self.get("runs/last")
        except OSError:  # there is no master now
            return {"state": "", "completed": 0}
        return found

    def answered(self) -> int:
        with urllib.request.urlopen(f"{self.url}_gluten/count", timeout=5) as answer:
            return int(json.load(answer)["requests"])

    def finish(self) -> dict[str, Any]:
        """The report of the run, once it is over."""
        wait_for("the run's end", lambda: self.run()["state"] in ("finished", "stopped", "failed"))
        report: dict[str, Any] = self.get("runs/last/report")
        requests = report["requests"]
        assert requests["sent"] == requests["completed"] + requests["failed"] + requests["in_flight"]
        if requests["planned"] is not None:
            assert requests["planned"] == requests["sent"] + requests["dropped"]
        return report

    def kinds(self, report: dict[str, Any]) -> list[str]:
        return [event["kind"] for event in report["events"]]

    def stop(self) -> None:
        for program in reversed(self.programs):
            program.stop(signal.SIGTERM)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path)
    yield made
    made.stop()


def test_a_killed_master_takes_its_run_up_again_and_counts_every_request(scene: Scene) -> None:
    scene.submit("-t", "2", "-c", "8", "-R", "200", "-d", "12s")
    wait_for("load", lambda: scene.run()["completed"] > 300)
    scene.master.process.kill()
    scene.master.process.wait()
    time.sleep(4)  # the fault itself: so long there is no master
    scene.start_master()
    report = scene.finish()
    assert (report["state"], report["reason"]) == ("finished", "")
    assert "resumed" in scene.kinds(report)
    assert report["requests"]["completed"] == scene.answered() == 2400
    assert [node["lost"] for node in report["nodes"]] == [False, False]


def test_a_locked_database_loses_nothing(scene: Scene) -> None:
    scene.submit("-t", "2", "-c", "8", "-R", "200", "-d", "10s")
    wait_for("load", lambda: scene.run()["completed"] > 200)
    lock = sqlite3.connect(scene.folder / "m" / "gluten.db", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    time.sleep(7)  # the fault itself
    lock.rollback()
    lock.close()
    report = scene.finish()
    assert report["state"] == "finished"
    assert report["requests"]["completed"] == scene.answered() == 2000


def test_a_stopped_postgres_loses_nothing_and_is_said(tmp_path: Path) -> None:
    with running() as server:
        scene = Scene(tmp_path, "--db", server.create_database())
        try:
            scene.submit("-t", "2", "-c", "8", "-R", "200", "-d", "14s")
            wait_for("load", lambda: scene.run()["completed"] > 200)
            server.stop()
            time.sleep(9)  # the fault itself
            said = scene.get("overview")["notice"]
            server.start()
            report = scene.finish()
            assert "database" in said
            assert report["state"] == "finished"
            assert report["requests"]["completed"] == scene.answered() == 2800
            wait_for("no notice", lambda: scene.get("overview")["notice"] == "")
        finally:
            scene.stop()


def test_a_killed_slave_s_share_moves_and_a_number_of_requests_stays_exact(scene: Scene) -> None:
    """A killed slave's last second may have been answered without being told of: the target has seen at most so
    many more, and nothing that was told is sent again."""
    scene.submit("-t", "2", "-c", "4", "-n", "6000")
    wait_for("load", lambda: scene.run()["completed"] > 600)
    scene.slaves[1].process.kill()
    report = scene.finish()
    assert report["state"] == "finished"
    assert "rebalanced" in scene.kinds(report)
    assert report["requests"]["sent"] == 6000
    assert scene.answered() >= report["requests"]["completed"] >= 6000 - report["requests"]["in_flight"]
    assert report["verdict"]["value"] == "suspect"


def test_a_second_node_of_a_name_is_refused_and_a_late_one_waits_for_the_next_run(scene: Scene) -> None:
    scene.submit("-t", "2", "-c", "4", "-R", "100", "-d", "5s")
    wait_for("load", lambda: scene.run()["completed"] > 50)
    twin = scene.start_slave("ann")
    twin.find("node ann: a node of this name is already here")
    scene.start_slave("late")
    wait_for("the late one", lambda: "late" in scene.alive())
    report = scene.finish()
    assert sorted(node["name"] for node in report["nodes"]) == ["ann", "bob"]
    assert report["requests"]["completed"] == scene.answered() == 500
    scene.submit("-t", "3", "-c", "3", "-R", "100", "-d", "1s")
    assert sorted(node["name"] for node in scene.finish()["nodes"]) == ["ann", "bob", "late"]
