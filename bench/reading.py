"""Measures what reading costs those who work: answers to heartbeats, acknowledgements and orders, with and without it.

    python -m bench.reading FOLDER [--seconds 15] [--nodes 10] [--compares 8] [--root DIR]

FOLDER/gluten.db holds two runs or more, such as `bench.longrun` writes (twice). A real master serves it. Slaves without
load (`bench.swarm`) work on a run under way, and somebody changes its rate again and again. After the first half a
viewer reads everything at once (`bench.readers`). Times are in ms. `--root` is a checkout of another version.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.cluster import ROOT, _environment, _find
from gluten.net.keys import keyfile
from gluten.net.rpc.rpc_client import Client
from gluten.task.task import Task

EACH = 0.05
"""Seconds between two orders."""


@dataclass(frozen=True, slots=True)
class Times:
    """The 99th percentile and the largest of each, in ms, and how many there were."""

    beats: tuple[float, float, int]
    acks: tuple[float, float, int]
    orders: tuple[float, float, int]


@dataclass(frozen=True, slots=True)
class Result:
    """`missing` and `again` count deltas that were not acknowledged, and sent twice. `state` is how the run ended."""

    quiet: Times
    reading: Times
    missing: int
    again: int
    expected: int
    completed: int
    state: str
    statuses: Mapping[str, int]
    longest: float


def measure(folder: Path, seconds: int, nodes: int, compares: int, root: Path = ROOT) -> Result:
    with ExitStack() as stack:
        rpc, base = stack.enter_context(_master(folder, root))
        key = keyfile.read(folder / keyfile.NAME)
        client = Client(rpc, token=key.token("admin"), timeout=60.0)
        stack.callback(client.close)
        swarm = stack.enter_context(_program("bench.swarm", rpc, "0", str(nodes), "1", "0.1"))
        assert swarm.stdout is not None
        assert swarm.stdout.readline() == "joined\n"
        time.sleep(2.0)
        task = Task("http://127.0.0.1:9/", nodes, nodes, 2.0 * seconds + 4, rate=1000.0)
        run = client.submit(task)["id"]
        orders = list(_orders(client, run, seconds + 2))
        middle = time.monotonic()
        stored = [str(found["number"]) for found in client.runs(3) if found["id"] != run]
        readers = stack.enter_context(
            _program("bench.readers", base, rpc, key.token("viewer"), str(compares), *stored[:2])
        )
        time.sleep(0.5)
        orders += _orders(client, run, seconds)
        read, until = _ended(readers), time.monotonic()
        for update in client.watch(run):
            state = update["run"]["state"]
        report = client.report(run)
        seen = _ended(swarm)
        times = seen["times"] | {"orders": orders}
        return Result(
            _times(times, 0.0, middle),
            _times(times, middle + 0.5, until),
            seen["missing"],
            seen["again"],
            seen["deltas"] * 2000,
            report["requests"]["completed"],
            state,
            read["statuses"],
            read["longest"],
        )


def _orders(client: Client, run: str, seconds: float) -> Iterator[tuple[float, float]]:
    """Change the rate for so long. When each was done (monotonic s), and how long it took (s)."""
    until, rate = time.monotonic() + seconds, 1000.0
    while time.monotonic() < until:
        if client.run(run)["state"] != "running":
            time.sleep(EACH)
            continue
        rate += 1.0
        begun = time.monotonic()
        client.adjust(run, rate)
        yield time.monotonic(), time.monotonic() - begun
        time.sleep(EACH)


def _times(times: Mapping[str, Any], begin: float, end: float) -> Times:
    def marks(pairs: Any) -> tuple[float, float, int]:
        took = sorted(took * 1000 for at, took in pairs if begin <= at < end) or [0.0]
        return round(took[int(len(took) * 0.99)], 1), round(took[-1], 1), len(took)

    return Times(marks(times["beats"]), marks(times["acks"]), marks(times["orders"]))


@contextmanager
def _master(folder: Path, root: Path) -> Iterator[tuple[str, str]]:
    """Its rpc address and its web address."""
    log = folder / "master.log"
    command = ["--master-mode", "--no-load", "--web-port", "0", "--rpc-port", "0", "--bind", "127.0.0.1"]
    with log.open("wb") as out:
        master = subprocess.Popen(
            [sys.executable, "-m", "gluten", *command, "--data", str(folder)],
            stdout=out,
            stderr=out,
            env=_environment() | {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"},
            cwd=root,
        )
    try:
        yield _find(log, r"--master (\S+:\d+)")[1], _find(log, r"(http://\S+:\d+)/")[1]
    finally:
        master.terminate()
        master.wait(30)


@contextmanager
def _program(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", *arguments]
    made = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_environment(), cwd=ROOT
    )
    try:
        yield made
    finally:
        made.terminate()
        made.wait(30)


def _ended(program: subprocess.Popen[str]) -> dict[str, Any]:
    out, _ = program.communicate(timeout=60)
    found: dict[str, Any] = json.loads(out)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=int, default=15)
    parser.add_argument("--nodes", type=int, default=10)
    parser.add_argument("--compares", type=int, default=8)
    parser.add_argument("--root", type=Path, default=ROOT)
    options = parser.parse_args()
    print(json.dumps(asdict(measure(options.folder, options.seconds, options.nodes, options.compares, options.root))))


if __name__ == "__main__":
    main()
