"""Runs a client on one core, and measures the cost of it and of all its descendants, from start to end."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True, slots=True)
class Usage:
    """`cpu` is the user and system seconds of the whole process tree, `wall` the elapsed seconds.

    `peak` is the bytes of the largest process. `code` is the client's exit code, negative for a signal. `machine` is
    the CPU seconds that all programs of the machine used in this time.
    """

    cpu: float
    wall: float
    peak: int
    code: int
    output: str
    errors: str
    machine: float


def adopt_orphans() -> None:
    """Make this process the parent of its descendants' orphans, so that all of them are measured (prctl(2))."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def measure(command: list[str], cores: int | str, limit: float, env: dict[str, str] | None = None) -> Usage:
    """Run `command` on `cores`, one or a list as of taskset. It is killed after `limit` seconds."""
    others = _children()  # children from before do not belong to the client
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began, before = time.monotonic(), machine_cpu()
        process = subprocess.Popen(
            ["taskset", "-c", str(cores), *command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
            env=os.environ | (env or {}),
        )
        status, cpu, peak = _wait(process.pid, began + limit)
        wall = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)  # wait4 has already reaped it, so Popen must not wait
        for orphan in _children() - others:
            _, more, most = _wait(orphan, began + limit)
            cpu, peak = cpu + more, max(peak, most)
        return Usage(cpu, wall, peak, process.returncode, _read(out), _read(err), machine_cpu() - before)


def machine_cpu() -> float:
    """CPU seconds of all programs since the machine started, without what it waited for."""
    user, nice, system, _, _, irq, softirq = map(int, Path("/proc/stat").read_text().split()[1:8])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def _wait(pid: int, deadline: float) -> tuple[int, float, int]:
    """Wait status, CPU seconds and peak bytes of a child and of the children that it waited for."""
    while True:
        done, status, usage = os.wait4(pid, os.WNOHANG)
        if done:
            return status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss << 10
        if time.monotonic() > deadline:
            _kill(pid)
            deadline += 3600.0
        # 100 checks a second have no measurable cost on the client's core.
        time.sleep(0.01)


def _kill(pid: int) -> None:
    """Kill the process, with its whole group if it leads one."""
    if os.getpgid(pid) == pid:
        os.killpg(pid, signal.SIGKILL)
    else:
        os.kill(pid, signal.SIGKILL)


def _children() -> set[int]:
    return {int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}


def _read(file: object) -> str:
    file.seek(0)  # type: ignore[attr-defined]
    return file.read().decode(errors="replace")  # type: ignore[attr-defined,no-any-return]
