"""Finds, builds and installs the peers. Downloads are kept in a cache outside the project."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bench.cases import BEFORE, HTTP1, ONE, SUBJECT, WRK2, Case
from bench.peers import PEERS, Peer, found, http1_command, one_command
from bench.servers import SERVERS
from bench.target import Missing

ROOT = Path(__file__).resolve().parent.parent
AUTOCANNON = "autocannon@9.0.0"
ARTILLERY = "artillery@2.0.34"
LOCUST = "locust==2.47.0"
_VERSION = re.compile(r"\d+\.\d+[\w.+~-]*")


def cache() -> Path:
    """The folder in which `--install` installs peers."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "gluten-bench"


def equip(names: set[str], folder: Path, gluten: str, wrk2: str) -> tuple[list[Peer], list[Peer]]:
    """The peers of `names` that can run, and those that are missing. The C loop is built in `folder`.

    `gluten` is "pyz", "module" or "auto". "auto" uses the zipapp if it was built. `wrk2` is the name or path of wrk2,
    which is neither fetched nor built here.
    """
    ready, missing = [], []
    for peer in PEERS:
        if peer.name not in names:
            continue
        program = found(wrk2) if peer.name == WRK2 else _program(peer.name, folder, gluten)
        if program:
            ready.append(replace(peer, program=program, version=_version(peer.name, program)))
        else:
            missing.append(peer)
    return ready, missing


def _program(name: str, folder: Path, gluten: str) -> list[str]:
    if name == "C loop":
        return _build(folder)
    if name == SUBJECT:
        return gluten_program(gluten)
    if name in ("autocannon", "artillery"):
        return found(cache() / "node_modules" / ".bin" / name, name)
    if name == "locust":
        return found(cache() / "locust" / "bin" / "locust", name)
    return found(name)


def _build(folder: Path) -> list[str]:
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        return []
    made = folder / "loop"
    subprocess.run([compiler, "-O2", "-o", str(made), str(ROOT / "bench" / "loop.c")], check=True)
    return [str(made)]


def earlier(pyz: Path) -> Peer:
    """An earlier GLuTEN, which is measured in the same rounds. Raises Missing."""
    if not pyz.is_file():
        raise Missing(f"--before: there is no file {pyz}")
    peer = next(peer for peer in PEERS if peer.name == SUBJECT)
    program = [sys.executable, str(pyz.resolve())]
    return replace(peer, name=BEFORE, program=program, version=_version(BEFORE, program))


def with_base(ready: list[Peer], case: Case) -> list[Peer]:
    """The peers, and GLuTEN with a plain URL or over HTTP/1.1 where the case is compared with that."""
    subject = [peer for peer in ready if peer.name == SUBJECT]
    own = {ONE: one_command} if case.base == ONE else {}
    own |= {HTTP1: http1_command} if HTTP1 in case.rivals else {}
    return [*ready, *(replace(peer, name=name, command=own[name]) for peer in subject for name in own)]


def gluten_program(how: str) -> list[str]:
    """The zipapp, or the package from this tree."""
    pyz = ROOT / "dist" / "gluten.pyz"
    if how == "pyz" or (how == "auto" and pyz.exists()):
        return [sys.executable, str(pyz)]
    return [sys.executable, "-m", "gluten"]


def environment(peer: Peer) -> dict[str, str]:
    """The environment variables for a peer. An installed program has its bytecode on disk.

    So this tree's bytecode may be written too, even if the developer's shell forbids it.
    """
    return {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": ""} if "-m" in peer.program else {}


def stale() -> bool:
    """Whether the zipapp is older than the package."""
    pyz = ROOT / "dist" / "gluten.pyz"
    return any(file.stat().st_mtime > pyz.stat().st_mtime for file in (ROOT / "gluten").rglob("*.py"))


def _version(name: str, program: list[str]) -> str:
    """The program's version. The call also fills caches: GLuTEN's zipapp unpacks itself once."""
    if name in ("C loop", "hey"):
        return ""
    flag = {"ab": "-V", "wrk": "-v", "wrk2": "-v"}.get(name, "--version")
    env = os.environ | ({"PYTHONPATH": str(ROOT)} if "-m" in program else {})
    answer = subprocess.run([*program, flag], capture_output=True, text=True, timeout=120, env=env)
    match = _VERSION.search(answer.stdout or answer.stderr)
    return match[0] if match else ""


def install(names: set[str], cases: list[Case]) -> None:
    """Install the peers that npm and pip provide, and the cases' servers from Debian."""
    _install_peers(names)
    missing = missing_packages(cases)
    if missing and shutil.which("apt-get"):
        _install_packages(missing)


def missing_packages(cases: list[Case]) -> list[str]:
    """Debian's packages of the cases' servers whose programs are missing."""
    servers = dict.fromkeys(SERVERS[case.server] for case in cases if not case.idle)
    return [package for server in servers for package in server.missing()]


def _install_packages(names: list[str]) -> None:
    if os.geteuid() != 0:
        raise Missing(f"only root can install: apt-get install {' '.join(names)}")
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    with _without_services_starting():
        subprocess.run(["apt-get", "-qq", "update"], check=True, env=quiet)
        subprocess.run(["apt-get", "-qq", "install", "--no-install-recommends", "-y", *names], check=True, env=quiet)


@contextmanager
def _without_services_starting() -> Iterator[None]:
    """Debian asks this file before it starts a service, such as a caddy on port 80."""
    policy = Path("/usr/sbin/policy-rc.d")
    if policy.exists():
        yield
        return
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    try:
        yield
    finally:
        policy.unlink()


def _install_peers(names: set[str]) -> None:
    """Install the peers that npm and pip provide."""
    folder = cache()
    folder.mkdir(parents=True, exist_ok=True)
    npm = shutil.which("npm")
    wanted = [package for package in (AUTOCANNON, ARTILLERY) if package.partition("@")[0] in names]
    if wanted and npm:
        # Artillery would fetch a whole browser, which no case needs.
        without = os.environ | {"PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD": "1"}
        command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), *wanted]
        subprocess.run(command, check=True, env=without)
    if "locust" in names:
        venv = folder / "locust"
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        subprocess.run([str(venv / "bin" / "pip"), "install", "--quiet", LOCUST], check=True)
