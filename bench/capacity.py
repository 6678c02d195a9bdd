#!/usr/bin/env python3
"""Searches the capacity of targets whose capacity is known by a formula, and says how right the answers are.

    python -m bench.capacity [--searches 20] [--beside 2] [--only NAME] [--nodes 3] [--most 10m]

Each target is a queue M/M/c: `gluten target --servers N --delay exp:…`. Arrivals are random. The formula of the queue
(Erlang C) knows the rate at which its p99 is what the SLO allows. A search is right if `holds` is at most 1.03 times
the truth, `misses` at least 0.97 times the truth, and `misses` at most 1.06 times `holds`. A wider interval is right if
its sentence says that it is wide: few requests do not decide more in the time. Of 20 searches 19 must be right, and
half must take less than 4 minutes. Exit code: 0 they are, 1 they are not.

`--beside` searches run at a time. `--nodes 3`: each search is done by a master and two slaves. Load goes to 127.0.0.1
only.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from tests.support.capacity.mmc import Queue
from tests.support.e2e.programs import Cluster, Program, environment

SHARE = 0.99
MOST_HOLDS, LEAST_MISSES, WIDEST = 1.03, 0.97, 1.06
RIGHT = 0.95
MEDIAN = 240.0


class Case(NamedTuple):
    """A queue, and the limit of its p99 in milliseconds."""

    queue: Queue
    limit: int

    @property
    def truth(self) -> float:
        return self.queue.capacity(SHARE, self.limit / 1e3)

    def target(self) -> list[str]:
        delay = f"exp:{self.queue.work * 1e3:g}ms"
        return ["target", "--port", "0", "--servers", str(self.queue.servers), "--delay", delay]

    def workload(self, url: str, seed: int) -> str:
        """A workload file, because that can have a seed of its own, so that no two searches have the same arrivals."""
        load = f'seed = {seed}\nslo = ["p99 < {self.limit}ms"]\n[load]\narrivals = "poisson"\n'
        return f'{load}[request.home]\nget = "{url}"\n'


CASES = {
    "mm16": Case(Queue(16, 0.008), 60),
    "mm8": Case(Queue(8, 0.008), 50),
    "mm4": Case(Queue(4, 0.004), 40),
    "mm1": Case(Queue(1, 0.002), 40),
}


class Found(NamedTuple):
    """What a search answered."""

    name: str
    truth: float
    holds: float
    misses: float
    limit: str
    took: float
    words: str

    def is_right(self) -> bool:
        """An answer without one of its ends, or one that the generators bounded, is not the capacity."""
        if not self.holds or not self.misses or self.limit != "target":
            return False
        inside = self.holds <= MOST_HOLDS * self.truth and self.misses >= LEAST_MISSES * self.truth
        return inside and (self.is_narrow() or "wide" in self.words)

    def is_narrow(self) -> bool:
        return self.misses <= WIDEST * self.holds

    def row(self) -> str:
        right = "ok" if self.is_right() else "WRONG"
        return (
            f"{self.name:<5} truth {self.truth:8.1f}  holds {self.holds:8.1f} ({self.holds / self.truth:.3f})  misses "
            f"{self.misses:8.1f} ({self.misses / self.truth:.3f})  {self.took:4.0f}s  "
            f"{self.limit:<9} {right}  {self.words}"
        )


def found_in(name: str, report: dict[str, Any]) -> Found:
    """The answer of a report."""
    capacity = report["capacity"]
    return Found(
        name=name,
        truth=CASES[name].truth,
        holds=capacity["holds"] or 0.0,
        misses=capacity["misses"] or 0.0,
        limit=capacity["limit"],
        took=report["duration"],
        words=capacity.get("text") or "",
    )


def search(name: str, seed: int, most: str, nodes: int) -> Found:
    """One search of one target, both in processes of their own."""
    case = CASES[name]
    with tempfile.TemporaryDirectory(prefix="gluten-") as made:
        folder = Path(made)
        target = Program(folder, "target", *case.target())
        try:
            url = target.find(r"http://\S+")[0]
            (folder / "load.toml").write_text(case.workload(url, seed))
            return found_in(
                name, _report(folder, ["--find-capacity", "-d", most, "--format", "json", "load.toml"], nodes)
            )
        finally:
            target.stop()


def _report(folder: Path, words: list[str], nodes: int) -> dict[str, Any]:
    if nodes > 1:
        cluster = Cluster(folder, nodes - 1)
        try:
            return _told(folder, "submit", "--watch", "--quiet", "--master", cluster.rpc, *words)
        finally:
            cluster.stop()
    return _told(folder, "run", "--quiet", *words)


def _told(folder: Path, *words: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "gluten", *words], capture_output=True, text=True, cwd=folder, env=environment(folder)
    )
    if not done.stdout:
        sys.exit(f"bench.capacity: gluten {' '.join(words)}: exit code {done.returncode}: {done.stderr.strip()}")
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def searches(names: list[str], count: int, beside: int, most: str, nodes: int) -> Iterator[Found]:
    """The answers, as they come."""
    with ThreadPoolExecutor(beside) as pool:
        yield from pool.map(lambda number: search(names[number % len(names)], number, most, nodes), range(count))


def judge(found: list[Found]) -> bool:
    """Print the sums. Returns whether enough of the answers are right, and half of them in time."""
    right, middle = sum(one.is_right() for one in found), median(one.took for one in found)
    narrow = sum(one.is_right() and one.is_narrow() for one in found)
    print(f"{right} of {len(found)} are right (wanted: {RIGHT:.0%}), {narrow} of them to {WIDEST - 1:.0%}")
    print(f"median {middle:.0f} s (at most {MEDIAN:.0f} s)")
    return right >= RIGHT * len(found) and middle <= MEDIAN


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.capacity", description=__doc__.partition("\n")[0])
    parser.add_argument("--searches", type=int, default=20)
    parser.add_argument("--beside", type=int, default=2)
    parser.add_argument("--only", choices=CASES)
    parser.add_argument("--nodes", type=int, default=1)
    parser.add_argument("--most", default="10m")
    asked = parser.parse_args()
    names = [asked.only] if asked.only else list(CASES)
    found = []
    for one in searches(names, asked.searches, asked.beside, asked.most, asked.nodes):
        print(one.row(), flush=True)
        found.append(one)
    return 0 if judge(found) else 1


if __name__ == "__main__":
    sys.exit(main())
