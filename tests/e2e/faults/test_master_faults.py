"""A master is killed and comes back, or not. The report counts what the target answered."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import sqlite3
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.support.e2e.lab import accounted
from tests.support.e2e.programs import Program, bearer, wait_for
from tests.support.e2e.scene import Scene

pytestmark = pytest.mark.slow


def connected(program: Program, port: int) -> bool:
    """Whether the program has a connection to this port."""
    at = Path(f"/proc/{program.process.pid}")
    opened = set()
    for name in os.listdir(at / "fd"):
        with contextlib.suppress(OSError):
            opened.add(os.readlink(at / "fd" / name))
    rows = [row.split() for table in ("tcp", "tcp6") for row in (at / "net" / table).read_text().splitlines()[1:]]
    ends = [row[9] for row in rows if row[2].endswith(f":{port:04X}") and row[3] == "01"]
    return any(f"socket:[{inode}]" in opened for inode in ends)


def stored_state(database: Path) -> str:
    """Of the only run."""
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as opened:
        return str(opened.execute("select state from gluten_run").fetchone()[0])


class Reader(threading.Thread):
    """Reads a run's event stream like a browser's EventSource. When it breaks, it reads on from the last id."""

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
    """It is away for 11 s, and the slaves are back before their leases of 15 s end. Who watches the run, by the command
    or by the page's event stream, misses nothing."""
    scene.submit("-t", "2", "-c", "8", "-R", "200", "-d", "24s")
    stream = f"http://127.0.0.1:{scene.ports[0]}/api/v1/runs/last/events"
    reader, watch = Reader(stream, bearer(scene.folder)), scene.watch()
    wait_for("the stream", lambda: reader.rows)
    wait_for("watch to be connected", lambda: connected(watch, scene.ports[1]))
    before = scene.run()["completed"]
    wait_for("another second", lambda: scene.run()["completed"] > before + 200)
    scene.master.process.kill()
    scene.master.process.wait()
    time.sleep(11)  # the fault itself: so long there is no master
    scene.start_master()
    report = scene.finish()
    assert (report["state"], report["reason"]) == ("finished", "")
    assert "resumed" in scene.kinds(report)
    scene.check_complete(report, 24 * 200)
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
            slave.find("received nothing from the master .*, so it stopped its load")
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


def test_numbers_that_a_node_has_kept_for_a_run_that_is_over_reach_the_next_master(tmp_path: Path) -> None:
    """bob stands still from the middle of the run on, the others' end of it is the run's. Then the master is killed."""
    scene = Scene(tmp_path, "--lease", "4s")
    try:
        scene.submit("-t", "2", "-c", "8", "-R", "200", "-d", "14s", "--on-loss", "continue")
        wait_for("load", lambda: scene.run()["completed"] > 300)
        scene.slaves[1].process.send_signal(signal.SIGSTOP)
        before = scene.finish()["requests"]
        wait_for("the report to be stored", lambda: stored_state(tmp_path / "m" / "gluten.db") == "finished")
        scene.master.process.kill()
        scene.master.process.wait()
        answered = scene.answered()
        assert before["sent"] < answered, "bob's load went on for the length of its lease"
        scene.start_master()
        scene.slaves[1].process.send_signal(signal.SIGCONT)

        def report() -> dict[str, Any]:
            found: dict[str, Any] = scene.get("runs/last/report")
            return found

        wait_for("the late numbers", lambda: accounted(report()["requests"], answered))
        wait_for("two slaves", lambda: scene.alive() == ["ann", "bob"])
        assert scene.answered() == answered, "no load after the end"
        after = scene.finish()
        said = [event["text"] for event in after["events"] if event["kind"] == "late_numbers"]
        told = [int(re.fullmatch(r"late counts of bob arrived: (\d+) requests", text)[1]) for text in said]  # type: ignore[index]
        assert sum(told) == after["requests"]["sent"] - before["sent"]
    finally:
        scene.slaves[1].process.send_signal(signal.SIGCONT)
        scene.stop()
