"""The results of the sessions of one scenario. They add up, in any order: over seconds, workers and nodes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gluten.stats.histogram import Histogram
from gluten.stats.request_stats import check_name, count

MAX_SCENARIOS = 64
"""How many scenarios a run may have."""
MAX_GROUPS = 256
"""How many groups a run may have."""
SESSION_COUNTS = ("begun", "finished", "ended", "cut", "dropped", "good")


class SessionStats:
    """`begun` = `finished` + `ended` + `cut` + those under way. `finished` came to their end; `ended` by `on_fail`;
    `cut` by the drain, a stop or a loss; `dropped` never began. `good`: finished, and every request was good.

    `time`: of finished ones, in microseconds, from when it was due to its last byte.
    """

    __slots__ = (*SESSION_COUNTS, "time")
    begun: int
    finished: int
    ended: int
    cut: int
    dropped: int
    good: int

    def __init__(self) -> None:
        self.begun = self.finished = self.ended = self.cut = self.dropped = self.good = 0
        self.time = Histogram()

    def add(self, other: SessionStats) -> None:
        """Add the counts of `other`."""
        self.begun += other.begun
        self.finished += other.finished
        self.ended += other.ended
        self.cut += other.cut
        self.dropped += other.dropped
        self.good += other.good
        self.time.add(other.time)

    @property
    def active(self) -> int:
        """Those that began and have not ended. In the counts of one second it may be below 0."""
        return self.begun - self.finished - self.ended - self.cut

    def to_map(self) -> dict[str, Any]:
        """Plain values for the wire and the store."""
        return {name: getattr(self, name) for name in SESSION_COUNTS} | {"time": self.time.to_wire()}

    @classmethod
    def from_map(cls, plain: Mapping[str, Any]) -> SessionStats:
        """The inverse of `to_map`, for values from the wire. Raises ValueError, KeyError, TypeError, AttributeError."""
        if plain.keys() != STATS_KEYS:
            raise ValueError("the stats of a scenario have missing or unknown keys")
        made = cls()
        for name in SESSION_COUNTS:
            setattr(made, name, count(plain[name]))
        made.time = Histogram.from_wire(plain["time"])
        if made.good > made.finished:
            raise ValueError("more sessions are good than have finished")
        return made


STATS_KEYS = frozenset(SessionStats().to_map())


def add_scenarios(into: dict[str, SessionStats], more: Mapping[str, SessionStats], under: str | None = None) -> None:
    """Add the stats of each scenario; all as those of `under`, if that is given."""
    for name, stats in more.items():
        into.setdefault(under or name, SessionStats()).add(stats)


def add_groups(into: dict[str, Histogram], more: Mapping[str, Histogram]) -> None:
    """Add the times of each group."""
    for name, times in more.items():
        into.setdefault(name, Histogram()).add(times)


def sum_of(parts: Iterable[SessionStats]) -> SessionStats:
    """The sum over scenarios."""
    total = SessionStats()
    for stats in parts:
        total.add(stats)
    return total


def read_scenarios(plain: Any) -> dict[str, SessionStats]:
    """The stats of scenarios from the wire. Raises ValueError and what `SessionStats.from_map` raises."""
    if type(plain) is not dict or len(plain) > MAX_SCENARIOS:
        raise ValueError(f"a delta has a map of at most {MAX_SCENARIOS} scenarios")
    return {check_name(name): SessionStats.from_map(stats) for name, stats in plain.items()}


def read_groups(plain: Any) -> dict[str, Histogram]:
    """The times of groups from the wire. Raises ValueError."""
    if type(plain) is not dict or len(plain) > MAX_GROUPS:
        raise ValueError(f"a delta has a map of at most {MAX_GROUPS} groups")
    return {check_name(name): Histogram.from_wire(times) for name, times in plain.items()}
