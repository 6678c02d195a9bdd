"""What a failed test has left is ended, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.leftovers import children, end

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="only Linux tells a process's children")
SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]


def test_only_what_was_begun_later_is_ended() -> None:
    with subprocess.Popen(SLEEPER) as before:
        known = children()
        with subprocess.Popen(SLEEPER) as after:
            assert children() - known == {after.pid}
            end(children() - known)
            assert after.wait(10) != 0
        assert before.poll() is None
        before.kill()
