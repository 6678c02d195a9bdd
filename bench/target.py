"""The target of a case: one server process on cores of its own, on free ports of the loopback, in its own folder."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"
_PLACES = "/usr/sbin:/usr/local/sbin"
_TIMEOUT = 10.0
_START = 60.0
"""How long a server may take to start. A Java server on a busy core takes seconds."""


class Missing(Exception):
    """A program or a core that the benchmark needs is missing."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The free ports that a server listens on. Those of HTTP/2 are nginx's alone."""

    http: int
    tls: int
    http2: int
    http2_tls: int


@dataclass(frozen=True, slots=True)
class Server:
    """How a server is started.

    `command` writes the server's files into a folder and returns the arguments. `count` reads the
    answer to GET /served: the requests so far, with this one. It is None if the server does not count. `needs` has
    programs (names, or patterns of paths) and Debian's package of each. `warm`: the server is slow at first, and gets
    load that is not measured.
    """

    name: str
    needs: tuple[tuple[str, str], ...]
    command: Callable[[Path, Ports], list[str]]
    count: Callable[[str], int] | None = int
    warm: bool = True

    def missing(self) -> list[str]:
        """Debian's packages of the programs that are not here."""
        return [package for place, package in self.needs if locate(place) is None]


class Target:
    """A context manager that runs a server on `cores`. Raises Missing, and RuntimeError if it does not start."""

    def __init__(self, server: Server, folder: Path, cores: str) -> None:
        self.server, self.folder, self.cores = server, folder, cores
        self.ports = _free_ports()
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, path: str, tls: bool = False, http2: bool = False) -> str:
        plain, secure = (self.ports.http2, self.ports.http2_tls) if http2 else (self.ports.http, self.ports.tls)
        return f"https://{HOST}:{secure}{path}" if tls else f"http://{HOST}:{plain}{path}"

    def served(self) -> int | None:
        """Requests that the server has served so far, by its own count. This call counts as one."""
        if self.server.count is None:
            return None
        with urllib.request.urlopen(self.url("/served"), timeout=_TIMEOUT) as answer:
            return self.server.count(answer.read().decode())

    def __enter__(self) -> Self:
        if packages := self.server.missing():
            raise Missing(f"{self.server.name} is not installed (Debian: apt-get install {' '.join(packages)})")
        self.folder.mkdir()
        command = ["taskset", "-c", self.cores, *self.server.command(self.folder, self.ports)]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, env=self._environment())
        try:
            self._wait_until_ready()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    def cpu(self) -> float:
        """Seconds of CPU that the server has used so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _environment(self) -> dict[str, str]:
        """A server writes nothing outside its folder."""
        own = {name: str(self.folder) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
        return os.environ | own

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START
        while time.monotonic() < deadline and self._process is not None and self._process.poll() is None:
            if self._answers():
                return
            time.sleep(0.02)
        raise RuntimeError(f"{self.server.name} does not start: {self._log.read_text()[-1000:]}")

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.url("/plain"), timeout=_TIMEOUT):
                return True
        except OSError:
            return False

    def _stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


def locate(place: str) -> str | None:
    """The path of a program, or the newest path that fits a pattern."""
    if place.startswith("/"):
        return max(glob(place), default=None)
    return shutil.which(place) or shutil.which(place, path=_PLACES)


def program(place: str) -> str:
    """The path of a program that a server needs. Raises Missing."""
    found = locate(place)
    if found is None:
        raise Missing(f"{place} is not installed")
    return found


def _free_ports() -> Ports:
    with ExitStack() as stack:
        socks = [stack.enter_context(socket.socket()) for _ in Ports.__annotations__]
        for sock in socks:
            sock.bind((HOST, 0))
        return Ports(*(sock.getsockname()[1] for sock in socks))
