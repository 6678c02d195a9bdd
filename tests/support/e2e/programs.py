"""Real processes of GLuTEN for the end-to-end tests: started, watched by what they print, ended by their id."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gluten.net.keys import keyfile
from gluten.net.keys.keys import ClusterKey

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 30.0
Settings = Mapping[str, str]
NO_SETTINGS: Settings = {}
LINE = re.compile(r"gluten: [^\n]+\n")


def wait_for(what: str, condition: Callable[[], Any], patience: float = PATIENCE) -> Any:
    """The result of `condition` once it is true. Fails the test at the deadline. Most conditions ask a master, which
    costs it time: after a while they are looked at less often."""
    began = time.monotonic()
    while not (found := condition()):
        waited = time.monotonic() - began
        assert waited < patience, f"waited {patience:g} s for {what}"
        time.sleep(min(0.1, max(0.02, waited / 20)))
    return found


def environment(folder: Path) -> dict[str, str]:
    """The environment of this machine without settings for GLuTEN. Data goes below `folder`. For keys, each folder is a
    user of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GLUTEN_")}
    places = {"XDG_DATA_HOME": str(folder / "data"), "XDG_RUNTIME_DIR": str(folder), "HOME": str(folder)}
    return kept | places | {"PYTHONPATH": str(ROOT)}


class Program:
    """`python -m gluten` with these arguments, running. `module` replaces `gluten`."""

    def __init__(
        self, folder: Path, name: str, *arguments: str, module: str = "gluten", settings: Settings = NO_SETTINGS
    ) -> None:
        self.name, self.log = name, folder / f"{name}.log"
        known = {**environment(folder), **settings}
        with self.log.open("wb") as out:
            command = self.command(folder, module, arguments)
            self.process = subprocess.Popen(command, stdout=out, stderr=out, env=known, cwd=folder)

    def command(self, folder: Path, module: str, arguments: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-m", module, *arguments]

    @property
    def said(self) -> str:
        return self.log.read_text()

    def find(self, pattern: str) -> re.Match[str]:
        """The first match in its output, for which it waits."""

        def look() -> re.Match[str] | None:
            found = re.search(pattern, self.said)
            assert found or self.process.poll() is None, f"{self.name} ended early: {self.said}"
            return found

        found: re.Match[str] = wait_for(f"{self.name} to print {pattern!r}", look)
        return found

    def stop(self, with_signal: int = signal.SIGTERM, patience: float = 15.0) -> int:
        """Its exit code after a signal. It is killed if it does not end."""
        self.send(with_signal)
        return self.ended(patience)

    def send(self, number: int = signal.SIGTERM) -> None:
        """Send it, if the process has not ended."""
        if self.process.poll() is None:
            self.process.send_signal(number)

    def ended(self, patience: float = 15.0) -> int:
        """Its exit code, for which it waits. It is killed if it does not end."""
        try:
            return self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"{self.name} did not stop within {patience:g} s: {self.said}") from None


@dataclass(frozen=True, slots=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    error: str

    @property
    def json(self) -> Any:
        assert self.out, f"nothing on stdout: exit code {self.code}: {self.error}"
        return json.loads(self.out)

    def is_one_line(self) -> bool:
        """The error is exactly one line, and no traceback."""
        return LINE.fullmatch(self.error) is not None


def gluten(folder: Path, *arguments: str, **settings: str) -> Done:
    """Run a command to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "gluten", *arguments],
        capture_output=True,
        text=True,
        timeout=100,
        cwd=folder,
        env=environment(folder) | settings,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def key_below(folder: Path) -> ClusterKey:
    """The key that a master keeps somewhere below `folder`."""
    return keyfile.read(next(folder.rglob(keyfile.NAME)))


def bearer(folder: Path) -> dict[str, str]:
    """The header of a friend of the master that keeps its data below `folder`."""
    return {"Authorization": f"Bearer {key_below(folder).token('admin')}"}


def get_json(url: str, folder: Path) -> Any:
    """What a node answers to a friend."""
    request = urllib.request.Request(url, headers=bearer(folder))
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


class Cluster:
    """A master and slaves on this machine, each with a data directory of its own."""

    def __init__(self, folder: Path, slaves: int = 2, *master: str, program: type[Program] = Program) -> None:
        self.folder, self._program = folder, program
        self.programs: list[Program] = []
        self.master = self._start(
            "master", "--master-mode", "--web-port", "0", "--rpc-port", "0", "--name", "master", *master
        )
        self.rpc = self.master.find(r"--master (\S+:\d+)")[1]
        scheme, self.web = self.master.find(r"(https?)://(\S+:\d+)/").groups()
        self.secure = scheme == "https"
        for index in range(1, slaves + 1):
            self.add_slave(f"slave-{index}")
        self.wait_for_nodes(slaves + 1)

    @property
    def key(self) -> ClusterKey:
        return keyfile.read(self.folder / "master-data" / keyfile.NAME)

    def add_slave(self, name: str, *arguments: str) -> Program:
        return self._start(name, "--slave-mode", "--master", self.rpc, "--rpc-port", "--name", name, *arguments)

    def _start(self, name: str, *arguments: str) -> Program:
        made = self._program(
            self.folder, name, *arguments, "--bind", "127.0.0.1", "--data", str(self.folder / f"{name}-data")
        )
        self.programs.append(made)
        return made

    def run(self, *arguments: str) -> Done:
        """A client command against this cluster's rpc port."""
        return gluten(self.folder, *arguments, GLUTEN_MASTER=self.rpc)

    def nodes(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.run("nodes", "--format", "json").json["nodes"]
        return found

    def wait_for_nodes(self, count: int) -> None:
        wait_for(f"{count} nodes", lambda: sum(n["state"] == "alive" for n in self._told()) == count)

    def _told(self) -> list[dict[str, Any]]:
        """The nodes by the page's API: a command for each look would take most of the time of a start."""
        if self.secure or not (self.folder / "master-data" / keyfile.NAME).exists():
            return self.nodes()
        found: list[dict[str, Any]] = get_json(f"http://{self.web}/api/v1/nodes", self.folder)["nodes"]
        return found

    def load(self, *arguments: str) -> dict[str, Any]:
        """Submit a task and follow it to its end. Returns the report."""
        done = self.run("submit", "--watch", "--format", "json", *arguments)
        assert done.code in (0, 5), done.error
        report: dict[str, Any] = done.json
        return report

    def stop(self) -> list[int]:
        """The exit codes, the master's last. The slaves leave together, and then the master ends."""
        master, *slaves = self.programs
        for slave in slaves:
            slave.send()
        return [*(slave.ended() for slave in reversed(slaves)), master.stop()]
