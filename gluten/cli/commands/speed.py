"""Estimates how many requests this host can generate: it loads a target of its own for a second."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gluten import interrupts
from gluten.errors import RunFailed
from gluten.task.parse import ask

_LISTENS = re.compile(r"http://\S+")
CONNECTIONS = 16


def speed(cores: int, seconds: float = 1.0) -> float:
    """Requests/s. Raises GlutenError if no load can be generated."""
    from gluten.cli.commands.run_alone import StandaloneRun
    from gluten.task.policy import OPEN
    from gluten.terminal.progress import NoProgress

    options = {"threads": str(cores), "connections": str(max(cores, CONNECTIONS)), "duration": f"{seconds}s"}
    with _target() as url:
        report = StandaloneRun(ask(url, options, b""), cores, NoProgress(), OPEN).run()
    rate: float = report["rate"]
    return rate


@contextmanager
def _target() -> Iterator[str]:
    """Start a target in a process of its own. Yields its URL."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    command = [sys.executable, "-m", "gluten", "target", "--port", "0"]
    started: list[subprocess.Popen[str]] = []

    def kill_and_exit() -> None:
        for process in started:
            process.kill()
        interrupts.exit_now()

    with interrupts.handled_by(kill_and_exit):
        with interrupts.deferred():
            # In a session of its own, so that a signal to this process group does not also reach the target.
            started.append(
                subprocess.Popen(
                    command,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                    env=environment,
                    start_new_session=True,
                )
            )
        with started[0] as process:
            try:
                yield _address(process)
            finally:
                process.terminate()


def _address(process: subprocess.Popen[str]) -> str:
    line = process.stdout.readline() if process.stdout else ""
    found = _LISTENS.search(line)
    if found is None:
        raise RunFailed("the target did not start")
    return found[0]
