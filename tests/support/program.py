"""A program that listens on a free port: how a test starts it, and how it ends it."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable

from tests.support.ports import free_port

_PATIENCE = 10.0

Process = subprocess.Popen[bytes]


def listening(start: Callable[[int], Process]) -> tuple[int, Process] | None:
    """The port and the process, once it listens; None if it does not.

    Another program may take the free port before this one does, so it is tried again."""
    for _ in range(5):
        port = free_port()
        process = start(port)
        if _listens(process, port):
            return port, process
        end(process)
    return None


def _listens(process: Process, port: int) -> bool:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.01)
    return False


def end(process: Process) -> None:
    process.terminate()
    process.wait(_PATIENCE)
