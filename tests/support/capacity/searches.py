"""Searches of a capacity by real programs, for the end-to-end tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.e2e.programs import Done, Program

SHARP = ("target", "--port", "0", "--servers", "2", "--delay", "10ms")
"""At an even rate nobody waits below 200/s; above it the queue grows without end."""
TRUTH = 200.0


def quick(start: str = "130", most: str = "50s") -> tuple[str, ...]:
    """A search that needs less than a minute, of a target whose answer does not depend on chance."""
    return ("--find-capacity", "--from", start, "--hold", "3s", "--precision", "4%", "-d", most)


@contextmanager
def served(folder: Path, *arguments: str) -> Iterator[str]:
    """The URL of a target that runs meanwhile."""
    target = Program(folder, "target", *arguments)
    try:
        yield target.find(r"http://\S+")[0]
    finally:
        target.stop()


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
