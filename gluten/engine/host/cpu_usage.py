"""How busy the whole machine is while it makes load. Source: Linux' proc(5), /proc/stat."""

from __future__ import annotations

import time
from collections.abc import Callable

LEAST = 0.5
"""Seconds between two readings: over less, a few ticks of the kernel's clock decide."""

Ticks = tuple[int, int, int]


class Usage:
    """Calling it gives (busy, stolen): shares (0 to 1) of all cores since the last reading. Stolen is what the
    hypervisor gave to other machines; it is not in busy. Both are 0 where the system does not tell, as on macOS."""

    def __init__(self, path: str = "/proc/stat", now: Callable[[], float] = time.monotonic) -> None:
        self._path, self._now = path, now
        self.begin()

    def begin(self) -> None:
        """Count from now on."""
        self._ticks, self._at, self._shares = self._read(), self._now(), (0.0, 0.0)

    def __call__(self) -> tuple[float, float]:
        if self._now() - self._at >= LEAST:
            before, self._ticks, self._at = self._ticks, self._read(), self._now()
            self._shares = _shares(before, self._ticks)
        return self._shares

    def _read(self) -> Ticks | None:
        """(busy, stolen, all) in ticks since boot."""
        try:
            with open(self._path) as stat:
                ticks = [int(text) for text in stat.readline().split()[1:9]]
            idle, steal = ticks[3] + ticks[4], ticks[7]
            return sum(ticks) - idle - steal, steal, sum(ticks)
        except (OSError, ValueError, IndexError):
            return None


def _shares(before: Ticks | None, after: Ticks | None) -> tuple[float, float]:
    if before is None or after is None or after[2] <= before[2]:
        return 0.0, 0.0
    whole = after[2] - before[2]
    busy, stolen = (min(1.0, max(0.0, (after[at] - before[at]) / whole)) for at in (0, 1))
    return busy, stolen
