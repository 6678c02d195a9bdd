#!/usr/bin/env python3
"""Proves at full length that GLuTEN's numbers are true. It prints a table. Load goes to 127.0.0.1 only.

    python3 bench/proofs.py [stopped] [rates] [distribution] [queue] [pauses]

stopped       200/s for 60 s. The target is stopped (SIGSTOP) for 6 s in the middle. Response time must be p95 3.0 s,
              p99 5.4 s, p99.9 5.94 s, within 2 %.
rates         10/s to 20,000/s, 30 s each. The rate must be right within 0.1 %, and the p99 of lateness below 200 us.
              The target stays on the first core, so the generator has the other one.
distribution  A target with the delays 900x10ms,90x50ms,9x200ms,1x1s. p50, p95, p99.5 and p99.95 must be right within
              1 ms or 1 %.
queue         A target with 8 servers, of 8 ms on average each, at 700/s with random arrivals for 60 s: the queue M/M/8.
              p50, p90 and p99 must be right within 10 %.
pauses        200 sessions/s of 10 s on average for 30 s: 2,000 at once on one core. No session is lost, and the p99 of
              lateness, which is how long after its pause a request was sent, is below 5 ms.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
GLUTEN = [sys.executable, "-m", "gluten"]
RATES = (10, 100, 1000, 5000, 10_000, 20_000)
PAUSES = ROOT / "bench" / "workloads" / "pauses.toml"
DELAYS = "900x10ms,90x50ms,9x200ms,1x1s"


class Target:
    """`gluten target` on a free port."""

    def __init__(self, *arguments: str) -> None:
        command = [*_on_first_core(), *GLUTEN, "target", "--port", "0", *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert self.process.stdout is not None
        found = re.search(r"https?://\S+", self.process.stdout.readline())
        assert found
        self.url = found[0]

    def count(self) -> int:
        with urllib.request.urlopen(f"{self.url}_gluten/count") as answer:
            return int(json.load(answer)["requests"])

    def __enter__(self) -> Target:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(10)


def _on_first_core() -> list[str]:
    """The start of a command that runs on the first core. Empty if there is only one core."""
    cores = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []
    return ["taskset", "-c", str(cores[0])] if len(cores) > 1 else []


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*GLUTEN, "run", "--format", "json", *arguments], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )


def load(*arguments: str) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(start(*arguments).communicate()[0])
    return report


def show(what: str, found: float, wanted: float, tolerance: float, unit: str) -> bool:
    good = abs(found - wanted) <= tolerance
    print(f"  {what:<22} {found:>12.4f} {unit:<3} wanted {wanted:g} +/- {tolerance:g}  {'ok' if good else 'MISSED'}")
    return good


def stopped() -> bool:
    with Target() as target:
        running = start("-t1", "-c10", "-R", "200", "-d", "60s", "-T", "30s", target.url)
        while target.count() < 200 * 27:
            time.sleep(0.05)
        target.process.send_signal(signal.SIGSTOP)
        time.sleep(6.0)
        target.process.send_signal(signal.SIGCONT)
        report = json.loads(running.communicate()[0])
    response = report["response_time"]
    wanted = {"p95": 3.0, "p99": 5.4, "p99_9": 5.94}
    results = [show(name, response[name] / 1e6, value, value * 0.02, "s") for name, value in wanted.items()]
    print(f"  service time p99 {report['service_time']['p99']} us, p99.9 {report['service_time']['p99_9']} us")
    return all(results)


def rates() -> bool:
    results = []
    with Target() as target:
        for rate in RATES:
            report = load("-t1", "-c64", "-R", str(rate), "-d", "30s", target.url)
            requests = report["requests"]
            results.append(show(f"{rate}/s achieved", report["rate"], rate, rate * 0.001, "/s"))
            results.append(requests["planned"] == requests["sent"] + requests["dropped"] == rate * 30)
            late = report["lateness"]
            results.append(show(f"{rate}/s lateness p99", late["p99"], 0, 200, "us"))
            print(f"    lateness p50 {late['p50']} us, p99.9 {late['p99_9']} us; dropped {requests['dropped']}")
    return all(results)


def distribution() -> bool:
    with Target("--delay", DELAYS) as target:
        report = load("-t2", "-c200", "-R", "1000", "-n", "20000", "-T", "5s", target.url)
    from gluten.stats import hdr

    points = {50.0: 0.010, 95.0: 0.050, 99.5: 0.200, 99.95: 1.0}
    found = hdr.decode(report["response_time"]["hdr"]).percentiles(points)
    pairs = zip(points.items(), found, strict=True)
    results = [show(f"p{p:g}", us / 1e6, wanted, max(1e-3, wanted * 0.01), "s") for (p, wanted), us in pairs]
    return all(results)


def queue() -> bool:
    from tests.support.capacity.mmc import Queue

    with Target("--servers", "8", "--delay", "exp:8ms") as target:
        report = load("-t1", "-R", "700", "-d", "60s", "--arrivals", "poisson", target.url)
    known, results = Queue(8, 0.008), []
    for name, share in {"p50": 0.5, "p90": 0.9, "p99": 0.99}.items():
        wanted = round(known.percentile(700, share) * 1e3, 2)
        results.append(show(name, report["response_time"][name] / 1e3, wanted, wanted * 0.1, "ms"))
    return all(results)


def pauses() -> bool:
    with Target() as target:
        report = load("-t1", "-R", "200", "-d", "30s", "--url", target.url, str(PAUSES))
        asked = target.count()
    sessions, requests = report["sessions"], report["requests"]
    results = [
        show("sessions finished", sessions["finished"], 6000, 0, ""),
        show("counted by the target", asked, requests["completed"], 0, ""),
        show("at once", sessions["most"], 2000, 200, ""),
        show("lateness p99", report["lateness"]["p99"] / 1e3, 0, 5, "ms"),
    ]
    print(f"  lateness p50 {report['lateness']['p50']} us, p99.9 {report['lateness']['p99_9']} us")
    return all(results)


PROOFS: dict[str, Callable[[], bool]] = {
    "stopped": stopped,
    "rates": rates,
    "distribution": distribution,
    "queue": queue,
    "pauses": pauses,
}


def main(names: list[str]) -> int:
    unknown = set(names) - set(PROOFS)
    if unknown:
        sys.exit(f"bench/proofs.py: {sorted(unknown)[0]!r} is not one of {', '.join(PROOFS)}")
    results = []
    for name in names or PROOFS:
        print(name)
        results.append(PROOFS[name]())
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main(sys.argv[1:]))
