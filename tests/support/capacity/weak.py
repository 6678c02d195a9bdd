"""A share of the CPU for processes, by a cgroup of version 1 or 2. A test that uses it needs "shares of the CPU"."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

from tests.support.needs import cpu_groups, lacking

PERIOD = 100_000


class Share:
    """A cgroup whose processes get `cores` of the CPU together. `close` removes it, once they have ended."""

    def __init__(self, cores: float) -> None:
        above = cpu_groups()
        if above is None:
            lacking("shares of the CPU")
        self.path = above / f"gluten-test-{os.getpid()}-{time.monotonic_ns()}"
        self.path.mkdir()
        self._limit(round(cores * PERIOD))

    def _limit(self, quota: int) -> None:
        try:
            if (first := self.path / "cpu.cfs_quota_us").exists():
                first.write_text(str(quota))
            else:
                (self.path / "cpu.max").write_text(f"{quota} {PERIOD}")
        except OSError:
            self.path.rmdir()
            lacking("shares of the CPU")

    def take(self, pids: Iterable[int]) -> None:
        """Move processes in. Their later children are in it, too."""
        for pid in pids:
            (self.path / "cgroup.procs").write_text(str(pid))

    def command(self, *words: str) -> list[str]:
        """A command that moves itself in, then becomes these words."""
        return ["sh", "-c", f'echo $$ > {self.path}/cgroup.procs && exec "$@"', "sh", *words]

    def close(self) -> None:
        deadline = time.monotonic() + 10
        while (self.path / "cgroup.procs").read_text() and time.monotonic() < deadline:
            time.sleep(0.05)
        Path.rmdir(self.path)
