"""Prints the conditions of a measurement and its results."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import equip, results
from bench.cases import SUBJECT
from bench.peers import Peer
from bench.progress import show_progress


def print_case(found: dict[str, Any]) -> None:
    """Print the result of one case."""
    show_progress("")
    print(f"\n{found['name']}: {found['title']}")
    for line in _lines(found):
        print(f"  {line}")
    sys.stdout.flush()


def _lines(found: dict[str, Any]) -> Iterator[str]:
    if found.get("skipped"):
        yield f"not measured: {found['skipped']}"
        return
    if found.get("asked_rate"):
        yield f"GLuTEN and the C loop at {found['asked_rate']:,.0f} requests/s, wrk at full speed"
    if found["peers"]:
        yield from results.table(found["peers"], found["base"])
    for name, rates in found.get("highest", {}).items():
        held = ("{rate:,.0f}/s (busy {busy:.0%})".format(**one) for one in rates)
        yield f"{name}: {', '.join(held)}"
    for name, reason in found["unable"].items():
        yield f"{name}: not measured: {reason}"
    for name, reason in found["troubles"].items():
        yield f"{name}: FAILED: {reason}"
    for verdict in found["bounds"]:
        yield f"-> {results.verdict_line(verdict)}"


def print_conditions(rounds: int, seconds: float, ready: list[Peer], missing: list[Peer]) -> dict[str, Any]:
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
    print(f"{rounds} rounds of {seconds} s; load average is {os.getloadavg()[0]:.1f}", flush=True)
    return {
        "machine": _machine(),
        "gluten": how,
        "rounds": rounds,
        "seconds": seconds,
        "versions": versions,
        "missing": {peer.name: peer.brings for peer in missing},
    }


def _machine() -> dict[str, Any]:
    model = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return {
        "cpu": model[0].partition(":")[2].strip() if model else platform.machine(),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "python": platform.python_version(),
    }
