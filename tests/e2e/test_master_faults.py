"""Faults at the master's side, with real processes: the report counts what the target answered."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import sqlite3
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.programs import Program, bearer, get_json, gluten, key_below, wait_for
from tests.e2e.test_lease import family
from tests.postgres import running
from tests.webui.browser import Browser, chromium

pytestmark = pytest.mark.slow


class Scene:
    """A target, a master without load at fixed ports, and two slaves."""

    def __init__(self, folder: Path, *master: str, jumpy: str = "") -> None:
        """`jumpy` is the node whose wall clock will jump: boss, ann or bob."""
        self.folder, self.options, self.jumpy = folder, master, jumpy
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
            "--rpc-port", rpc, "--bind", "127.0.0.1", "--data", str(self.folder / "m"), *self.options, node="boss",
        )  # fmt: skip
        master.find("web page")
        return master

    def start_slave(self, name: str, *more: str) -> Program:
        where = self.folder / f"s{len(self.programs)}"
        return self._start(
            f"slave-{name}-{len(self.programs)}", "--slave-mode", "--master", f"127.0.0.1:{self.ports[1]}",
            "--rpc-port", "--bind", "127.0.0.1", "--name", name, "--data", str(where), *more, node=name,
        )  # fmt: skip

    def _start(self, name: str, *arguments: str, node: str = "target") -> Program:
        module = "tests.e2e.jump" if node == self.jumpy else "gluten"
        self.programs.append(Program(self.folder, name, *arguments, module=module))
        return self.programs[-1]

    def watch(self) -> Program:
        """`watch` of the last run, for a program."""
        master = f"127.0.0.1:{self.ports[1]}"
        return self._start("watch", "watch", "--quiet", "--master", master, "--format", "json", "last")

    def get(self, path: str) -> Any:
        return get_json(f"http://127.0.0.1:{self.ports[0]}/api/v1/{path}", self.folder)

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


@contextlib.contextmanager
def small_disk(mounted: Path, size: str) -> Iterator[Path]:
    """A real file system with little room."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a tmpfs")
    mounted.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(mounted)], check=False).returncode:
        pytest.skip("no tmpfs can be mounted here")
    try:
        yield mounted
    finally:
        subprocess.run(["umount", "-l", str(mounted)], check=True)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path)
    yield made
    made.stop()


def connected(program: Program, port: int) -> bool:
    """The program has a connection to this port."""
    at = Path(f"/proc/{program.process.pid}")
    opened = set()
    for name in os.listdir(at / "fd"):
        with contextlib.suppress(OSError):
            opened.add(os.readlink(at / "fd" / name))
    rows = [row.split() for table in ("tcp", "tcp6") for row in (at / "net" / table).read_text().splitlines()[1:]]
    ends = [row[9] for row in rows if row[2].endswith(f":{port:04X}") and row[3] == "01"]
    return any(f"socket:[{inode}]" in opened for inode in ends)


