"""Measures how many nodes one master can serve: its CPU for each delta, from 10 to 1,000 nodes.

    python -m bench.cluster [--nodes 10,100,500,1000] [--seconds 60] [--names 1] [--db URL]

A real master runs in a process of its own, with `--no-load`. Slaves without load (`bench.swarm`) run in other
processes and connect through the front door. One client watches the run from its start. The deltas are large: 2000
requests a second each, over `--names` named requests. With one name they have three histograms of about 1,300 slots.
`core` is the master's user and system time divided by the time of the run. `each` is that time divided by the number of
deltas; it contains the cost of the heartbeats. The begin and the end of the run do not count.
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
"""Slaves in one process. A ZeroMQ context has at most 1023 sockets."""
TICKS = os.sysconf("SC_CLK_TCK")
TIMEOUT = 90.0


@dataclass(frozen=True, slots=True)
class Result:
    """`core` is a share of a core, `each` is in us of CPU a delta, `ack_p50`, `ack_p99` and `lag` are in ms.

    `lag` is the largest delay of the swarm's own loop. `early` and `late` are the master's memory in bytes, in the
    first two thirds and in the last third. `again` counts deltas that were sent twice. `slowest` are the run-seconds
    with the slowest acknowledgements, and their p99 in ms.
    """

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


class ProcessUsage:
    """What a process uses."""

    def __init__(self, pid: int) -> None:
        self._proc = Path(f"/proc/{pid}")

    @property
    def cpu(self) -> float:
        """User and system seconds so far, without those of its children."""
        fields = (self._proc / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    @property
    def memory(self) -> int:
        """Resident bytes."""
        return int((self._proc / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def measure(nodes: int, seconds: int, folder: Path, db: str = "", names: int = 1) -> Result:
    """Measure one run of `nodes` slaves. Raises AssertionError if a program fails."""
    log = folder / "master.log"
    ports = ["--web-port", "0", "--rpc-port", "0", "--bind", "127.0.0.1", "--data", str(folder / "data")]
    master = _start(log, "gluten", "--master-mode", "--no-load", *ports, *(["--db", db] if db else []))
    swarms: list[subprocess.Popen[str]] = []
    try:
        rpc = _find(log, r"--master (\S+:\d+)")[1]
        swarms = [_swarm(rpc, first, min(SWARM, nodes - first), names) for first in range(0, nodes, SWARM)]
        for swarm in swarms:
            assert swarm.stdout is not None
            assert swarm.stdout.readline() == "joined\n", "a swarm did not join"
        return _measured(nodes, seconds, rpc, ProcessUsage(master.pid), swarms)
    finally:
        programs: list[subprocess.Popen[Any]] = [*swarms, master]
        for program in programs:
            program.terminate()
            program.wait(30)


def _measured(nodes: int, seconds: int, rpc: str, master: ProcessUsage, swarms: list[subprocess.Popen[str]]) -> Result:
    time.sleep(2.0)  # two heartbeats each, so that all clocks are known
    asked = ["-t", str(nodes), "-c", str(nodes), "-d", f"{seconds}s", "http://127.0.0.1:9/"]
    _client(rpc, "submit", *asked)
    watcher = _start_client(rpc, "watch", "last", "--format", "json")
    time.sleep(1.5)
    began, before = time.monotonic(), master.cpu
    memory = []
    while time.monotonic() - began < seconds - 1.5:
        time.sleep(0.25)
        memory.append(master.memory)
    took, used = time.monotonic() - began, master.cpu - before
    report = json.loads(_output_of(watcher, codes=(0, 5)))
    results = [_end(swarm) for swarm in swarms]
    third = len(memory) // 3
    return Result(
        nodes,
        used / took,
        used / took / nodes * 1e6,
        sum(t["deltas"] for t in results),
        report["requests"]["completed"],
        sum(t["missing"] for t in results),
        sum(t["again"] for t in results),
        max(t["ack_p50"] for t in results),
        max(t["ack_p99"] for t in results),
        max(t["lag"] for t in results),
        max(memory[: 2 * third]),
        max(memory[2 * third :]),
        report["state"],
        [s for t in results for s in t["slowest"]],
    )


def _start(log: Path, *arguments: str) -> subprocess.Popen[bytes]:
    with log.open("wb") as out:
        return subprocess.Popen([sys.executable, "-m", *arguments], stdout=out, stderr=out, env=_environment())


def _swarm(rpc: str, first: int, count: int, names: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bench.swarm", rpc, str(first), str(count), str(names)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=_environment(),
    )


def _end(swarm: subprocess.Popen[str]) -> dict[str, Any]:
    out, _ = swarm.communicate(timeout=30)
    result: dict[str, Any] = json.loads(out)
    return result


def _client(rpc: str, *arguments: str) -> str:
    return _output_of(_start_client(rpc, *arguments))


def _start_client(rpc: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "gluten", *arguments, "--master", rpc]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=_environment())


def _output_of(client: subprocess.Popen[str], codes: tuple[int, ...] = (0,)) -> str:
    out, error = client.communicate(timeout=TIMEOUT)
    assert client.returncode in codes, error
    return out


def _find(log: Path, pattern: str) -> re.Match[str]:
    until = time.monotonic() + TIMEOUT
    while not (found := re.search(pattern, log.read_text())):
        assert time.monotonic() < until, f"the master does not start: {log.read_text()}"
        time.sleep(0.05)
    return found


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GLUTEN_")}
    return kept | {"PYTHONPATH": str(ROOT)}


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures how many nodes one master can serve.")
    parser.add_argument("--nodes", default="10,100,500,1000")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--names", type=int, default=1, help="named requests of the run")
    parser.add_argument("--db", default="")
    options = parser.parse_args()
    print(
        "nodes   core  us each  deltas    missing  again  ack p50  ack p99   lag  "
        "memory MB (first two thirds, last)  slowest s: p99 ms"
    )
    for nodes in map(int, options.nodes.split(",")):
        with tempfile.TemporaryDirectory(prefix="gluten-") as folder:
            r = measure(nodes, options.seconds, Path(folder), options.db, options.names)
        print(
            f"{r.nodes:5d} {r.core:6.1%} {r.each:8.0f} {r.deltas:7d} {r.missing:10d} {r.again:6d} {r.ack_p50:6.0f}ms"
            f" {r.ack_p99:6.0f}ms {r.lag:4.0f}ms  {r.early / 1e6:.0f} {r.late / 1e6:.0f}  "
            + ", ".join(f"{second:.0f}: {p99:.0f}" for second, p99 in r.slowest),
            flush=True,
        )


if __name__ == "__main__":
    main()
