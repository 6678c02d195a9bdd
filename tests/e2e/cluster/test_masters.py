"""Several masters on one Postgres: one is active, the others stand by and take over."""

from __future__ import annotations

import json
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from gluten.net.keys import keyfile
from gluten.net.keys.keys import ClusterKey
from tests.support.e2e.loads import count, pause, signal_all, target_of
from tests.support.e2e.programs import Done, Program, gluten, wait_for
from tests.support.ports import free_port
from tests.support.postgres import Postgres, running

pytestmark = [pytest.mark.slow, pytest.mark.needs("postgres")]

RATE, SECONDS = 200, 18
TAKEOVER = 10.0


class Masters:
    """Two masters on one database, which make no load, and a slave that knows both."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder, self.database = folder, database
        self.key = folder / "key"
        keyfile.write(self.key, ClusterKey.make())
        self.ports = {name: (free_port(), free_port()) for name in ("a", "b")}
        self.programs: list[Program] = []
        self.target, self.url = target_of(folder)
        self.programs.append(self.target)

    @property
    def addresses(self) -> str:
        return ",".join(f"127.0.0.1:{rpc}" for _, rpc in self.ports.values())

    def start(self, name: str, key: Path | None = None) -> Program:
        web, rpc = self.ports[name]
        words = ["--master-mode", "--no-load", "--db", self.database, "--web-port", str(web), "--rpc-port", str(rpc)]
        words += ["--bind", "127.0.0.1", "--name", name, "--key-file", str(key or self.key)]
        made = Program(self.folder, f"master-{name}", *words, "--data", str(self.folder / f"data-{name}"))
        self.programs.append(made)
        return made

    def slave(self, active: str = "a") -> Program:
        words = ["--slave-mode", "--master", self.addresses, "--rpc-port", "--bind", "127.0.0.1", "--name", "slave"]
        words += ["--key-file", str(self.key), "--data", str(self.folder / "data-slave")]
        made = Program(self.folder, "slave", *words)
        self.programs.append(made)
        wait_for("the slave", lambda: "slave" in self.nodes(active))
        return made

    def nodes(self, active: str) -> list[str]:
        """Those that are alive, as a page asks for them: a command for each look takes half a second of CPU."""
        status, found, _ = self.get(active, "/api/v1/nodes")
        return [node["name"] for node in found["nodes"] if node["state"] == "alive"] if status == HTTPStatus.OK else []

    def run(self, *arguments: str, master: str = "") -> Done:
        chosen = f"127.0.0.1:{self.ports[master][1]}" if master else self.addresses
        return gluten(self.folder, *arguments, GLUTEN_MASTER=chosen, GLUTEN_KEY_FILE=str(self.key))

    def get(self, name: str, path: str) -> tuple[int, Any, str]:
        """(status, document, address) of what is at the end of all redirects."""
        asked = urllib.request.Request(f"http://127.0.0.1:{self.ports[name][0]}{path}")
        asked.add_header("Authorization", f"Bearer {keyfile.read(self.key).token('admin')}")
        try:
            with urllib.request.urlopen(asked, timeout=10) as answer:
                return answer.status, json.load(answer), answer.url
        except urllib.error.HTTPError as error:
            return error.code, json.load(error), error.url

    def ready(self, name: str) -> bool:
        try:
            return self.get(name, "/readyz")[0] == 200
        except OSError:
            return False

    def submit(self, *more: str) -> str:
        done = self.run("submit", "-c", "4", "-R", str(RATE), *more, self.url)
        assert done.code == 0, done.error
        return done.out.strip()

    def state(self, ref: str) -> str:
        done = self.run("runs", "--format", "json")
        found = [run["state"] for run in done.json["runs"] if str(run["number"]) == ref] if not done.code else []
        return found[0] if found else ""

    def report(self, ref: str) -> dict[str, Any]:
        done = self.run("watch", "--format", "json", ref)
        assert done.code in (0, 5), done.error
        found: dict[str, Any] = done.json
        return found

    def stop(self) -> None:
        for program in reversed(self.programs):
            if program.process.poll() is None:
                program.process.send_signal(signal.SIGCONT)
            program.stop()


@pytest.fixture
def masters(tmp_path: Path, fresh_postgres_url: str) -> Iterator[Masters]:
    made = Masters(tmp_path, fresh_postgres_url)
    yield made
    made.stop()


def both(masters: Masters) -> tuple[Program, Program]:
    """An active master and one that stands by."""
    first = masters.start("a")
    first.find("web page")
    second = masters.start("b")
    second.find("stands by")
    return first, second


def exact(masters: Masters, ref: str, seconds: int) -> int:
    """How many requests the run has sent. All that were planned are accounted for; a busy host may drop some."""
    report = masters.report(ref)
    requests = report["requests"]
    assert report["state"] == "finished"
    assert requests["planned"] == RATE * seconds == requests["sent"] + requests["dropped"]
    assert requests["sent"] == requests["completed"] > RATE * seconds * 0.9
    sent: int = requests["sent"]
    return sent


def test_one_is_active_and_the_other_sends_people_and_commands_to_it(masters: Masters) -> None:
    both(masters)
    assert masters.get("b", "/healthz")[0] == 200
    assert masters.get("b", "/readyz")[0] == 503
    assert masters.ready("a")
    status, document, url = masters.get("b", "/api/v1/runs?limit=3")
    assert (status, document["runs"]) == (200, [])
    assert url == f"http://127.0.0.1:{masters.ports['a'][0]}/api/v1/runs?limit=3"
    assert masters.run("runs", "--format", "json", master="b").json["runs"] == []


def test_another_cluster_s_key_is_refused_in_words(masters: Masters, tmp_path: Path) -> None:
    masters.start("a").find("web page")
    keyfile.write(tmp_path / "other", ClusterKey.make())
    second = masters.start("b", tmp_path / "other")
    assert second.process.wait(30) == 2
    assert "the active master on this database, a at 127.0.0.1:" in second.said
    assert "has another key: give this one the same" in second.said
    assert "Traceback" not in second.said


def test_a_rotated_key_is_the_next_master_s_too(masters: Masters) -> None:
    first, second = both(masters)
    old = keyfile.read(masters.key)
    assert masters.run("key", "rotate").code == 0
    wait_for("the new key at both", lambda: [masters.run("runs", master=name).code for name in "ab"] == [0, 0])
    first.process.kill()
    wait_for("the takeover", lambda: masters.ready("b"))
    assert second.process.poll() is None
    masters.slave("b")
    assert masters.run("runs", "--key", old.text).code == 4


def test_a_killed_master_is_followed_by_the_other_which_goes_on_with_its_run(masters: Masters) -> None:
    first, _ = both(masters)
    masters.slave()
    link = masters.submit("-d", f"{SECONDS}s")
    masters.submit("-d", "2s")
    wait_for("load", lambda: count(masters.url) > 2 * RATE)
    first.process.kill()
    killed = time.monotonic()
    wait_for("the takeover", lambda: masters.ready("b") and "slave" in masters.nodes("b"))
    assert time.monotonic() - killed < TAKEOVER
    back = masters.start("a")
    back.find("stands by")
    path = link.partition("/runs/")[2]
    assert masters.get("a", f"/api/v1/runs/{path}")[1]["number"] == 1
    assert exact(masters, "1", SECONDS) + exact(masters, "2", 2) == count(masters.url)


def test_a_frozen_master_ends_when_it_wakes_and_has_changed_nothing(masters: Masters) -> None:
    first, _ = both(masters)
    masters.slave()
    masters.submit("-d", f"{SECONDS}s")
    wait_for("load", lambda: count(masters.url) > 2 * RATE)
    signal_all([first.process.pid], signal.SIGSTOP)
    wait_for("the takeover", lambda: masters.ready("b"), 30)
    wait_for("the slave", lambda: "slave" in masters.nodes("b"))
    signal_all([first.process.pid], signal.SIGCONT)
    assert first.process.wait(20) == 1
    assert "another master has become active on this database: this one has ended" in first.said
    assert exact(masters, "1", SECONDS) == count(masters.url)


@pytest.mark.parametrize("away", [1.0, 7.0])
def test_a_restart_of_postgres_leaves_one_that_writes(tmp_path: Path, away: float) -> None:
    """After a long one the master that was active ends, because nobody knows what happened meanwhile."""
    with running() as server:
        masters = Masters(tmp_path, server.create_database())
        try:
            both(masters)
            masters.slave()
            masters.submit("-d", f"{SECONDS}s")
            wait_for("load", lambda: count(masters.url) > 2 * RATE)
            server.stop()
            pause(away)
            server.start()
            wait_for("an active master", lambda: any(masters.ready(name) for name in "ab"))
            assert exact(masters, "1", SECONDS) == count(masters.url)
            assert [masters.ready(name) for name in "ab"].count(True) == 1
        finally:
            masters.stop()


def test_a_cut_connection_of_the_lock_leaves_one_that_writes(masters: Masters, postgres: Postgres) -> None:
    first, second = both(masters)
    masters.slave()
    masters.submit("-d", f"{SECONDS}s")
    wait_for("load", lambda: count(masters.url) > 2 * RATE)
    postgres.kill_connections(masters.database.rpartition("/")[2].partition("?")[0])
    wait_for("one active master", lambda: [masters.ready(name) for name in "ab"].count(True) == 1)
    assert exact(masters, "1", SECONDS) == count(masters.url)
    assert [first.process.poll(), second.process.poll()].count(None) >= 1
