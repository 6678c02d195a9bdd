"""Runs a client pinned to one core and says what it cost: it and all its descendants, start to end."""

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
    """`cpu`: user and system seconds of the whole process tree. `wall`: seconds. `peak`: bytes of the largest
    process. `code`: the client's exit code, negative for a signal."""

    cpu: float
    wall: float
    peak: int
    code: int
    output: str
    errors: str


def adopt_orphans() -> None:
    """Make this process the parent of its descendants' orphans, so that none escapes the meter (prctl(2))."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def measure(command: list[str], core: int, limit: float, env: dict[str, str] | None = None) -> Usage:
    """Run `command` on `core`; after `limit` seconds it is killed."""
    others = _children()  # ours from before are not the client's
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.monotonic()
        process = subprocess.Popen(
            ["taskset", "-c", str(core), *command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
            env=os.environ | (env or {}),
        )
        status, cpu, peak = _wait(process.pid, began + limit)
        wall = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)  # it was waited for: Popen must not try
        for orphan in _children() - others:
            _, more, most = _wait(orphan, began + limit)
            cpu, peak = cpu + more, max(peak, most)
        return Usage(cpu, wall, peak, process.returncode, _read(out), _read(err))


def _wait(pid: int, deadline: float) -> tuple[int, float, int]:
    """(wait status, CPU seconds, peak bytes) of a child and of the children that it waited for."""
    while True:
        done, status, usage = os.wait4(pid, os.WNOHANG)
        if done:
            return status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss << 10
        if time.monotonic() > deadline:
            _kill(pid)
            deadline += 3600.0
        # 100 looks a second cost the measured core nothing that could be seen.
        time.sleep(0.01)


def _kill(pid: int) -> None:
    """The whole process group if it leads one, for a client does not outlive its time."""
    if os.getpgid(pid) == pid:
        os.killpg(pid, signal.SIGKILL)
    else:
        os.kill(pid, signal.SIGKILL)


def _children() -> set[int]:
    return {int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}


def _read(file: object) -> str:
    file.seek(0)  # type: ignore[attr-defined]
    return file.read().decode(errors="replace")  # type: ignore[attr-defined,no-any-return]
