"""Proofs that the times are right, scaled down. `bench/proofs.py` makes the same at full length."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.e2e.programs import ROOT, Program, environment, wait_for

pytestmark = pytest.mark.alone

LENGTH, STOPPED = 10.0, 1.0
HOG = "while True: pass"


def count(url: str) -> int:
    import urllib.request

    with urllib.request.urlopen(f"{url}_gluten/count") as answer:
        return int(json.load(answer)["requests"])


def test_a_stopped_server_shows_in_the_response_time_and_hardly_in_the_service_time(tmp_path: Path) -> None:
    """The target stands still for a tenth of the run. Requests are due all the while, so the waiting times are
    spread evenly over 0 to 1 s for a tenth of them: p95 is 0.5 s, p99 0.9 s, p99.9 0.99 s."""
    target = Program(tmp_path, "target", "target", "--port", "0")
    url = target.find(r"http://[\d.]+:\d+/")[0]
    arguments = ["run", "--quiet", "-t1", "-c10", "-R", "200", "-d", f"{LENGTH:g}s", "-T", "30s", "--format", "json"]
    load = Program(tmp_path, "load", *arguments, url)
    wait_for("half of the load", lambda: count(url) >= 200 * (LENGTH - STOPPED) / 2)
    target.process.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    wait_for("the stop to last", lambda: time.monotonic() - began >= STOPPED)
    target.process.send_signal(signal.SIGCONT)
    stopped = time.monotonic() - began
    assert load.process.wait(60) == 0, load.said
    report = json.loads(load.said)
    response, service = report["response_time"], report["service_time"]
    for name, above in (("p95", 0.05), ("p99", 0.01), ("p99_9", 0.001)):
        assert abs(response[name] / 1e6 - (stopped - above * LENGTH)) < 0.04, (name, response[name])
    assert service["p99"] < 100_000
    assert report["requests"]["planned"] == report["requests"]["completed"] == 200 * LENGTH
    assert target.stop() == 0


def hogs(core: int) -> list[subprocess.Popen[bytes]]:
    """Programs that take nearly all of one core."""

    def greedy() -> None:
        os.sched_setaffinity(0, {core})
        with contextlib.suppress(PermissionError):  # a container's root may not
            os.nice(-10)

    return [subprocess.Popen([sys.executable, "-c", HOG], preexec_fn=greedy) for _ in range(4)]


def test_a_generator_that_is_starved_of_cpu_is_not_valid_and_says_why(tmp_path: Path) -> None:
    target = Program(tmp_path, "target", "target", "--port", "0")
    url = target.find(r"http://[\d.]+:\d+/")[0]
    core = max(os.sched_getaffinity(0))
    command = [sys.executable, "-m", "gluten", "run", "-t1", "-c20", "-R", "4000", "-d", "4s", "--format", "json", url]
    load = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        env=environment(tmp_path),
        cwd=ROOT,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )
    wait_for("the load to begin", lambda: count(url) > 100)
    greedy = hogs(core)
    try:
        out, _ = load.communicate(timeout=90)
    finally:
        for hog in greedy:
            hog.kill()
            hog.wait()
        target.stop()
    verdict = json.loads(out)["verdict"]
    assert verdict["value"] in ("suspect", "invalid")
    assert any("late" in reason or "could not be sent" in reason for reason in verdict["reasons"])
