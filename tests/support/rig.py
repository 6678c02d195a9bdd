"""Runs the real engine, forked workers and all, for a test: `rig.run(task)` gives what came of it."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from gluten.engine.channel import Decoder, encode
from gluten.plan.chores import ChoreDone
from gluten.plan.job import NO_VALUES
from gluten.stats.delta import Delta
from gluten.task.task import Task

ROOT = Path(__file__).parent.parent.parent
_PATIENCE = 30.0


@dataclass
class Outcome:
    """A whole run: all deltas, their sum, and how it ended. `took` is in seconds, from the order to the end."""

    deltas: list[Delta] = field(default_factory=list)
    total: Delta = field(default_factory=Delta)
    state: str = ""
    reason: str = ""
    kind: str = ""
    ended: float = 0.0
    addresses: list[str] = field(default_factory=list)
    took: float = 0.0
    lost: list[str] = field(default_factory=list)
    gaps: int = 0

    @property
    def adds_up(self) -> bool:
        """Every request that was sent has exactly one end."""
        total = self.total
        answered = sum(total.status.values()) == total.completed == len(total.service) == len(total.response)
        failed = sum(total.errors.values()) == total.failed
        return answered and failed and total.sent == total.completed + total.failed + total.in_flight

    @property
    def cpu(self) -> float:
        """The busiest worker's share of a core over the whole run, 0 to 1; its first steps not counted."""
        shares = [delta.cpu for delta in self.deltas]
        return sum(shares) / max(1, len(shares))


class Rig:
    """A driver process and our end of its channel. One run at a time; `start`, then `finish`."""

    def __init__(self) -> None:
        self._channel, theirs = socket.socketpair()
        with theirs:
            arguments = [sys.executable, "-m", "tests.support.driver", str(theirs.fileno())]
            environment = os.environ | {"PYTHONPATH": str(ROOT)}
            self._process = subprocess.Popen(arguments, pass_fds=[theirs.fileno()], cwd=ROOT, env=environment)
        self._channel.settimeout(_PATIENCE)
        self._decoder, self._messages = Decoder(), list[dict[str, Any]]()
        self._outcome, self._began = Outcome(), 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._channel.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """SIGKILL for the driver itself."""
        self._process.kill()
        self._process.wait()

    def run(
        self,
        task: Task,
        cores: int = 1,
        files: int = 0,
        allow: tuple[str, ...] = (),
        paths: dict[str, str] | None = None,
    ) -> Outcome:
        """Load as the task says, to the end. `paths` are those of the files that a workload names."""
        self.start(task, cores, files, allow=allow, paths=paths)
        return self.finish()

    def start(
        self,
        task: Task,
        cores: int = 1,
        files: int = 0,
        start_at: float | None = None,
        adjustments: tuple[tuple[float, float], ...] = (),
        allow: tuple[str, ...] = (),
        room: int | None = None,
        paths: dict[str, str] | None = None,
    ) -> None:
        """Begin. `files` limits the driver's open files for good; `start_at` is a monotonic instant; `room` is how many
        elastic connections the host allows."""
        self._outcome, self._began = Outcome(), time.monotonic()
        words: dict[str, Any] = {
            "cores": cores,
            "files": files,
            "start_at": start_at,
            "adjustments": adjustments,
            "allow": allow,
        }
        words |= {"room": room, "paths": paths or {}}
        self._say({"type": "start", "task": task.to_map(), **words})

    def do(self, task: Task, kind: str, taken: Mapping[str, str] = NO_VALUES, allow: tuple[str, ...] = ()) -> ChoreDone:
        """Do the setup or teardown of a run, to the end. `taken` is what setup took."""
        self.begin_chore(task, kind, taken, allow)
        return self.finish_chore()

    def begin_chore(
        self, task: Task, kind: str, taken: Mapping[str, str] = NO_VALUES, allow: tuple[str, ...] = ()
    ) -> None:
        words = {"kind": kind, "taken": dict(taken), "allow": allow, "paths": {}}
        self._say({"type": "chore", "task": task.to_map(), **words})

    def end_chore(self, kind: str) -> None:
        self._say({"type": "end_chore", "kind": kind})

    def finish_chore(self) -> ChoreDone:
        message = self._receive()
        assert message["type"] == "chore"
        return ChoreDone(**message["done"])

    def adjust(self, rate: float, second: float) -> None:
        self._say({"type": "adjust", "rate": rate, "second": second})

    def stop(self) -> None:
        self._say({"type": "stop"})

    def abort(self) -> None:
        self._say({"type": "abort"})

    def renew(self, seconds: float) -> None:
        """A lease of so many seconds from now on. While a run is on."""
        self._say({"type": "renew", "until": time.monotonic() + seconds})

    @property
    def host(self) -> int:
        """The process id of the engine host."""
        return self._process.pid

    def workers(self, count: int) -> list[int]:
        """Process ids of the workers, as soon as there are `count` of them."""
        found: list[int] = wait_until(lambda: found if len(found := self._workers()) == count else None)
        return found

    def next_delta(self) -> Delta:
        """The next second's delta. It is in the outcome, too."""
        while (delta := self._take()) is None:
            if self._outcome.state:
                raise AssertionError(f"the run ended: {self._outcome}")
        return delta

    def finish(self) -> Outcome:
        """Wait for the end."""
        while not self._outcome.state:
            self._take()
        return self._outcome

    def _take(self) -> Delta | None:
        message = self._receive()
        if message["type"] == "delta":
            delta = Delta.from_map(message["delta"])
            self._outcome.deltas.append(delta)
            self._outcome.total.follow(delta)
            return delta
        if message["type"] == "lost":
            self._outcome.lost.append(message["text"])
            self._outcome.gaps += message["gap"]
            return None
        for name in ("reason", "kind", "ended", "addresses", "state"):
            setattr(self._outcome, name, message[name])
        self._outcome.took = time.monotonic() - self._began
        return None

    def _receive(self) -> dict[str, Any]:
        while not self._messages:
            data = self._channel.recv(1 << 20)
            if not data:
                raise AssertionError("the driver ended")
            self._messages += self._decoder.feed(data)
        return self._messages.pop(0)

    def _say(self, message: dict[str, Any]) -> None:
        self._channel.sendall(encode(message))

    def _workers(self) -> list[int]:
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        return [int(child) for child in children if name_of(int(child)) == "gluten-worker"]


def name_of(pid: int) -> str:
    """The process's name; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def resident(pid: int) -> int:
    """Bytes of memory that only this process has."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Private_Dirty:"):
            return int(line.split()[1]) << 10
    return 0


def cpu_seconds(pid: int) -> float:
    """CPU time that the process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def gone(pid: int) -> bool:
    """True when there is no such process, or only its remains."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True


def wait_until(ask: Any, seconds: float = 20.0) -> Any:
    """What `ask` gives once that is true. AssertionError when it never was."""
    deadline = time.monotonic() + seconds
    while not (answer := ask()):
        if time.monotonic() > deadline:
            raise AssertionError("waited in vain")
        time.sleep(0.005)
    return answer
