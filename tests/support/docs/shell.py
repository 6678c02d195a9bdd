"""A real shell in a folder: it runs commands to their end, and keeps those that serve until it is closed."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.support.e2e.programs import wait_for
from tests.support.onefile import OneFile

PATIENCE = 60.0


def reader_environment(home: Path, file: OneFile) -> dict[str, str]:
    """The environment of somebody who has Python and GLuTEN, and no settings for it. Data and keys go below `home`.

    `python3` is this interpreter, since the one file was built for it. The file itself is a link that no command of a
    document replaces: they put theirs into `~/.local/bin`.
    """
    programs = home / "programs"
    programs.mkdir(parents=True)
    (programs / "gluten.pyz").symlink_to(file.path)
    python = programs / "python3"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GLUTEN_", "XDG_"))}
    places = {"HOME": str(home), "XDG_RUNTIME_DIR": str(home), "GLUTEN_CACHE": str(file.cache)}
    return kept | places | {"PATH": f"{home}/.local/bin:{programs}:{os.environ['PATH']}"}


class Shell:
    """`bash` in `folder`, with logs beside it."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder, self._environment = folder, environment
        self._servers: list[subprocess.Popen[bytes]] = []
        self._left: list[int] = []
        self._numbers = itertools.count(1)

    def run(self, text: str) -> tuple[int, str]:
        """The exit code, and all that was printed. Whatever it leaves in the background runs until `close`."""
        process, log = self._start(text)
        try:
            return process.wait(PATIENCE), log.read_text()
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise AssertionError(f"{text}\ndid not end:\n{log.read_text()}") from None

    def serve(self, text: str, is_ready: Callable[[str], bool]) -> None:
        """Start a command that does not end by itself, and wait until it is ready. `is_ready` gets what it printed."""
        process, log = self._start(f"exec {text}")
        self._servers.append(process)

        def ready() -> bool:
            assert process.poll() is None, f"{text}\nended:\n{log.read_text()}"
            return is_ready(log.read_text())

        wait_for(f"{text} to serve", ready, PATIENCE)

    def close(self, with_signal: int = signal.SIGTERM) -> list[int]:
        """End all that was started, the last one first. Returns the exit codes of what served."""
        servers, self._servers = self._servers[::-1], []
        left, self._left = self._left, []
        codes = []
        for server in servers:
            server.send_signal(with_signal)
            codes.append(server.wait(PATIENCE))
        for group in left:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, signal.SIGTERM)
        return codes

    def _start(self, text: str) -> tuple[subprocess.Popen[bytes], Path]:
        log = self.folder.parent / f"{next(self._numbers)}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                ["bash", "-euo", "pipefail", "-c", text],
                cwd=self.folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        self._left.append(process.pid)
        return process, log
