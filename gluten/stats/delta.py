"""What one node saw in one second of a run. Deltas merge by addition, in any order.

A delta is an envelope with the `Stats` of each named request. A second counts from the armed start on the node's own
monotonic clock. Everything adds up but `GAUGES`. These are taken at the end of the second and add over nodes only:
within one node the later one replaces the earlier one (`follow`). A run without scenarios has nothing of sessions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gluten.stats import request_stats
from gluten.stats.histogram import Histogram
from gluten.stats.request_stats import MAX_NAMES, REQUEST, Slowest, Stats, asked_as, check_name, count, total_of
from gluten.stats.session_stats import (
    SESSION_COUNTS,
    SessionStats,
    add_groups,
    add_scenarios,
    read_groups,
    read_scenarios,
    sum_of,
)

COUNTS = (*request_stats.COUNTS, "opened")
REQUEST_GAUGES = ("in_flight", "connections", "backlog")
GAUGES = (*REQUEST_GAUGES, "active")
PEAKS = ("peak", "most_active")
"""The most at once within the second: of open connections, and of sessions under way."""
SHARES = ("cpu", "host_cpu", "steal")
"""Shares, 0 to 1: of one core (the busiest worker), and of the whole machine that the node runs on."""
HISTOGRAMS = ("lateness", "lag")
"""Those of the envelope. A name has `request_stats.HISTOGRAMS`."""
CEILING = 1 << 40
"""More than one node counts in one second, of requests or bytes: sums of millions of such deltas stay in 63 bits."""
_ALL_NAMES = 4 * CEILING
"""The same for the times of all names together. Of packed counts no more than a generous bound is known."""
_LONGEST = 1 << 62
_MOST_SECONDS, _LONGEST_SUM = 1e9, 1e18


class Delta:
    """Counts and histograms of one run-second. Histograms are microseconds.

    `by_name` has the `Stats` of each request. `sent`, `response` and so on are their sums.

    `lateness` is how long after its due time a request was sent although a connection was idle (constant rate
    only), `lag` how late the generator's own clock ticked: both are the generator's fault alone. `cpu` is the
    busiest worker's share of one core (0 to 1), `host_cpu` the share of the machine's cores that were busy, `steal` the
    share that its hypervisor gave to others. `opened` connections were opened; `peak` is the most that were open at
    once; `backlog` requests were due and waited for a connection. `drained` is the sum over connections of the seconds
    that each spent on its last response after load had ended. `quantum` is how long (s) slots of a constant rate
    waited at most to share a wake-up.

    `by_scenario` has the `SessionStats` of each scenario, `groups` the times of each group. `active` sessions are under
    way; `most_active` is the most that were at once.

    `streams` is how many streams the target allowed on a connection where it allowed fewer than were asked for: the
    fewest so far. 0: as many as were asked for.
    """

    __slots__ = (
        "second", "by_name", *GAUGES, "opened", *PEAKS, *HISTOGRAMS, *SHARES, "drained", "quantum", "by_scenario",
        "groups", "streams", "_total",
    )  # fmt: skip

    def __init__(self, second: int = 0) -> None:
        self.second = second
        self.by_name: dict[str, Stats] = {}
        self.in_flight = self.connections = self.backlog = self.active = 0
        self.opened = self.peak = self.most_active = 0
        self.lateness, self.lag = Histogram(), Histogram()
        self.cpu = self.host_cpu = self.steal = 0.0
        self.drained = self.quantum = 0.0
        self.streams = 0
        self.by_scenario: dict[str, SessionStats] = {}
        self.groups: dict[str, Histogram] = {}
        self._total: Stats | None = None

    def of(self, name: str = REQUEST) -> Stats:
        """The stats of a name, to count in them. Ask again after `total` was read: it is computed once."""
        self._total = None
        return self._stats(name)

    def _stats(self, name: str) -> Stats:
        stats = self.by_name.get(name)
        if stats is None:
            stats = self.by_name[name] = Stats()
        return stats

    def add(self, other: Delta) -> None:
        """Merge counts, histograms and gauges of another node or worker."""
        self._add_counts(other)
        self.peak += other.peak
        self.most_active += other.most_active
        for name in GAUGES:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def follow(self, other: Delta, under: str | None = None) -> None:
        """Merge a later delta of the same source: counts add, gauges are replaced. One of the same second is of another
        worker, so its peaks add. All its names are counted as `under`, if that is given; groups are then left out."""
        self._add_counts(other, under)
        for name in PEAKS:
            ours, theirs = getattr(self, name), getattr(other, name)
            setattr(self, name, ours + theirs if other.second == self.second else max(ours, theirs))
        for name in GAUGES:
            setattr(self, name, getattr(other, name))

    def _add_counts(self, other: Delta, under: str | None = None) -> None:
        for name, stats in other.by_name.items():
            self._stats(under or name).add(stats, under is not None)
            if self._total is not None:
                self._total.add(stats, under is not None)
        self.opened += other.opened
        self.lateness.add(other.lateness)
        self.lag.add(other.lag)
        for name in SHARES:
            setattr(self, name, max(getattr(self, name), getattr(other, name)))
        self.drained += other.drained
        self.quantum = max(self.quantum, other.quantum)
        if other.streams:
            self.streams = min(other.streams, self.streams or other.streams)
        if other.by_scenario:
            add_scenarios(self.by_scenario, other.by_scenario, under)
        if other.groups and under is None:
            add_groups(self.groups, other.groups)

    # Sums over the names

    @property
    def total(self) -> Stats:
        """The sum over all names, for reading. Once it was asked for, merging keeps it up to date."""
        if len(self.by_name) == 1:
            return next(iter(self.by_name.values()))
        if self._total is None:
            self._total = total_of(self.by_name)
        return self._total

    @property
    def sent(self) -> int:
        return sum([stats.sent for stats in self.by_name.values()])

    @property
    def completed(self) -> int:
        return sum([stats.completed for stats in self.by_name.values()])

    @property
    def failed(self) -> int:
        return sum([stats.failed for stats in self.by_name.values()])

    @property
    def dropped(self) -> int:
        return sum([stats.dropped for stats in self.by_name.values()])

    @property
    def skipped(self) -> int:
        return sum([stats.skipped for stats in self.by_name.values()])

    @property
    def read(self) -> int:
        return sum([stats.read for stats in self.by_name.values()])

    @property
    def written(self) -> int:
        return sum([stats.written for stats in self.by_name.values()])

    @property
    def good(self) -> int:
        return sum([stats.good for stats in self.by_name.values()])

    @property
    def response(self) -> Histogram:
        return self.total.response

    @property
    def service(self) -> Histogram:
        return self.total.service

    @property
    def first_byte(self) -> Histogram:
        return self.total.first_byte

    @property
    def checks(self) -> dict[str, list[int]]:
        return self.total.checks

    @property
    def slowest(self) -> tuple[str, Slowest] | None:
        """The slowest request that carried a trace id, with its name."""
        known = [(stats.slowest, name) for name, stats in self.by_name.items() if stats.slowest is not None]
        return max(known)[::-1] if known else None

    @property
    def sessions(self) -> SessionStats:
        """The sum over the scenarios."""
        return sum_of(self.by_scenario.values())

    @property
    def status(self) -> dict[int, int]:
        return self.total.status

    @property
    def errors(self) -> dict[str, int]:
        return self.total.errors

    @property
    def samples(self) -> dict[str, str]:
        return self.total.samples

    @property
    def excess(self) -> str:
        """What of it no single node can have counted in one second. Empty: nothing. A sum over nodes may be more."""
        for name in (*COUNTS, *GAUGES, *PEAKS, "skipped", "streams"):
            if getattr(self, name) >= CEILING:
                return name
        for name in (*SHARES, "drained", "quantum"):
            if getattr(self, name) > _MOST_SECONDS:
                return name
        for name in request_stats.HISTOGRAMS:
            if not _few([getattr(stats, name) for stats in self.by_name.values()]):
                return name
        found = next((name for name in HISTOGRAMS if not _few([getattr(self, name)])), "")
        return found or (self._excess_of_sessions if self.by_scenario or self.groups else "")

    @property
    def _excess_of_sessions(self) -> str:
        for name in SESSION_COUNTS:
            if sum([getattr(stats, name) for stats in self.by_scenario.values()]) >= CEILING:
                return name
        if not _few([stats.time for stats in self.by_scenario.values()]):
            return "time"
        return "" if _few(list(self.groups.values())) else "groups"

    # Plain values

    def to_map(self) -> dict[str, Any]:
        """Plain values for the wire and the store."""
        names = ("second", *REQUEST_GAUGES, "opened", "peak", *SHARES, "drained", "quantum")
        plain: dict[str, Any] = {name: getattr(self, name) for name in names}
        for name in HISTOGRAMS:
            plain[name] = getattr(self, name).to_wire()
        plain["by_name"] = {name: stats.to_map() for name, stats in self.by_name.items()}
        if self.streams:
            plain["streams"] = self.streams
        seen = self.by_scenario or self.groups or self.active or self.most_active
        return plain | self._of_sessions() if seen else plain

    def _of_sessions(self) -> dict[str, Any]:
        """What only runs with scenarios have."""
        plain: dict[str, Any] = {"active": self.active, "most_active": self.most_active}
        plain["by_scenario"] = {name: stats.to_map() for name, stats in self.by_scenario.items()}
        plain["groups"] = {name: times.to_wire() for name, times in self.groups.items()}
        return plain

    @classmethod
    def from_map(cls, plain: Mapping[str, Any]) -> Delta:
        """The inverse of `to_map`, for values from the wire. Raises ValueError for any value that is not allowed."""
        try:
            return cls._read(plain)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"a delta lacks or misuses {error}") from None

    @classmethod
    def _read(cls, plain: Mapping[str, Any]) -> Delta:
        if plain.keys() - OPTIONAL_KEYS != DELTA_KEYS:
            raise ValueError("a delta has missing or unknown keys")
        made = cls(count(plain["second"]))
        for name in (*REQUEST_GAUGES, "opened", "peak"):
            setattr(made, name, count(plain[name]))
        for name in HISTOGRAMS:
            setattr(made, name, Histogram.from_wire(plain[name]))
        for name in (*SHARES, "drained", "quantum"):
            setattr(made, name, _share(plain[name]))
        made.by_name = _read_names(plain["by_name"])
        if plain.keys() != DELTA_KEYS:
            made._read_optional(plain)
        return made

    def _read_optional(self, plain: Mapping[str, Any]) -> None:
        self.active, self.most_active = count(plain.get("active", 0)), count(plain.get("most_active", 0))
        self.by_scenario = read_scenarios(plain.get("by_scenario", {}))
        self.groups = read_groups(plain.get("groups", {}))
        self.streams = count(plain.get("streams", 0))


DELTA_KEYS = frozenset(Delta().to_map())
OPTIONAL_KEYS = frozenset({"active", "most_active", "by_scenario", "groups", "streams"})
"""The first four are of sessions."""


def _read_names(plain: Any) -> dict[str, Stats]:
    if type(plain) is not dict or len({asked_as(name) for name in plain}) > MAX_NAMES:
        raise ValueError(f"a delta has a map of at most {MAX_NAMES} names")
    return {check_name(name): Stats.from_map(stats) for name, stats in plain.items()}


def _few(histograms: list[Histogram]) -> bool:
    """Whether they hold fewer values than one node can count, and their sum fits in 62 bits. Only a True is certain."""
    if not all(histogram.below(CEILING) for histogram in histograms):
        return False
    bound = sum([histogram.bound for histogram in histograms])
    return bound < _ALL_NAMES and sum([histogram.total for histogram in histograms]) < _LONGEST


def _share(value: Any) -> float:
    if type(value) not in (int, float) or not 0 <= value <= _LONGEST_SUM:
        raise ValueError(f"{value!r} is not a number of seconds or a share")
    return float(value)
