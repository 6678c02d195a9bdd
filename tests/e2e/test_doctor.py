"""`gluten doctor` and `gluten run` as a person starts them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from gluten.daemon.machine import cores
from tests.support.e2e.programs import Cluster, environment, gluten
from tests.support.needs import find_program

ALL = [
    "python", "file limit", "ephemeral ports", "time-wait", "cores", "memory limit", "clock", "data directory", "cache",
    "loopback", "web-port", "rpc-port", "master",
]  # fmt: skip


def test_a_host_is_judged_line_by_line(cluster: Cluster, tmp_path: Path) -> None:
    done = cluster.run("doctor", "--format", "json")
    checks = {check["what"]: check for check in done.json["checks"]}
    assert list(checks) == [*ALL, "clock of master", "speed"]
    assert done.code == (1 if any(check["level"] == "bad" for check in checks.values()) else 0)
    for check in checks.values():
        assert check["level"] in ("ok", "warn", "bad")
        assert check["mend"] or check["level"] == "ok", check
    assert checks["master"]["found"] == f"{cluster.rpc} can be reached, 3 nodes"
    assert checks["clock of master"]["found"] == "less than a second apart"


def limited(folder: Path, files: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command with so many open files allowed."""
    command = [
        find_program("bash"),
        "-c",
        f'ulimit -n {files}; exec "$@"',
        "-",
        sys.executable,
        "-m",
        "gluten",
        *arguments,
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment(folder), cwd=folder)


def test_doctor_and_run_use_the_same_words(tmp_path: Path) -> None:
    """The doctor assumes a worker for each core, and so does a run with as many threads."""
    refused = limited(tmp_path, 128, "run", f"-t{cores()}", "-c1M", "http://127.0.0.1:1/")
    assert refused.returncode == 2
    assert refused.stderr.startswith("gluten: this host is not fit: file limit: 128 open files a process; 1000000 conn")
    told = limited(tmp_path, 128, "doctor", "-c1M")
    assert told.returncode == 1
    line = next(line for line in told.stdout.splitlines() if "file limit" in line)
    found, mend = line.split("  -> ")
    assert found.startswith("bad ")
    assert found.split("  ")[-1] in refused.stderr
    assert mend in refused.stderr


def test_without_a_master_the_doctor_says_so_and_goes_on(tmp_path: Path) -> None:
    done = gluten(tmp_path, "doctor", "--master", "127.0.0.1:1")
    assert "warn  master            cannot reach the master at 127.0.0.1:1" in done.out
    assert "clock of master" not in done.out
    assert "  speed " in done.out


def test_a_slave_refuses_its_part_in_the_same_words(cluster: Cluster) -> None:
    words = ["--slave-mode", "--master", cluster.rpc, "--rpc-port", "--name", "narrow", "--bind", "127.0.0.1"]
    command = [find_program("bash"), "-c", 'ulimit -n 128; exec "$@"', "-", sys.executable, "-m", "gluten", *words]
    data = ["--data", str(cluster.folder / "narrow-data")]
    known = environment(cluster.folder)
    with subprocess.Popen([*command, *data], env=known, cwd=cluster.folder, stderr=subprocess.DEVNULL) as slave:
        try:
            cluster.wait_for_nodes(4)
            done = cluster.run("submit", "--watch", "-t8", "-c4k", "-d1s", "--split", "even", "http://127.0.0.1:1/")
        finally:
            slave.terminate()
    assert done.code == 4
    assert "node narrow is not fit: file limit: 128 open files a process; 1000 connections" in done.error
