"""What a worker records of its sessions, beside the recorders of their requests."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from gluten.engine.worker.recording.recorded_second import SessionMicros, count
from gluten.stats.delta import Delta
from gluten.stats.session_stats import SessionStats


class SessionRecorder:
    """Everything about the sessions of one worker since the last `take`. A scenario is known by its place, times are
    seconds. `active` sessions are under way.
    """

    def __init__(self, scenarios: Sequence[str], groups: Sequence[str]) -> None:
        """The names, in the order of the file."""
        self._names = tuple(scenarios)
        self._groups = tuple(groups)
        self._whole, self._boundary = self, -math.inf
        self.early: SessionRecorder | None = None
        self.active = 0
        self._most = 0
        self._stats = [SessionStats() for _ in self._names]
        self._times: list[list[float]] = [[] for _ in self._names]
        self._group_times: dict[str, list[float]] = {name: [] for name in groups}
        self._micros = [Counter[int]() for _ in self._names]
        self._group_micros = {name: Counter[int]() for name in groups}

    def split(self, boundary: float) -> None:
        """What was due before the instant `boundary` is recorded apart, by `early`."""
        self._boundary, self.early = boundary, SessionRecorder(self._names, self._groups)
        self.early._whole = self

    def of(self, due: float) -> SessionRecorder:
        """Who records the end of a session or group that was due at an instant."""
        return self.early if due < self._boundary and self.early is not None else self

    def begun(self, scenario: int) -> None:
        """One more session is under way."""
        self._stats[scenario].begun += 1
        self.active += 1
        if self.active > self._most:
            self._most = self.active

    def finished(self, scenario: int, seconds: float, good: bool) -> None:
        """It came to its end, so long after it was due. `good`: every request was."""
        stats = self._stats[scenario]
        stats.finished += 1
        stats.good += good
        self._times[scenario].append(seconds)
        self._whole.active -= 1

    def ended(self, scenario: int) -> None:
        """`on_fail` ended it."""
        self._stats[scenario].ended += 1
        self._whole.active -= 1

    def cut(self, scenario: int) -> None:
        """The drain or a stop ended it."""
        self._stats[scenario].cut += 1
        self._whole.active -= 1

    def dropped(self, scenario: int, count: int) -> None:
        """`count` planned sessions never began."""
        self._stats[scenario].dropped += count

    def group(self, name: str, seconds: float) -> None:
        """A session came through the whole group in this time."""
        self._group_times[name].append(seconds)

    def fold(self) -> None:
        """Count what the lists hold, and empty them."""
        for micros, times in zip(self._micros, self._times, strict=True):
            count(micros, times)
        for name, times in self._group_times.items():
            count(self._group_micros[name], times)

    def take(self, counts: Delta) -> SessionMicros:
        """Give `counts` those of the second that ends now; its times. What follows belongs to the next second."""
        self.fold()
        counts.by_scenario = dict(zip(self._names, self._stats, strict=True))
        counts.active, counts.most_active, self._most = self.active, self._most, self.active
        taken = SessionMicros(dict(zip(self._names, self._micros, strict=True)), self._group_micros)
        self._stats = [SessionStats() for _ in self._names]
        self._micros = [Counter[int]() for _ in self._names]
        self._group_micros = {name: Counter[int]() for name in self._group_times}
        return taken
