"""Searches of a capacity by real programs, for the end-to-end tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.e2e.programs import Cluster, Done, Program, gluten

QUICK = ("--find-capacity", "--from", "60", "--hold", "4s", "--precision", "4%", "-d", "90s", "--format", "json")
"""A search that needs a minute, of a target whose answer does not depend on chance."""
SHARP = ("target", "--port", "0", "--servers", "2", "--delay", "10ms")
"""At an even rate nobody waits below 200/s; above it the queue grows without end."""
TRUTH = 200.0


@contextmanager
def served(folder: Path, *arguments: str, module: str = "gluten") -> Iterator[str]:
    """The URL of a target that runs meanwhile."""
    target = Program(folder, "target", *arguments, module=module)
    try:
        yield target.find(r"http://\S+")[0]
    finally:
        target.stop()


@contextmanager
def odd(folder: Path, kind: str, *number: str) -> Iterator[str]:
    """The URL of a target that does not behave (`odd_target`)."""
    with served(folder, kind, *number, module="tests.support.capacity.odd_target") as url:
        yield url


def searched(folder: Path, url: str, *words: str) -> Done:
    return gluten(folder, "run", "--quiet", *QUICK, *words, url)


def searched_by(cluster: Cluster, url: str, *words: str) -> Done:
    return cluster.run("submit", "--watch", "--quiet", *QUICK, *words, url)


def capacity(done: Done) -> dict[str, Any]:
    """The answer of a search that has ended in order."""
    found: dict[str, Any] | None = done.json["capacity"]
    assert found is not None, done.error
    return found


def check_interval(found: dict[str, Any], truth: float) -> None:
    """The answer is an interval around the truth, and not wide: there is but a minute."""
    assert found["holds"] is not None, found
    assert found["misses"] is not None, found
    assert found["holds"] <= 1.03 * truth, found
    assert found["misses"] >= 0.97 * truth, found
    assert found["misses"] <= 1.12 * found["holds"], found
