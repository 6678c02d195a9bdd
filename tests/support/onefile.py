"""The real one file, built once for a session from the real vendor/."""

from __future__ import annotations

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


@pytest.fixture(scope="session")
def one_file(tmp_path_factory: pytest.TempPathFactory) -> OneFile:
    folder = tmp_path_factory.mktemp("one-file")
    return OneFile(build_offline(folder / "gluten.pyz"), folder / "cache")


@pytest.fixture(scope="session")
def platform_file(tmp_path_factory: pytest.TempPathFactory) -> OneFile:
    """One file with every Python of this platform."""
    folder = tmp_path_factory.mktemp("platform-file")
    return OneFile(build_offline(folder / "gluten-here.pyz", "--target", "here"), folder / "cache")
