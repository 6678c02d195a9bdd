"""Finds, builds and installs the peers. Downloads are kept in a cache outside the project."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from bench.peers import PEERS, Peer, found

ROOT = Path(__file__).resolve().parent.parent
AUTOCANNON = "autocannon@9.0.0"
LOCUST = "locust==2.47.0"
_VERSION = re.compile(r"\d+\.\d+[\w.+~-]*")


def cache() -> Path:
    """The folder in which `--install` installs peers."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "gluten-bench"


def equip(names: set[str], folder: Path, gluten: str) -> tuple[list[Peer], list[Peer]]:
    """The peers of `names` that can run, and those that are missing. The C loop is built in `folder`.

    `gluten` is "pyz", "module" or "auto". "auto" uses the zipapp if it was built.
    """
    ready, missing = [], []
    for peer in PEERS:
        if peer.name not in names:
            continue
        program = _program(peer.name, folder, gluten)
        if program:
            ready.append(replace(peer, program=program, version=_version(peer.name, program)))
        else:
            missing.append(peer)
    return ready, missing


def _program(name: str, folder: Path, gluten: str) -> list[str]:
    if name == "C loop":
        return _build(folder)
    if name == "GLuTEN":
        return gluten_program(gluten)
    if name == "autocannon":
        return found(cache() / "node_modules" / ".bin" / "autocannon", name)
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
    flag = {"ab": "-V", "wrk": "-v"}.get(name, "--version")
    env = os.environ | ({"PYTHONPATH": str(ROOT)} if "-m" in program else {})
    answer = subprocess.run([*program, flag], capture_output=True, text=True, timeout=120, env=env)
    match = _VERSION.search(answer.stdout or answer.stderr)
    return match[0] if match else ""


def install(names: set[str]) -> None:
    """Install the peers that npm and pip provide."""
    folder = cache()
    folder.mkdir(parents=True, exist_ok=True)
    npm = shutil.which("npm")
    if "autocannon" in names and npm:
        subprocess.run([npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), AUTOCANNON], check=True)
    if "locust" in names:
        venv = folder / "locust"
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        subprocess.run([str(venv / "bin" / "pip"), "install", "--quiet", LOCUST], check=True)
