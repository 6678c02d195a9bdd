"""What a slave counted reaches the store, whichever process was killed in between. Real processes, disks and nginx."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gluten.net.bus.messages import PROTOCOL
from gluten.stats.delta import Delta
from gluten.store.database_url import sqlite_url
from gluten.store.delta_bodies import delta_of
from gluten.store.files.spools import open_spools
from gluten.store.store import Store
from tests.support.e2e.programs import Program, get_json, gluten, wait_for
from tests.support.needs import require
from tests.support.nginx import Nginx
from tests.support.ports import free_port

RATE = 100


class Scene:
    """A master without load at a fixed port, and slaves that may be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs: list[Program] = []
        self.ports = [free_port(), free_port()]
        self.master = self.start_master()

    def start_master(self) -> Program:
        web, rpc = map(str, self.ports)
        master = self._start(
            *f"--master-mode --no-load --name boss --web-port {web} --rpc-port {rpc}".split(),
            *("--data", str(self.folder / "m")),
        )
        master.find("web page")
        return master

    def start_slave(self, *more: str, data: Path | None = None) -> Program:
        at = f"127.0.0.1:{self.ports[1]}"
        where = str(data or self.folder / "s")
        slave = self._start("--slave-mode", "--master", at, "--rpc-port", "--data", where, *more)
        slave.find("own state at")
        return slave

    def _start(self, *arguments: str) -> Program:
        program = Program(self.folder, f"program-{len(self.programs)}", *arguments, "--bind", "127.0.0.1")
        self.programs.append(program)
        return program

    def ask(self, *arguments: str) -> Any:
        done = gluten(self.folder, *arguments, GLUTEN_MASTER=f"127.0.0.1:{self.ports[1]}")
        assert done.code in (0, 1, 5), done.error
        return done

    def nodes(self) -> list[str]:
        listed = self.ask("nodes", "--format", "json").json["nodes"]
        return [node["name"] for node in listed if node["state"] == "alive" and node["load"]]

    def states(self) -> dict[str, str]:
        """The numbers of all nodes, also of those that have left."""
        return {node["name"]: node["state"] for node in self.ask("nodes", "--format", "json").json["nodes"]}

    def begin(self, nginx: Nginx, seconds: int) -> None:
        """A run that has made some seconds of load."""
        wait_for("the slave", self.nodes)
        self.ask("submit", "-t", "1", "-c", "4", "-R", str(RATE), "-d", f"{seconds}s", nginx.url)
        wait_for("two seconds of load", lambda: len(nginx.log(2 * RATE)) >= 2 * RATE)

    def stored(self) -> dict[tuple[str, int, int], Delta]:
        """(node, epoch, number) of each committed delta of the only run."""
        store = Store.open(sqlite_url(self.folder / "m" / "gluten.db"))
        try:
            kept = store.deltas(store.run("last").id)
            return {(one.node, one.epoch, one.number): delta_of(one) for one in kept}
        finally:
            store.close()


def state(slave: Program) -> dict[str, Any]:
    at = slave.find(r"own state at (http://\S+)/")[1]
    found: dict[str, Any] = get_json(f"{at}/api/v1/state", slave.log.parent)
    return found


def waiting(data: Path, folder: Path, name: str) -> set[int]:
    """The numbers in a dead slave's spool, read from a copy."""
    copy = shutil.copytree(data / "spool", folder / "copy")
    spool, _ = open_spools(copy, name, f"bus {PROTOCOL}")
    numbers = {number for _, _, number in spool if number}
    spool.close()
    return numbers


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path)
    yield made
    for program in made.programs:
        program.stop(signal.SIGKILL)


def kill_both_in_mid_run(scene: Scene, nginx: Nginx, slave: Program) -> tuple[str, set[int]]:
    """Kill the master, and the slave when some seconds wait. Returns the slave's name and all numbers that it ever
    gave."""
    scene.begin(nginx, 60)
    scene.master.stop(signal.SIGKILL)
    name = state(slave)["name"]
    wait_for("seconds that wait", lambda: state(slave)["unacknowledged"] >= 3)
    slave.stop(signal.SIGKILL)
    kept = waiting(scene.folder / "s", scene.folder, name)
    assert len(kept) >= 3
    return name, kept | {number for _, _, number in scene.stored()}


