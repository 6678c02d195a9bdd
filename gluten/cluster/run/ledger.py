"""The counts of a run's nodes so far, merged by second, by node and over all. Pure.

A delta is known by its source (node's name, epoch) and number, and comes in once however often it arrives.
Deltas may come in any order. Gauges (in flight, connections, backlog) are each source's latest, added over the sources.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from gluten.cluster.run.second import Gauge, RunSecond, Source, merge
from gluten.report import sessions
from gluten.report.by_request import points_of
from gluten.report.results import mean_shares
from gluten.stats.begun import begun
from gluten.stats.delta import Delta
from gluten.stats.request_stats import REQUEST

OPEN_SECONDS = 20
"""How many seconds are kept unpacked. Older ones are packed, and a late delta unpacks them again."""


class Numbers:
    """Which of the numbers 1, 2, 3 … were seen. Those beyond a gap are kept apart."""

    __slots__ = ("_beyond", "upto")

    def __init__(self) -> None:
        self.upto = 0
        self._beyond: set[int] = set()

    def add(self, number: int) -> bool:
        """False if it was seen before."""
        if number in self:
            return False
        self._beyond.add(number)
        while self.upto + 1 in self._beyond:
            self.upto += 1
            self._beyond.remove(self.upto)
        return True

    def __contains__(self, number: int) -> bool:
        return number <= self.upto or number in self._beyond

    def missing(self, last: int) -> int:
        """How many of the numbers 1 to `last` were not seen."""
        return max(0, last - self.upto) - sum(number <= last for number in self._beyond)


class Deltas(Mapping[int, Delta]):
    """Run-second -> all nodes merged. An old second is unpacked each time it is asked for."""

    def __init__(self, seconds: Mapping[int, RunSecond]) -> None:
        self._seconds = seconds

    def __getitem__(self, second: int) -> Delta:
        return self._seconds[second].delta

    def __iter__(self) -> Iterator[int]:
        return iter(list(self._seconds))

    def __len__(self) -> int:
        return len(self._seconds)


class Ledger:
    """All deltas of one run. `nodes` has the sums of each node, which are not told apart by request: many nodes with
    many requests would take too much memory. `peaks`: the most connections that each node had open at once. `changed`:
    the seconds that have changed, until somebody takes them out. `measured` is the sum of the seconds from `first` on,
    where the warmup has ended."""

    def __init__(self, first: int = 0) -> None:
        self.total = Delta()
        self._first = first
        self.measured = Delta() if first else self.total
        self.nodes: dict[str, Delta] = {}
        self.seconds: dict[int, RunSecond] = {}
        self.deltas = Deltas(self.seconds)
        self.changed: set[int] = set()
        self.peaks: dict[str, int] = {}
        self._begun: dict[Source, int] = {}
        self._numbers: dict[Source, Numbers] = {}
        self._gauges: dict[Source, Gauge] = {}
        self._last: dict[str, int] = {}
        self._last_sent: dict[str, int] = {}
        self._open: set[int] = set()
        self._marks: tuple[int, int, int] | None = None
        self._points: dict[str, tuple[int, ...]] = {}
        self._session_points: sessions.Points | None = None

    @property
    def shown(self) -> Delta:
        """What times and rate are of so far: in the warmup all that there is."""
        return self.measured if self.measured.sent else self.total

    @property
    def marks(self) -> tuple[int, int, int]:
        """p50, p95 and p99 of the response time so far, in microseconds."""
        if self._marks is None:
            p50, p95, p99 = self.shown.response.percentiles([50, 95, 99])
            self._marks = (p50, p95, p99)
        return self._marks

    @property
    def points(self) -> Mapping[str, tuple[int, ...]]:
        """The same of each named request, as `points_of` has them. They are computed once for all who watch."""
        for name, stats in self.shown.by_name.items():
            if name not in self._points:
                self._points[name] = points_of(stats)
        return self._points

    @property
    def session_points(self) -> sessions.Points:
        """The same of sessions and groups."""
        if self._session_points is None:
            self._session_points = sessions.points_of(self.shown)
        return self._session_points

    def add(self, name: str, epoch: int, number: int, delta: Delta, version: int) -> bool:
        """Merge a delta. False, and nothing changes, if it was merged before."""
        source = (name, epoch)
        if not self._numbers.setdefault(source, Numbers()).add(number):
            return False
        change = self._gauges.setdefault(source, Gauge()).take(number, delta)
        self._marks = self._session_points = None
        self._begun[source] = self._begun.get(source, 0) + begun(delta)
        for request in delta.by_name:
            self._points.pop(request, None)
        if delta.sent:
            self._last_sent[name] = max(delta.second, self._last_sent.get(name, 0))
        self.changed.add(delta.second)
        self._last[name] = max(delta.second, self._last.get(name, 0))
        peak = self._second(delta.second).take(source, number, delta, version)
        self.peaks[name] = max(peak, self.peaks.get(name, 0))
        merge(self.total, delta, change)
        if self._first and delta.second >= self._first:
            self._points = self._points if self.measured.sent else {}
            self.measured.follow(delta)
        merge(self.nodes.setdefault(name, Delta()), delta, change, REQUEST)
        return True

    def knows(self, name: str, epoch: int, number: int) -> bool:
        numbers = self._numbers.get((name, epoch))
        return numbers is not None and number in numbers

    def begun(self, name: str, epoch: int) -> int:
        """How many sessions the source has reported as begun; without scenarios: requests."""
        return self._begun.get((name, epoch), 0)

    def missing(self, name: str, epoch: int, last: int) -> int:
        """How many of the source's deltas 1 to `last` have not arrived."""
        return self._numbers.setdefault((name, epoch), Numbers()).missing(last)

    def mean_shares(self, until: Mapping[str, float], give_way: Callable[[], None]) -> dict[str, tuple[float, ...]]:
        """Each node's mean shares of a core and of its machine (`report.mean_shares`), before `until` (by name)."""
        kept: dict[str, dict[int, tuple[float, ...]]] = {name: {} for name in until}
        for second, seen in list(self.seconds.items()):
            for name, assignments in seen.assignments():
                if name in kept:
                    kept[name][second] = assignments
            give_way()
        return {name: mean_shares(seconds, until[name]) for name, seconds in kept.items()}

    def last_second(self, name: str) -> int | None:
        """The newest second that the node has reported."""
        return self._last.get(name)

    def last_sent(self, name: str | None = None) -> int | None:
        """The newest second in which the node, or any node, is known to have sent anything."""
        return max(self._last_sent.values(), default=None) if name is None else self._last_sent.get(name)

    def changed_since(self, second: float, version: int) -> None:
        """The rows of the seconds from this one on change with this version."""
        for number, seen in self.seconds.items():
            if number >= second:
                seen.version = version

    def _second(self, number: int) -> RunSecond:
        second = self.seconds.get(number)
        if second is None:
            second = self.seconds[number] = RunSecond(number)
        self._open.add(number)
        if len(self._open) > OPEN_SECONDS:
            self._pack_all_but(number)
        return second

    def _pack_all_but(self, number: int) -> None:
        for old in sorted(self._open)[: len(self._open) - OPEN_SECONDS]:
            if old != number:
                self.seconds[old].pack()
                self._open.remove(old)
