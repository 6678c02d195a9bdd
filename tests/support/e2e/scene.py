"""A target, a master and two slaves at ports that stay, for tests that break one of them."""

from __future__ import annotations

import json
import signal
import urllib.request
from pathlib import Path
from typing import Any

from tests.support.e2e.programs import Program, get_json, gluten, wait_for
from tests.support.ports import free_port


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
            f"master-{len(self.programs)}",
            *f"--master-mode --no-load --name boss --web-port {web} --rpc-port {rpc} --bind 127.0.0.1".split(),
            *("--data", str(self.folder / "m")),
            *self.options,
            node="boss",
        )
        master.find("web page")
        return master

    def start_slave(self, name: str, *more: str) -> Program:
        where = self.folder / f"s{len(self.programs)}"
        return self._start(
            f"slave-{name}-{len(self.programs)}",
            *f"--slave-mode --master 127.0.0.1:{self.ports[1]} --rpc-port --bind 127.0.0.1 --name {name}".split(),
            *("--data", str(where)),
            *more,
            node=name,
        )

    def _start(self, name: str, *arguments: str, node: str = "target") -> Program:
        module = "tests.support.e2e.jump" if node == self.jumpy else "gluten"
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

    def check_complete(self, report: dict[str, Any], planned: int) -> None:
        """Every request that was sent was answered and counted once, and no slot is unaccounted for. A machine that
        stands still for a while leaves slots unsent, which `dropped` says; a load that ended early leaves more."""
        requests = report["requests"]
        assert requests["planned"] == planned
        assert requests["completed"] == requests["sent"] == self.answered()
        assert requests["dropped"] <= planned // 5

    def kinds(self, report: dict[str, Any]) -> list[str]:
        return [event["kind"] for event in report["events"]]

    def stop(self) -> None:
        for program in reversed(self.programs):
            program.stop(signal.SIGTERM)