class Reader(threading.Thread):
    """Reads a run's event stream as a browser's EventSource does: when it breaks, again from the last id on."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        super().__init__(daemon=True)
        self.headers = headers
        self.url, self.last, self.breaks, self.final = url, "", 0, False
        self.rows: dict[int, dict[str, Any]] = {}
        self.events: list[tuple[str, str]] = []
        self.start()

    def run(self) -> None:
        while not self.final:
            with contextlib.suppress(OSError, http.client.HTTPException):
                asked = urllib.request.Request(self.url, headers=self.headers | {"Last-Event-ID": self.last})
                with urllib.request.urlopen(asked, timeout=30) as answer:
                    self._read(answer)
            if not self.final:
                self.breaks += 1
                time.sleep(0.2)

    def _read(self, lines: Any) -> None:
        seen = ""
        for line in lines:
            name, _, value = line.decode().rstrip().partition(": ")
            if name == "id":
                seen = value
            elif name == "data":
                self._take(json.loads(value))
                self.last = seen or self.last

    def _take(self, update: dict[str, Any]) -> None:
        self.rows |= {row["second"]: row for row in update["rows"]}
        self.events += [(event["kind"], event["at"]) for event in update["events"]]
        self.final = update["final"]


def test_a_killed_master_takes_its_run_up_again_and_counts_every_request(scene: Scene) -> None:
    """It is away for 10 s. Who watches the run, by the command or by the page's event stream, misses nothing."""
    scene.submit("-t", "2", "-c", "8", "-R", "200", "-d", "24s")
    stream = f"http://127.0.0.1:{scene.ports[0]}/api/v1/runs/last/events"
    reader, watch = Reader(stream, bearer(scene.folder)), scene.watch()
    wait_for("the stream", lambda: reader.rows)
    wait_for("watch to be connected", lambda: connected(watch, scene.ports[1]))
    before = scene.run()["completed"]
    wait_for("another second", lambda: scene.run()["completed"] > before + 200)
    scene.master.process.kill()
    scene.master.process.wait()
    time.sleep(10)  # the fault itself: so long there is no master
    scene.start_master()
    report = scene.finish()
    assert (report["state"], report["reason"]) == ("finished", "")
    assert "resumed" in scene.kinds(report)
    assert report["requests"]["completed"] == scene.answered() == 24 * 200
    assert [node["lost"] for node in report["nodes"]] == [False, False]
    assert watch.process.wait(20) == 0, watch.said
    assert json.loads(watch.said)["requests"] == report["requests"]
    wait_for("the stream's end", lambda: reader.final)
    assert reader.breaks >= 1
    completed = {second: row["completed"] for second, row in reader.rows.items()}
    assert completed == {row["second"]: row["completed"] for row in report["seconds"]}
    assert {event["kind"] for event in report["events"]} <= {kind for kind, _ in reader.events}


def test_when_the_master_is_gone_for_good_its_slaves_stop_loading_and_keep_what_they_counted(tmp_path: Path) -> None:
    scene = Scene(tmp_path, "--lease", "4s")
    try:
        scene.submit("-t", "2", "-c", "8", "-R", "200", "-d", "60s")
        wait_for("load", lambda: scene.run()["completed"] > 300)
        scene.master.process.kill()
        gone = time.monotonic()
        for slave in scene.slaves:
            slave.find("heard nothing from the master .*, so it stopped its load")
        assert time.monotonic() - gone < 4 + 2
        ended = scene.answered()
        time.sleep(2)  # what is asked for: that nothing happens
        assert scene.answered() == ended
        for slave in scene.slaves:
            assert slave.stop() == 0
        assert all(list((tmp_path / f"s{at}" / "spool").glob("*/*")) for at in (2, 3)), "their counts are on the disk"
        assert all(slave.said.count("Traceback") == 0 for slave in scene.slaves)
    finally:
        scene.stop()


@pytest.mark.parametrize("who", ["boss", "ann"])
def test_a_wall_clock_that_jumps_by_an_hour_changes_nothing(tmp_path: Path, who: str) -> None:
    """The clock is put in place of the real one in that node's real process: see `jump`."""
    scene = Scene(tmp_path, jumpy=who)
    try:
        scene.submit("-t", "2", "-c", "8", "-R", "200", "-d", "8s")
        wait_for("load", lambda: scene.run()["completed"] > 300)
        (tmp_path / "jump").touch()
        report = scene.finish()
        assert report["state"] == "finished"
        assert all(node["gaps"] == 0 for node in report["nodes"])
        assert report["requests"]["completed"] == scene.answered() == 1600
        load, tail = report["seconds"][:8], report["seconds"][8:]
        assert [row["second"] for row in load] == list(range(8))
        # What was sent in the last second may be answered after it: a row of its own, which is never an empty one.
        assert [row["second"] for row in tail] in ([], [8])
        assert all(row["completed"] > 0 for row in tail)
        assert not {"node_lost", "silent", "late"} & set(scene.kinds(report))
    finally:
        scene.stop()


