"""Searches of a capacity by real programs, for the end-to-end tests."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.capacity.weak import Share
from tests.support.e2e.programs import Done, Program, environment

SHARP = ("target", "--port", "0", "--servers", "2", "--delay", "10ms")
"""At an even rate nobody waits below 200/s; above it the queue grows without end."""
TRUTH = 200.0


def quick(start: str = "130", most: str = "50s") -> tuple[str, ...]:
    """A search that needs less than a minute, of a target whose answer does not depend on chance."""
    return ("--find-capacity", "--from", start, "--hold", "3s", "--precision", "20%", "-d", most)


@contextmanager
def served(folder: Path, *arguments: str) -> Iterator[str]:
    """The URL of a target that runs meanwhile."""
    target = Program(folder, "target", *arguments)
    try:
        yield target.find(r"http://\S+")[0]
    finally:
        target.stop()


class Search:
    """A search by one command, under way."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def done(self) -> Done:
        out, error = self._process.communicate(timeout=150)
        return Done(self._process.returncode, out, error)


@contextmanager
def searching(folder: Path, target: Sequence[str], *words: str, share: Share | None = None) -> Iterator[Search]:
    """A search of such a target. `share` is what the generator gets of the CPU, the target gets what it needs."""
    with served(folder, *target) as url:
        command = [sys.executable, "-m", "gluten", "run", "--quiet", "--format", "json", *words, url]
        command = share.command(*command) if share else command
        pipe = subprocess.PIPE
        made = subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, cwd=folder, env=environment(folder))
        with made:
            try:
                yield Search(made)
            finally:
                made.kill()


def capacity(done: Done) -> dict[str, Any]:
    """The answer of a search that has ended in order."""
    found: dict[str, Any] | None = done.json["capacity"]
    assert found is not None, done.error
    return found


def check_interval(found: dict[str, Any], truth: float) -> None:
    """The answer is an interval around the truth. How narrow it gets in more time, `tests/capacity` says."""
    assert found["holds"] is not None, found
    assert found["misses"] is not None, found
    assert found["holds"] <= 1.03 * truth, found
    assert found["misses"] >= 0.97 * truth, found
    assert found["misses"] <= 1.5 * found["holds"], found
