"""What this host can generate, roughly: the generator against its own target, for a second."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gluten.errors import RunFailed
from gluten.load.ask import ask

_LISTENS = re.compile(r"http://\S+")
CONNECTIONS = 16


def speed(cores: int, seconds: float = 1.0) -> float:
    """Requests/s. Raises GlutenError where no load can be made."""
    from gluten.cli.progress import Silence
    from gluten.cli.standalone import Standalone
    from gluten.load.policy import OPEN

    options = {"threads": str(cores), "connections": str(max(cores, CONNECTIONS)), "duration": f"{seconds}s"}
    with _target() as url:
        report = Standalone(ask(url, options, b""), cores, Silence(), OPEN).run()
    rate: float = report["rate"]
    return rate


@contextmanager
def _target() -> Iterator[str]:
    """The URL of a target of our own, in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    command = [sys.executable, "-m", "gluten", "target", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            found = _LISTENS.search(line)
            if found is None:
                raise RunFailed("the target did not start")
            yield found[0]
        finally:
            process.terminate()
