"""Compares GLuTEN with its peers on one target: CPU per completed request, and requests a second.

    python bench/versus.py [--rounds N] [--seconds S] [--cases LIST|all] [--peers LIST|all] [--install]
                           [--gluten auto|pyz|module] [--out FILE]

Exit code: 0 all bounds are met, 1 a bound is missed, 2 wrong usage, 3 something that is needed is missing.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import cases, equip, meter, peers, results
from bench.cases import Case
from bench.peers import Measurement, Peer, Unable
from bench.results import BASE, LIMIT, SUBJECT, Sample
from bench.target import Missing, Target

_GRACE = 30.0
"""A client that runs so many seconds too long is killed."""


class Bench:
    """One run of the benchmark against `target`. The clients run on `core`."""

    def __init__(self, target: Target, core: int, ready: list[Peer], rounds: int, seconds: float) -> None:
        self.target, self.core, self.ready = target, core, ready
        self.rounds, self.seconds = rounds, seconds

    def case(self, case: Case) -> dict[str, Any]:
        """Measure all rounds of one case. Returns its entry in the JSON file."""
        able, unable = self._able(case)
        pace = self._pace(case, able)
        samples, troubles = self._rounds(case, able, pace)
        base, limit = samples.get(BASE, []), samples.get(LIMIT, [])
        rows = {name: results.summary(found, base, limit) for name, found in samples.items()}
        return {
            "name": case.name,
            "title": case.title,
            "asked_rate": pace,
            "bounds": results.judge(case, rows),
            "peers": rows,
            "unable": unable,
            "troubles": troubles,
        }

    def _able(self, case: Case) -> tuple[list[Peer], dict[str, str]]:
        able, unable = [], {}
        for peer in self.ready:
            try:
                if case.paced and peer.name not in (SUBJECT, BASE, LIMIT):
                    raise Unable("this case only compares GLuTEN at a constant rate with wrk at full speed")
                peer.command(self._measurement_of(case, None))
                able.append(peer)
            except Unable as reason:
                unable[peer.name] = str(reason)
        return able, unable

    def _measurement_of(self, case: Case, pace: float | None) -> Measurement:
        return Measurement(case, self.target.url(case.path, case.tls), self.seconds, pace)

    def _pace(self, case: Case, able: list[Peer]) -> float | None:
        """Half of the rate that GLuTEN's closed loop reaches, or None if the case is not paced."""
        subject = [peer for peer in able if peer.name == SUBJECT]
        if not case.paced or not subject:
            return None
        return self._sample(subject[0], self._measurement_of(case, None), 0).rate / 2

    def _rounds(
        self, case: Case, able: list[Peer], pace: float | None
    ) -> tuple[dict[str, list[Sample]], dict[str, str]]:
        samples: dict[str, list[Sample]] = defaultdict(list)
        troubles: dict[str, str] = {}
        for number in range(self.rounds):
            # Each round begins with another client, so no client always follows the same one.
            turn = number % max(1, len(able))
            for peer in able[turn:] + able[:turn]:
                show_progress(f"{case.name}: round {number + 1} of {self.rounds}, {peer.name}")
                try:
                    measurement = self._measurement_of(case, pace if peer.name in (SUBJECT, LIMIT) else None)
                    samples[peer.name].append(self._sample(peer, measurement, number))
                except ValueError as error:
                    troubles[peer.name] = str(error)
        return {name: found for name, found in samples.items() if found}, troubles

    def _sample(self, peer: Peer, measurement: Measurement, number: int) -> Sample:
        """Measure once. Raises ValueError if the client fails or its output cannot be read."""
        served, target_cpu = self.target.served(), self.target.cpu()
        usage = meter.measure(
            [*peer.program, *peer.command(measurement)],
            self.core,
            measurement.seconds + _GRACE,
            peer.environment(measurement) | equip.environment(peer),
        )
        target_cpu = self.target.cpu() - target_cpu
        served = self.target.served() - served - 1
        if usage.code not in peer.good_codes:
            lines = (usage.errors.strip() or usage.output.strip() or "no output").splitlines()
            raise ValueError(f"exit code {usage.code}: {lines[-1]}")
        reading = peer.read(usage.output)
        return Sample(
            number,
            usage.cpu,
            usage.wall,
            reading.completed,
            reading.failed,
            reading.rate,
            usage.peak,
            served,
            target_cpu / max(1, served) * 1e6,
        )


