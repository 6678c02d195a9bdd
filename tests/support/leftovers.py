"""A test that fails may leave its programs running, and they would disturb all later tests. So they are ended."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(autouse=True)
def leftovers(request: pytest.FixtureRequest) -> Iterator[None]:
    """It is set up before all others of a test, so that it comes after them at the end."""
    before = children()
    yield
    if request.node.stash.get(FAILED, False):
        end(children() - before)


def children() -> set[int]:
    """The ids of this process's children. Only Linux tells them; elsewhere there are none."""
    found: set[int] = set()
    for file in Path("/proc/self/task").glob("*/children"):
        with contextlib.suppress(OSError):  # the thread has just ended
            found.update(map(int, file.read_text().split()))
    return found


def end(processes: set[int]) -> None:
    """Kill these children."""
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
