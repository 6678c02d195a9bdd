"""How far one master goes: its CPU for each delta, from 10 to 1,000 nodes.

    python -m bench.cluster [--nodes 10,100,500,1000] [--seconds 60] [--db URL]

A real master in a process of its own, with `--no-load`; slaves without load (`bench.swarm`) in others, over the
front door; and somebody who watches the run from its start. The nodes' deltas are large: 2000 requests a second each,
three histograms of some 1,300 slots.
`core` is the master's user and system time over the time of the run, `each` the same over the deltas, with what
the heartbeats cost; the run's beginning and end are not in it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SWARM = 500
"""Slaves in one process: a ZeroMQ context has 1023 sockets."""
TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 90.0


@dataclass(frozen=True, slots=True)
class Result:
    """`core`: share of a core; `each`: us of CPU a delta; acks in ms, `lag` too: how late the
    swarm itself was at most; memory in bytes, in the first two thirds and the last;
    `slowest` are the run-seconds whose acknowledgements took longest, with their p99 in ms."""

    nodes: int
    core: float
    each: float
    deltas: int
    completed: int
    missing: int
    again: int
    ack_p50: float
    ack_p99: float
    lag: float
    early: int
    late: int
    verdict: str
    slowest: list[list[float]]


class Watched:
    """A process and what it uses."""

    def __init__(self, pid: int) -> None:
        self._proc = Path(f"/proc/{pid}")

    @property
    def cpu(self) -> float:
        """User and system seconds so far, without its children's."""
        fields = (self._proc / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    @property
    def memory(self) -> int:
        """Resident bytes."""
        return int((self._proc / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def measure(nodes: int, seconds: int, folder: Path, db: str = "") -> Result:
    """One run of `nodes` slaves. Raises AssertionError where a program does not do its part."""
    log = folder / "master.log"
    ports = ["--web-port", "0", "--rpc-port", "0", "--bind", "127.0.0.1", "--data", str(folder / "data")]
    master = _start(log, "gluten", "--master-mode", "--no-load", *ports, *(["--db", db] if db else []))
    swarms: list[subprocess.Popen[str]] = []
    try:
        rpc = _find(log, r"--master (\S+:\d+)")[1]
        swarms = [_swarm(rpc, first, min(SWARM, nodes - first)) for first in range(0, nodes, SWARM)]
        for swarm in swarms:
            assert swarm.stdout is not None
            assert swarm.stdout.readline() == "joined\n", "a swarm did not join"
        return _measured(nodes, seconds, rpc, Watched(master.pid), swarms)
    finally:
        programs: list[subprocess.Popen[Any]] = [*swarms, master]
        for program in programs:
            program.terminate()
            program.wait(30)


def _measured(nodes: int, seconds: int, rpc: str, master: Watched, swarms: list[subprocess.Popen[str]]) -> Result:
    time.sleep(2.0)  # two heartbeats each, so that all clocks are known
    asked = ["-t", str(nodes), "-c", str(nodes), "-d", f"{seconds}s", "http://127.0.0.1:9/"]
    _client(rpc, "submit", *asked)
    watcher = _client_started(rpc, "watch", "last", "--format", "json")
    time.sleep(1.5)
    began, before = time.monotonic(), master.cpu
    memory = []
    while time.monotonic() - began < seconds - 1.5:
        time.sleep(0.25)
        memory.append(master.memory)
    took, used = time.monotonic() - began, master.cpu - before
    report = json.loads(_said(watcher, codes=(0, 5)))
    told = [_end(swarm) for swarm in swarms]
    third = len(memory) // 3
    return Result(
        nodes,
        used / took,
        used / took / nodes * 1e6,
        sum(t["deltas"] for t in told),
        report["requests"]["completed"],
        sum(t["missing"] for t in told),
        sum(t["again"] for t in told),
        max(t["ack_p50"] for t in told),
        max(t["ack_p99"] for t in told),
        max(t["lag"] for t in told),
        max(memory[: 2 * third]),
        max(memory[2 * third :]),
        report["state"],
        [s for t in told for s in t["slowest"]],
    )


def _start(log: Path, *arguments: str) -> subprocess.Popen[bytes]:
    with log.open("wb") as out:
        return subprocess.Popen([sys.executable, "-m", *arguments], stdout=out, stderr=out, env=_environment())


def _swarm(rpc: str, first: int, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bench.swarm", rpc, str(first), str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=_environment(),
    )


def _end(swarm: subprocess.Popen[str]) -> dict[str, Any]:
    out, _ = swarm.communicate(timeout=30)
    told: dict[str, Any] = json.loads(out)
    return told


def _client(rpc: str, *arguments: str) -> str:
    return _said(_client_started(rpc, *arguments))


def _client_started(rpc: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "gluten", *arguments, "--master", rpc]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=_environment())


def _said(client: subprocess.Popen[str], codes: tuple[int, ...] = (0,)) -> str:
    out, error = client.communicate(timeout=PATIENCE)
    assert client.returncode in codes, error
    return out


def _find(log: Path, pattern: str) -> re.Match[str]:
    until = time.monotonic() + PATIENCE
    while not (found := re.search(pattern, log.read_text())):
        assert time.monotonic() < until, f"the master does not start: {log.read_text()}"
        time.sleep(0.05)
    return found


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GLUTEN_")}
    return kept | {"PYTHONPATH": str(ROOT)}


def main() -> None:
    parser = argparse.ArgumentParser(description="How far one master goes.")
    parser.add_argument("--nodes", default="10,100,500,1000")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--db", default="")
    options = parser.parse_args()
    print(
        "nodes   core  us each  deltas    missing  again  ack p50  ack p99   lag  "
        "memory MB (first two thirds, last)  slowest s: p99 ms"
    )
    for nodes in map(int, options.nodes.split(",")):
        with tempfile.TemporaryDirectory(prefix="gluten-") as folder:
            r = measure(nodes, options.seconds, Path(folder), options.db)
        print(
            f"{r.nodes:5d} {r.core:6.1%} {r.each:8.0f} {r.deltas:7d} {r.missing:10d} {r.again:6d} {r.ack_p50:6.0f}ms"
            f" {r.ack_p99:6.0f}ms {r.lag:4.0f}ms  {r.early / 1e6:.0f} {r.late / 1e6:.0f}  "
            + ", ".join(f"{second:.0f}: {p99:.0f}" for second, p99 in r.slowest),
            flush=True,
        )


if __name__ == "__main__":
    main()
