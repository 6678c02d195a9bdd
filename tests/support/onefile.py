"""The real one file, built once for a session, whatever number of processes it has, from the real vendor/."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.needs import lacking

REPOSITORY = Path(__file__).resolve().parents[2]


class OneFile:
    """The real zipapp of this host, as `build_zipapp.py` makes it, with a cache of its own."""

    def __init__(self, path: Path, cache: Path) -> None:
        self.path, self.cache = path, cache

    def run(self, *arguments: str, python: str = sys.executable) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "GLUTEN_CACHE": str(self.cache)}
        command = [python, str(self.path), *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)


def build_offline(output: Path, *more: str) -> Path:
    """The real tree, built from the real vendor/; skips where that is not filled."""
    command = [sys.executable, str(REPOSITORY / "build_zipapp.py"), "--offline", "--output", str(output), *more]
    built = subprocess.run(command, capture_output=True, text=True)
    if "is missing" in built.stderr:
        lacking("the files that `python3 build_zipapp.py vendor --target here` fetches")
    assert built.returncode == 0, built.stderr
    return output


def build_once(factory: pytest.TempPathFactory, name: str, *more: str) -> OneFile:
    """Built by the first process of this session that needs it; the others wait for it. Each has a cache of its own."""
    own = factory.mktemp(name)
    folder = own.parents[1] if "PYTEST_XDIST_WORKER" in os.environ else own.parent
    output = folder / f"{name}.pyz"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not output.exists():
            build_offline(output, *more)
    return OneFile(output, own / "cache")


@pytest.fixture(scope="session")
def one_file(tmp_path_factory: pytest.TempPathFactory) -> OneFile:
    return build_once(tmp_path_factory, "gluten")


@pytest.fixture(scope="session")
def platform_file(tmp_path_factory: pytest.TempPathFactory) -> OneFile:
    """One file with every Python of this platform."""
    return build_once(tmp_path_factory, "gluten-here", "--target", "here")
