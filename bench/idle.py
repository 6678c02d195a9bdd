"""Measures what the nodes of a cluster cost while nobody asks anything of them."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import equip
from bench.cases import Case
from bench.peers import Peer
from bench.progress import show_progress
from bench.results import at_most

SECONDS = 20.0
_SETTLE = 3.0
"""Seconds after the slave has joined, in which its clock is compared with the master's."""
_TIMEOUT = 60.0
_LOCAL = ("--bind", "127.0.0.1", "--rpc-port", "0")


def measure(case: Case, gluten: Peer, folder: Path) -> dict[str, Any]:
    """Measure a master and a slave. Returns the case's entry in the JSON file."""
    folder.mkdir()
    show_progress(f"{case.name}: {_SETTLE + SECONDS:.0f} s")
    shares = _shares(gluten, folder)
    bounds = [] if case.idle is None else [_bound(name, share, case.idle) for name, share in shares.items()]
    entry = {"name": case.name, "title": case.title, "base": case.base, "bounds": bounds, "idle": shares}
    return entry | {"peers": {}, "unable": {}, "troubles": {}}


def _bound(name: str, share: float, most: float) -> dict[str, Any]:
    return at_most("% of a core", share * 100, most * 100, subject=f"an idle {name}")


def _shares(gluten: Peer, folder: Path) -> dict[str, float]:
    master_options = ["--master-mode", "--web-port", "0", *_LOCAL]
    with _node(gluten, folder, "master", master_options) as master:
        address = _find(folder, "master", r"--master (\S+:\d+)")
        with _node(gluten, folder, "slave", ["--slave-mode", "--master", address, *_LOCAL]) as slave:
            _find(folder, "slave", r"(joined the master)")
            time.sleep(_SETTLE)
            return _used({"master": master.pid, "slave": slave.pid}, SECONDS)


def _used(pids: dict[str, int], seconds: float) -> dict[str, float]:
    """The share of a core that each of these process trees uses."""
    before, began = {name: cpu(pid) for name, pid in pids.items()}, time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - began
    return {name: (cpu(pid) - before[name]) / took for name, pid in pids.items()}


def cpu(pid: int) -> float:
    """Seconds of CPU that a process and its living descendants have used. The kernel counts them in ns."""
    files = (task / "schedstat" for process in _tree(pid) for task in Path(f"/proc/{process}/task").iterdir())
    return sum(int(file.read_text().split()[0]) for file in files) / 1e9


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from _tree(int(child))


@contextmanager
def _node(gluten: Peer, folder: Path, name: str, options: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    arguments = [*gluten.program, *options, "--name", name, "--data", str(folder / f"{name}-data")]
    with _log(folder, name).open("wb") as log:
        process = subprocess.Popen(arguments, stdout=log, stderr=log, env=_environment(gluten, folder), cwd=folder)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _log(folder: Path, name: str) -> Path:
    return folder / f"{name}.log"


def _environment(gluten: Peer, folder: Path) -> dict[str, str]:
    """Both nodes belong to one user, who has this folder as home, so the slave finds the master's key."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GLUTEN_")}
    own = {name: str(folder) for name in ("HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR")}
    return kept | own | equip.environment(gluten)


def _find(folder: Path, name: str, pattern: str) -> str:
    """What the pattern finds in a node's log. Raises RuntimeError at a deadline."""
    deadline = time.monotonic() + _TIMEOUT
    while not (found := re.search(pattern, _log(folder, name).read_text())):
        if time.monotonic() > deadline:
            raise RuntimeError(f"the {name} does not start: {_log(folder, name).read_text()[-1000:]}")
        time.sleep(0.05)
    return found[1]