class Throttle(threading.Thread):
    """Lets processes run for a tenth of the time: 10 of each 100 ms."""

    def __init__(self, pids: list[int]) -> None:
        super().__init__(daemon=True)
        self._pids, self._over = pids, threading.Event()
        self.start()

    def run(self) -> None:
        while not self._over.wait(0.01):
            self._all(signal.SIGSTOP)
            self._over.wait(0.09)
            self._all(signal.SIGCONT)

    def _all(self, number: int) -> None:
        for pid in self._pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def end(self) -> None:
        self._over.set()
        self.join()
        self._all(signal.SIGCONT)


def test_a_slave_with_a_tenth_of_the_cpu_is_not_lost_and_is_said(scene: Scene) -> None:
    scene.submit("-t", "2", "-c", "8", "-R", "1000", "-d", "10s")
    wait_for("load", lambda: scene.run()["completed"] > 500)
    throttle = Throttle(family(scene.slaves[0].process.pid))
    try:
        report = scene.finish()
    finally:
        throttle.end()
    assert report["state"] == "finished"
    assert not {"node_lost", "silent"} & set(scene.kinds(report))
    assert report["requests"]["completed"] + report["requests"]["in_flight"] == scene.answered()
    assert report["verdict"]["value"] != "valid"
    assert any("could not be sent" in reason or "late" in reason for reason in report["verdict"]["reasons"])
    sent = {node["name"]: node["sent"] for node in report["nodes"]}
    assert sent["ann"] < 0.9 * sent["bob"]


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
            scene.submit("-t", "2", "-c", "8", "-R", "200", "-d", "38s")
            wait_for("load", lambda: scene.run()["completed"] > 200)
            with chromium() as browser:
                browser.log_in(f"http://127.0.0.1:{scene.ports[0]}", key_below(tmp_path).text)
                browser.open(f"http://127.0.0.1:{scene.ports[0]}/runs/{scene.run()['id']}")
                browser.wait(lambda: browser.part("state"))
                assert not banner(browser)
                server.stop()
                stopped = time.monotonic()
                browser.wait(lambda: "database" in banner(browser))
                time.sleep(max(0.0, stopped + 30 - time.monotonic()))  # the fault itself
                assert "nothing is lost" in banner(browser)
                assert scene.run()["completed"] > 200 * 25, "the run goes on meanwhile"
                server.start()
                browser.wait(lambda: not banner(browser))
            report = scene.finish()
            assert report["state"] == "finished"
            assert report["requests"]["completed"] == scene.answered() == 38 * 200
            assert all(node["gaps"] == 0 for node in report["nodes"])
            wait_for("no notice", lambda: scene.get("overview")["notice"] == "")
        finally:
            scene.stop()


def banner(browser: Browser) -> str:
    """What the run's page says of its state; empty while it shows nothing."""
    part = browser.part("state")
    return part.text if part.is_displayed() else ""


def test_a_full_disk_at_the_master_loses_nothing(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "6m") as disk:
        scene = Scene(tmp_path, "--db", f"sqlite:///{disk}/gluten.db")
        try:
            scene.submit("-t", "2", "-c", "8", "-R", "200", "-d", "14s")
            wait_for("load", lambda: scene.run()["completed"] > 200)
            with (disk / "ballast").open("wb", buffering=0) as ballast, contextlib.suppress(OSError):
                while ballast.write(bytes(4096)) == 4096:
                    pass
            said = wait_for("the notice", lambda: scene.get("overview")["notice"])
            time.sleep(5)  # the fault itself
            (disk / "ballast").unlink()
            report = scene.finish()
            assert "full" in said
            assert report["state"] == "finished"
            assert report["requests"]["completed"] == scene.answered() == 14 * 200
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
