"""How busy this process is: the worker's share of a core."""

from __future__ import annotations

import time
from collections.abc import Callable

LEAST = 0.5
"""Seconds that a reading covers. At the end of a run the last second is often a few milliseconds long, in which the
worker's own tidying up would read as a busy core."""


class CpuShare:
    """Calling it gives the share of a core (0 to 1) since the last call; since the one before, if that is less than
    `LEAST` ago."""

    def __init__(self, now: Callable[[], float] = time.monotonic, cpu: Callable[[], float] = time.process_time) -> None:
        self._now, self._cpu = now, cpu
        self._before = self._last = (now(), cpu())

    def __call__(self) -> float:
        now, cpu = self._now(), self._cpu()
        if now - self._last[0] >= LEAST:
            self._before = self._last
        self._last = (now, cpu)
        return min(1.0, (cpu - self._before[1]) / max(1e-3, now - self._before[0]))
