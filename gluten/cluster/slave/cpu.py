"""How busy this machine is."""

from __future__ import annotations

import os


class CpuMeter:
    """Calling it gives the busy share (0 to 1) of all cores since the last call."""

    def __init__(self, path: str = "/proc/stat") -> None:
        self._path = path
        self._last = self._read()

    def __call__(self) -> float:
        last, self._last = self._last, self._read()
        if last is None or self._last is None:
            return min(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
        whole = self._last[1] - last[1]
        return min(1.0, max(0.0, (self._last[0] - last[0]) / whole)) if whole > 0 else 0.0

    def _read(self) -> tuple[int, int] | None:
        """(busy, all) in ticks since boot; None where the system has no such file, as on macOS."""
        try:
            with open(self._path) as stat:
                ticks = [int(text) for text in stat.readline().split()[1:9]]
            return sum(ticks) - ticks[3] - ticks[4], sum(ticks)
        except (OSError, ValueError, IndexError):
            return None
