"""Compares GLuTEN with its peers on the same target: CPU per completed request, and requests a second.

    python bench/versus.py [--rounds N] [--seconds S] [--cases LIST|all] [--peers LIST|all] [--install]
                           [--gluten auto|pyz|module] [--before PYZ] [--wrk2 PATH] [--out FILE]

Exit code: 0 all bounds are met, 1 a bound is missed, 2 wrong usage, 3 something that is needed is missing. Then the
cases that do not need it are measured all the same.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import cases, equip, highest, idle, meter, peers, show
from bench.cases import SUBJECT, Case
from bench.peers import Peer
from bench.rounds import Bench
from bench.servers import SERVERS
from bench.target import Missing, Target


@dataclass(frozen=True, slots=True)
class Setting:
    """What all cases share: the cores of client and target, the clients that are there, rounds and their length."""

    client_core: int
    target_core: int
    ready: list[Peer]
    rounds: int
    seconds: float

    def measure(self, case: Case, folder: Path) -> dict[str, Any]:
        """Measure one case. Returns its entry in the JSON file."""
        try:
            return self._idle(case, folder) if case.idle else self._loaded(case, folder)
        except Missing as lack:
            return {"name": case.name, "title": case.title, "skipped": str(lack), "bounds": []}

    def _idle(self, case: Case, folder: Path) -> dict[str, Any]:
        subject = [peer for peer in self.ready if peer.name == SUBJECT]
        if not subject:
            raise Missing(f"{SUBJECT} is not among the peers")
        return idle.measure(case, subject[0], folder)

    def _loaded(self, case: Case, folder: Path) -> dict[str, Any]:
        both = f"{self.target_core},{self.client_core}"
        with Target(SERVERS[case.server], folder, both if case.shared else str(self.target_core)) as target:
            cores = both if case.shared else str(self.client_core)
            ready = equip.with_base(self.ready, case)
            bench = Bench(case, target, cores, ready, self.rounds, self.seconds)
            return highest.measure(bench) if case.highest else bench.measure()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compares GLuTEN with its peers, in CPU per request")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3, help="length of each measurement (wrk needs whole seconds)")
    parser.add_argument("--cases", default="plain", help="names separated by commas, or all: " + _names())
    parser.add_argument("--peers", default="all", help="names separated by commas, or all")
    parser.add_argument(
        "--install", action="store_true", help="first fetch autocannon and locust into a cache, and servers from Debian"
    )
    parser.add_argument("--gluten", choices=("auto", "pyz", "module"), default="auto")
    parser.add_argument("--before", type=Path, help="an earlier gluten.pyz, measured in the same rounds")
    parser.add_argument("--wrk2", default=os.environ.get("WRK2", "wrk2"), help="wrk2's name or path; default $WRK2")
    parser.add_argument("--out", type=Path, default=equip.ROOT / "bench" / "results.json")
    asked = parser.parse_args()
    if asked.rounds < 1 or asked.seconds < 1:
        parser.error("--rounds and --seconds must be at least 1")
    try:
        asked.cases = cases.named(asked.cases)
        asked.peers = peers.named(asked.peers)
    except ValueError as error:
        parser.error(str(error))
    return asked


def _names() -> str:
    return ", ".join(case.name for case in cases.CASES)


def two_cores() -> tuple[int, int]:
    """The client's core and the target's core. Raises Missing."""
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) < 2:
        raise Missing("two cores are needed, one for the target and one for the client")
    return usable[1], usable[0]


def compare(asked: argparse.Namespace, folder: Path) -> dict[str, Any]:
    client_core, target_core = two_cores()
    if asked.install:
        equip.install(asked.peers, asked.cases)
    ready, missing = equip.equip(asked.peers, folder, asked.gluten, asked.wrk2)
    if asked.before:
        ready.append(equip.earlier(asked.before))
    document: dict[str, Any] = {"schema": "gluten.bench/2", "at": datetime.now(UTC).isoformat(timespec="seconds")}
    document |= show.print_conditions(asked.rounds, asked.seconds, ready, missing)
    meter.adopt_orphans()
    os.sched_setaffinity(0, {target_core})  # the benchmark itself does not use the client's core
    setting = Setting(client_core, target_core, ready, asked.rounds, asked.seconds)
    document["cases"] = []
    for case in asked.cases:
        document["cases"].append(setting.measure(case, folder / case.name))
        show.print_case(document["cases"][-1])
    return document


def exit_code(cases: list[dict[str, Any]]) -> int:
    """A missed bound counts more than a case that could not be measured."""
    if any(not verdict["met"] for case in cases for verdict in case["bounds"]):
        return 1
    return 3 if any(case.get("skipped") for case in cases) else 0


def main() -> int:
    asked = arguments()
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # servers are stopped on the way out
    try:
        with tempfile.TemporaryDirectory(prefix="gluten-bench-") as folder:
            document = compare(asked, Path(folder))
    except (Missing, RuntimeError) as error:
        print(f"versus: {error}", file=sys.stderr)
        return 3
    asked.out.write_text(json.dumps(document, indent=1) + "\n")
    bounds = [verdict for case in document["cases"] for verdict in case["bounds"]]
    met = sum(verdict["met"] for verdict in bounds)
    print(f"\n{met} of {len(bounds)} bounds met; all samples: {asked.out}")
    return exit_code(document["cases"])


if __name__ == "__main__":
    sys.exit(main())