def show_progress(line: str) -> None:
    """Show progress, only on a terminal."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)


def print_case(found: dict[str, Any]) -> None:
    """Print the result of one case."""
    show_progress("")
    print(f"\n{found['name']}: {found['title']}")
    if found["asked_rate"]:
        print(f"  GLuTEN and the C loop at {found['asked_rate']:,.0f} requests/s, wrk at full speed")
    for line in results.table(found["peers"]):
        print(f"  {line}")
    for name, reason in found["unable"].items():
        print(f"  {name}: not measured: {reason}")
    for name, reason in found["troubles"].items():
        print(f"  {name}: FAILED: {reason}")
    for verdict in found["bounds"]:
        print(f"  -> {results.verdict_line(verdict)}")
    sys.stdout.flush()


def machine() -> dict[str, Any]:
    model = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return {
        "cpu": model[0].partition(":")[2].strip() if model else platform.machine(),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "python": platform.python_version(),
    }


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compares GLuTEN with its peers, in CPU per request")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3, help="length of each measurement (wrk needs whole seconds)")
    parser.add_argument("--cases", default="plain", help="names separated by commas, or all: " + _names())
    parser.add_argument("--peers", default="all", help="names separated by commas, or all")
    parser.add_argument("--install", action="store_true", help="fetch autocannon and locust into a cache first")
    parser.add_argument("--gluten", choices=("auto", "pyz", "module"), default="auto")
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


def head(asked: argparse.Namespace, ready: list[Peer], missing: list[Peer]) -> dict[str, Any]:
    """Print and return the conditions of the measurement."""
    for peer in missing:
        print(f"missing: {peer.name} (install {peer.brings})")
    versions = {peer.name: peer.version for peer in ready}
    print("clients: " + ", ".join(f"{name} {version}".strip() for name, version in versions.items()))
    subject = [peer for peer in ready if peer.name == SUBJECT]
    how = " ".join(Path(word).name for word in subject[0].program) if subject else ""
    if "gluten.pyz" in how and equip.stale():
        print("note: dist/gluten.pyz is older than gluten/: `python3 build_zipapp.py`, or --gluten module")
    if how:
        print(f"GLuTEN is run as: {how} run")
    print(f"{asked.rounds} rounds of {asked.seconds} s; load average is {os.getloadavg()[0]:.1f}")
    return {
        "schema": "gluten.bench/1",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "gluten": how,
        "rounds": asked.rounds,
        "seconds": asked.seconds,
        "versions": versions,
        "missing": {peer.name: peer.brings for peer in missing},
    }


def compare(asked: argparse.Namespace, folder: Path) -> dict[str, Any]:
    client_core, target_core = two_cores()
    if asked.install:
        equip.install(asked.peers)
    ready, missing = equip.equip(asked.peers, folder, asked.gluten)
    document = head(asked, ready, missing)
    meter.adopt_orphans()
    os.sched_setaffinity(0, {target_core})  # the benchmark itself does not use the client's core
    with Target(folder, target_core) as target:
        bench = Bench(target, client_core, ready, asked.rounds, asked.seconds)
        document["cases"] = []
        for case in asked.cases:
            document["cases"].append(bench.case(case))
            print_case(document["cases"][-1])
    return document


def main() -> int:
    asked = arguments()
    try:
        with tempfile.TemporaryDirectory(prefix="gluten-bench-") as folder:
            document = compare(asked, Path(folder))
    except (Missing, RuntimeError) as error:
        print(f"versus: {error}", file=sys.stderr)
        return 3
    asked.out.write_text(json.dumps(document, indent=1) + "\n")
    bounds = [verdict for case in document["cases"] for verdict in case["bounds"]]
    missed = sum(not verdict["met"] for verdict in bounds)
    print(f"\n{len(bounds) - missed} of {len(bounds)} bounds met; all samples: {asked.out}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
