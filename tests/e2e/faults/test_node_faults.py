"""A slave is slow, is killed, or has another's name, or a clock jumps. The report counts what the target answered."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from pathlib import Path

import pytest

from tests.support.e2e.loads import family
from tests.support.e2e.programs import wait_for
from tests.support.e2e.scene import Scene

pytestmark = pytest.mark.slow


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
        scene.check_complete(report, 1600)
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
    scene.check_complete(report, 500)
    scene.submit("-t", "3", "-c", "3", "-R", "100", "-d", "1s")
    assert sorted(node["name"] for node in scene.finish()["nodes"]) == ["ann", "bob", "late"]