def arrived(scene: Scene, name: str, numbers: set[int], nginx: Nginx) -> None:
    """Each number is stored once, under the node that counted it. Together they equal what the target saw."""
    wanted = {(name, 1, number) for number in numbers}
    stored = wait_for("all to be stored", lambda: (found := scene.stored()).keys() >= wanted and found)
    assert stored.keys() == wanted
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    assert [stored[(name, 1, n)].second for n in sorted(numbers)] == list(range(len(numbers)))
    completed = sum(delta.completed for delta in stored.values())
    # What is missing is the second that the workers were counting when the slave was killed, and the next.
    assert completed <= len(nginx.log(completed)) <= completed + 3 * RATE


def test_what_a_killed_slave_had_counted_is_delivered_by_its_next_process(scene: Scene, nginx: Nginx) -> None:
    slave = scene.start_slave("--name", "one")
    name, numbers = kill_both_in_mid_run(scene, nginx, slave)
    again = scene.start_slave("--name", "one")
    scene.master = scene.start_master()
    arrived(scene, name, numbers, nginx)
    wait_for("nothing to wait", lambda: state(again)["unacknowledged"] == 0)
    wait_for("the run's end", lambda: scene.ask("runs", "--format", "json").json["runs"][0]["state"] == "failed")
    assert [again.stop(), scene.master.stop()] == [0, 0]


def test_it_is_delivered_under_its_name_by_a_slave_of_another_name(scene: Scene, nginx: Nginx) -> None:
    slave = scene.start_slave()  # host and rpc port: another name each time
    name, numbers = kill_both_in_mid_run(scene, nginx, slave)
    again = scene.start_slave()
    assert state(again)["name"] != name
    scene.master = scene.start_master()
    arrived(scene, name, numbers, nginx)
    assert [again.stop(), scene.master.stop()] == [0, 0]


def test_what_was_delivered_is_removed_when_the_slave_stops(scene: Scene, nginx: Nginx) -> None:
    name, numbers = kill_both_in_mid_run(scene, nginx, scene.start_slave())
    again = scene.start_slave()
    scene.master = scene.start_master()
    arrived(scene, name, numbers, nginx)
    wait_for("the visitor to leave", lambda: scene.states().get(name) == "left")
    spools = scene.folder / "s" / "spool"
    assert [again.stop(), scene.master.stop()] == [0, 0]
    assert [path.name for path in spools.iterdir()] == ["lock"], "what was delivered is removed"


@pytest.mark.slow
def test_a_slave_that_is_started_again_gets_its_name_and_delivers(scene: Scene, nginx: Nginx) -> None:
    slave = scene.start_slave("--name", "one")
    scene.begin(nginx, 60)
    slave.stop(signal.SIGKILL)
    kept = waiting(scene.folder / "s", scene.folder, "one")
    again = scene.start_slave("--name", "one")
    again.find("joined the master")
    assert "already here" not in again.said
    arrived(scene, "one", kept | {number for _, _, number in scene.stored()}, nginx)
    assert [again.stop(), scene.master.stop()] == [0, 0]


@pytest.mark.slow
def test_a_second_slave_of_a_living_name_ends_with_exit_code_4(scene: Scene) -> None:
    first = scene.start_slave("--name", "one")
    wait_for("the first", scene.nodes)
    second = scene.start_slave("--name", "one")
    assert second.process.wait(30) == 4
    assert second.said.splitlines()[-1].startswith("gluten: node one: a node of this name is already here")
    assert scene.nodes() == ["one"]
    assert [first.stop(), scene.master.stop()] == [0, 0]


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system without room."""
    require("root", "mount", "mounts")
    mounted = tmp_path / "full"
    mounted.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(mounted)], check=True)
    try:
        (mounted / "ballast").write_bytes(bytes(64 << 10))
        yield mounted
    finally:
        subprocess.run(["umount", "-l", str(mounted)], check=True)


def test_a_full_disk_is_reported_in_one_line_and_no_count_is_lost(scene: Scene, nginx: Nginx, full_disk: Path) -> None:
    slave = scene.start_slave("--name", "one", data=full_disk)
    wait_for("the slave", scene.nodes)
    done = scene.ask("submit", "--watch", "--format", "json", "-t1", "-c4", "-R", str(RATE), "-d3s", nginx.url)
    report = done.json
    assert report["state"] == "finished"
    requests = report["requests"]
    assert requests["planned"] == 3 * RATE == requests["sent"] + requests["dropped"]
    assert requests["completed"] == requests["sent"] == len(nginx.log(requests["sent"]))
    told = [line for line in slave.said.splitlines() if "spool" in line]
    assert len(told) == 1, slave.said
    assert "No space left on device" in told[0]
    assert "waits in memory only" in told[0]
    assert [slave.stop(), scene.master.stop()] == [0, 0]
