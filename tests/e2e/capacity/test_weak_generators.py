"""Where the generators are the limit, a search says so and names the node. Their limit is never the answer."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.capacity.searches import capacity, quick, served
from tests.support.capacity.weak import Share
from tests.support.e2e.programs import Done, environment

pytestmark = [pytest.mark.alone, pytest.mark.needs("root", "shares of the CPU")]


@pytest.fixture
def share() -> Iterator[Share]:
    made = Share(0.1)
    yield made
    made.close()


def test_a_tenth_of_a_core_is_at_least_and_not_the_capacity(tmp_path: Path, share: Share) -> None:
    """The target takes any rate; the generator has a tenth of a core."""
    with served(tmp_path, "target", "--port", "0", "--delay", "2ms") as url:
        done = weakly(tmp_path, share, "--slo", "p99 < 50ms", "--at-least", "1m", url)
    found = capacity(done)
    assert found["limit"] == "generator", found
    assert found["misses"] is None, found
    assert done.code == 5, done.error


def weakly(folder: Path, share: Share, *words: str) -> Done:
    asked = (*quick("160", "30s"), "--format", "json", *words)
    command = share.command(sys.executable, "-m", "gluten", "run", "--quiet", *asked)
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment(folder), timeout=150)
    return Done(done.returncode, done.stdout, done.stderr)
