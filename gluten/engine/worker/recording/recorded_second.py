"""What a worker recorded in one run-second, on its way to a delta."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import repeat
from operator import mul
from typing import NamedTuple

from gluten.stats.delta import Delta
from gluten.stats.histogram import Histogram
from gluten.stats.request_stats import Stats


class Micros:
    """Whole microseconds, and how often each occurred. `in_pieces`: service times of responses that came in pieces, of
    which `first` has the times of the first bytes. `apart`: response times are not the service times."""

    __slots__ = ("apart", "first", "in_pieces", "lateness", "response", "service")

    def __init__(self, apart: bool) -> None:
        self.apart = apart
        self.service, self.response, self.lateness = Counter[int](), Counter[int](), Counter[int]()
        self.in_pieces, self.first = Counter[int](), Counter[int]()

    def record_in(self, stats: Stats) -> None:
        """The histograms of a second."""
        stats.service.record_all(self.service)
        if self.first:
            stats.first_byte = Histogram()
            stats.first_byte.record_all(self.service)
            stats.first_byte.record_all(self.first)
            stats.service.record_all(self.in_pieces)
        if self.apart:
            stats.response.record_all(self.response)
        else:
            stats.response.record_all(self.service)
            stats.response.record_all(self.in_pieces)


class SessionMicros(NamedTuple):
    """Whole microseconds, and how often each occurred: of the sessions of each scenario, and of each group."""

    sessions: Mapping[str, Counter[int]]
    groups: Mapping[str, Counter[int]]

    def record_in(self, delta: Delta) -> None:
        """The histograms of a second. A group that nobody came through is left out."""
        for name, times in self.sessions.items():
            delta.by_scenario[name].time.record_all(times)
        for name, times in self.groups.items():
            if times:
                delta.groups.setdefault(name, Histogram()).record_all(times)


class RecordedSecond:
    """What a worker recorded in one run-second. `counts` may be changed until `delta` is called."""

    __slots__ = ("_lag", "_micros", "_sessions", "counts")

    def __init__(
        self,
        counts: Delta,
        micros: Mapping[str, Micros],
        lag: Counter[int],
        sessions: SessionMicros | None = None,
    ) -> None:
        self.counts, self._micros, self._lag, self._sessions = counts, micros, lag, sessions

    def delta(self) -> Delta:
        """The counts with the histograms. To be called once."""
        delta = self.counts
        for name, micros in self._micros.items():
            micros.record_in(delta.of(name))
            delta.lateness.record_all(micros.lateness)
        delta.lag.record_all(self._lag)
        if self._sessions is not None:
            self._sessions.record_in(delta)
        return delta


def count(counter: Counter[int], seconds: list[float]) -> None:
    """Count seconds as whole microseconds, all in C. The histogram limits them to its range."""
    if seconds:
        counter.update(map(int, map(mul, seconds, repeat(1e6))))
        seconds.clear()
