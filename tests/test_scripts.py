"""`scripts/test` in a made-up tree: at its end it names what was missing, and which tests needed a second try."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.test_needs import FEW_PLUGINS

TREE = Path(__file__).resolve().parents[1]
CONFTEST = """
from tests.support.needs import pytest_runtest_setup
from tests.support.tally import pytest_terminal_summary
"""
TESTS = """
import pytest
from pathlib import Path

def test_once():
    passed = Path("{folder}/once")
    if not passed.exists():
        passed.touch()
        raise AssertionError("the first time")

@pytest.mark.needs("zsh")
def test_shell(): pass

@pytest.mark.alone
@pytest.mark.needs("zsh", "groff")
def test_both(): pass
"""


HALF = """
import sys

def half(number):
    if number % 2:
        return None
    return number // 2

if __name__ == "__main__":
    print(half(int(sys.argv[1])))
"""
HALVES = """
import subprocess
import sys

from gluten.half import half

def test_half():
    assert half(1) is None
    assert subprocess.check_output([sys.executable, "-m", "gluten.half", "4"], text=True) == "2\\n"
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The scripts, with nothing to check and nothing to build, and three tests."""
    made = tmp_path / "tree"
    (made / "scripts").mkdir(parents=True)
    (made / "tests" / "support").mkdir(parents=True)
    (made / "gluten").mkdir()
    (made / ".venv" / "bin").mkdir(parents=True)
    (made / ".venv" / "bin" / "python").symlink_to(wrapper(tmp_path))
    for name in (
        "scripts/test",
        "tests/support/needs.py",
        "tests/support/tally.py",
        "tests/support/programs.txt",
        "pyproject.toml",
    ):
        shutil.copy(TREE / name, made / name)
    for name in ("check", "packages"):
        script(made / "scripts" / name, f"echo {name} was called")
    (made / "build_zipapp.py").touch()
    (made / "tests" / "conftest.py").write_text(CONFTEST)
    (made / "tests" / "test_some.py").write_text(TESTS.format(folder=tmp_path))
    return made


def wrapper(folder: Path) -> Path:
    """A script that starts this interpreter. A link to it would not find its virtual environment."""
    return script(folder / "python", f'exec {sys.executable} "$@"')


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def run(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | FEW_PLUGINS | {"GLUTEN_TEST_HIDE": "zsh,groff"}
    command = ["scripts/test", *arguments, "-q", "-n0"]
    return subprocess.run(command, capture_output=True, text=True, cwd=tree, env=environment, timeout=100, check=False)


@pytest.mark.slow
def test_the_end_names_what_was_missing_and_what_was_retried(tree: Path) -> None:
    done = run(tree)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("packages was called\ncheck was called\n")
    assert "scripts/test: 1 failed and runs once more, alone" in done.stdout
    *_, result, lacks, retries, test = done.stdout.splitlines()
    assert result.startswith("scripts/test: passed, ")
    assert lacks == "missing programs: 2 tests were skipped, which need zsh 2, groff (Debian: groff-base) 1"
    assert (retries, test) == ("tests that needed a retry: 1", "  tests/test_some.py::test_once")


@pytest.mark.slow
def test_what_fails_again_is_a_failure_and_nothing_is_installed(tree: Path) -> None:
    (tree / "tests" / "test_some.py").write_text("def test_never():\n    raise AssertionError\n")
    done = run(tree, "--no-install")
    assert done.returncode == 1
    assert done.stdout.startswith("check was called\n")
    *_, result, lacks, retries = done.stdout.splitlines()
    assert result.startswith("scripts/test: failed, ")
    assert (lacks, retries) == ("missing programs: none", "tests that needed a retry: none")


@pytest.mark.slow
def test_coverage_counts_what_other_processes_reach_too(tree: Path) -> None:
    (tree / "gluten" / "half.py").write_text(HALF)
    (tree / "tests" / "test_some.py").write_text(HALVES)
    done = run(tree, "--no-install", "--coverage")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "scripts/test: 100.0 % of lines and branches are covered" in done.stdout
    assert "half" in (tree / "build" / "coverage" / "html" / "index.html").read_text()
