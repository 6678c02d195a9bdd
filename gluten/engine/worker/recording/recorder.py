"""What a worker records while it makes load, and how that becomes a delta each second.

On the hot path a request costs one `append` of its seconds to the list of its kind of response (a `Tally`). When the
second is over, counts, bytes, statuses and histograms are computed from the lists. Each named request has a `Recorder`.
`Recorders` has all of one worker.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from gluten.engine.fault import Fault
from gluten.engine.worker.recording.recorded_second import Micros, RecordedSecond, count
from gluten.engine.worker.recording.session_recorder import SessionRecorder
from gluten.stats.delta import Delta
from gluten.stats.failure import Failure, earliest
from gluten.stats.request_stats import BAD_STATUS, REDIRECT, Slowest, Stats, redirect_name

MOST_TALLIES = 64
"""Exact responses remembered within a second; targets whose every answer differs must not fill memory."""

MOST_MISSED = 100_000
"""Ticks of the generator's clock that one silence counts as, at most: some minutes, and a moment's work."""
MANY = 128
"""Requests that are counted at once at a constant rate, in some 40 us: five milliseconds of a high rate would take
longer than slots are apart."""


NO_CHECKS: Mapping[str, Sequence[str]] = MappingProxyType({})


class Outcome(NamedTuple):
    """Whether a response is as was expected, and which of the request's checks are true of it, in their order."""

    good: bool
    checks: tuple[bool, ...] = ()


class Tally:
    """Completed requests of one kind: `times` holds their service times (s) until they are folded, `count` how
    many were folded; `size` bytes each plus `read` bytes in all. `outcome` None: it follows from the status."""

    __slots__ = ("count", "outcome", "read", "size", "status", "times")

    def __init__(self, status: int, size: int = 0, outcome: Outcome | None = None) -> None:
        self.status = status
        self.size = size
        self.outcome = outcome
        self.times: list[float] = []
        self.count = 0
        self.read = 0


class Connections:
    """How many connections of one worker are open, and the most that were open at once in this second. `streams` is
    that of `Delta`."""

    __slots__ = ("open", "peak", "streams")

    def __init__(self) -> None:
        self.open = self.peak = self.streams = 0

    def allowed(self, streams: int) -> None:
        """The target allows so many streams on a connection, which are fewer than were asked for."""
        self.streams = min(streams, self.streams or streams)


class Recorder:
    """Everything about one named request since the last `cut`. Times are seconds, sizes bytes.

    `exact` maps the bytes of a whole response to the `append` of its tally, for the read callback. While `implied` is
    true, the callback sends one request with each of those records, so these sends are not counted one by one. The same
    holds for requests whose lateness is in `shot`. All others are in `sent`. `size` is that of one request, `opened`
    counts the connections that were opened for it, `skipped` how often sessions ended before they reached it. While it
    does not learn, no response becomes `exact`.
    """

    def __init__(
        self,
        open_loop: bool,
        implied: bool,
        size: int,
        connections: Connections,
        checks: Sequence[str] = (),
        follows: bool = False,
    ) -> None:
        """`checks` are the texts of the request's checks. `follows`: its redirects are followed, so its response time
        is longer than the service time of its last answer."""
        self.open_loop, self.implied, self.size = open_loop, implied, size
        self.apart = open_loop or follows
        self._connections = connections
        self._checks = tuple(checks)
        self.stats = Stats()
        self.sent = 0
        self.dropped = 0
        self.written = 0
        self.opened = 0
        self.skipped = 0
        self.exact: dict[bytes, Callable[[float], None]] = {}
        self.learns = True
        self.response: list[float] = []
        self.lateness: list[float] = []
        self.shot: list[float] = []
        self._shots = 0
        self.posted = 0
        self.pieces: list[float] = []
        self._exact: list[Tally] = []
        self._other: dict[tuple[int, Outcome | None], Tally] = {}
        self._slow: dict[tuple[int, Outcome | None], Tally] = {}
        self._micros = Micros(self.apart)

    def twin(self) -> Recorder:
        """An empty recorder of the same request."""
        return Recorder(self.open_loop, False, self.size, self._connections, self._checks, self.apart)

    def know(self, data: bytes, status: int, outcome: Outcome | None = None) -> None:
        """From now on the read callback may accept `data` as a whole response."""
        if self.learns and len(self._exact) < MOST_TALLIES:
            tally = Tally(status, len(data), outcome)
            self._exact.append(tally)
            self.exact[data] = tally.times.append

    def completed(
        self, status: int, size: int, service: float, outcome: Outcome | None = None, first: float | None = None
    ) -> None:
        """Record a response that the read callback did not know. `first`: when its first byte came, if not with the
        last one; like `service` in seconds after the request was written."""
        tallies = self._other if first is None else self._slow
        tally = tallies.get((status, outcome))
        if tally is None:
            tally = tallies[status, outcome] = Tally(status, 0, outcome)
        tally.times.append(service)
        tally.read += size
        if first is not None:
            self.pieces.append(first)

    def traced(self, micros: int, trace: str, node: str) -> None:
        """A request that carried a trace id took so long; the slowest one of the second is kept."""
        known = self.stats.slowest
        if known is None or micros > known.micros:
            self.stats.slowest = Slowest(micros, trace, node)

    def keep(self, kind: str, failure: Failure) -> None:
        """The first request of its kind that was not good."""
        self.stats.failures = earliest(self.stats.failures, {kind: failure})

    def connected(self) -> None:
        """One more connection is open."""
        connections = self._connections
        connections.open += 1
        if connections.open > connections.peak:  # this happens once a request without keep-alive, and `max` is a call
            connections.peak = connections.open

    def disconnected(self) -> None:
        self._connections.open -= 1

    def failed(self, fault: Fault) -> None:
        self.stats.fail(fault.kind, str(fault))

    def count_sends(self) -> None:
        """From now on every send is counted where it happens; what the read callback implied so far is kept."""
        if self.implied:
            sent = self._implied_sent()
            self.sent += sent
            self.written += sent * self.size
            self.implied = False

    def _implied_sent(self) -> int:
        self.fold()
        return sum(tally.count for tally in self._exact)

    def fold_many(self) -> None:
        """Fold if `MANY` requests were sent."""
        if len(self.shot) >= MANY:
            self.fold()

    def fold(self) -> None:
        """Count what the lists hold, and empty them."""
        micros = self._micros
        for tally in (*self._exact, *self._other.values()):
            times = tally.times
            if times:
                tally.count += len(times)
                count(micros.service, times)
        if self.pieces:
            self._fold_pieces()
        if self.apart:
            count(micros.response, self.response)
        if self.open_loop:
            self._shots += len(self.shot)
            count(micros.lateness, self.lateness)
            count(micros.lateness, self.shot)
        self.response.clear()
        self.lateness.clear()

    def _fold_pieces(self) -> None:
        """The responses that came in pieces: their first bytes have times of their own."""
        for tally in self._slow.values():
            tally.count += len(tally.times)
            count(self._micros.in_pieces, tally.times)
        count(self._micros.first, self.pieces)

    def cut(self) -> tuple[Stats, Micros]:
        """The counts and the times of the second that ends now. What follows belongs to the next second."""
        implied_sent = self._implied_sent() if self.implied else 0
        self.fold()
        stats, self.stats = self.stats, Stats()
        uncounted = implied_sent + self._shots + self.posted
        stats.sent, stats.dropped, stats.skipped = self.sent + uncounted, self.dropped, self.skipped
        stats.written = self.written + uncounted * self.size
        self.sent = self.dropped = self.skipped = self.written = self._shots = self.opened = self.posted = 0
        self._sum_up(stats)
        self._exact.clear()
        self.exact.clear()
        self._other.clear()
        self._slow.clear()
        micros, self._micros = self._micros, Micros(self.apart)
        return stats, micros

    def _sum_up(self, stats: Stats) -> None:
        for tally in (*self._exact, *self._other.values(), *self._slow.values()):
            if tally.count:
                stats.completed += tally.count
                stats.status[tally.status] = stats.status.get(tally.status, 0) + tally.count
                stats.read += tally.count * tally.size + tally.read
                if tally.outcome is not None:
                    self._sum_up_checks(stats, tally, tally.outcome)

    def _sum_up_checks(self, stats: Stats, tally: Tally, outcome: Outcome) -> None:
        stats.apart += tally.count * (outcome.good - (tally.status < BAD_STATUS))
        for text, true in zip(self._checks, outcome.checks, strict=True):
            stats.checked(text, tally.count * true, tally.count * (not true))


class Recorders:
    """Everything that one worker records: a `Recorder` for each named request, its connections and its clock, and the
    `sessions` of its scenarios (None: there are none).

    Call `fold` every few milliseconds, so that no second ends with a long count. At a constant rate also call it
    whenever `MANY` were sent, so that no count delays the next requests.
    """

    def __init__(
        self,
        open_loop: bool,
        implied: bool,
        sizes: Mapping[str, int],
        checks: Mapping[str, Sequence[str]] = NO_CHECKS,
        sessions: SessionRecorder | None = None,
    ) -> None:
        """`sizes` has the bytes of each named request, `checks` the texts of its checks."""
        self.open_loop = open_loop
        self.connections = Connections()
        self.sessions = sessions
        self.by_name = {
            name: Recorder(
                open_loop, implied, size, self.connections, checks.get(name, ()), redirect_name(name) in sizes
            )
            for name, size in sizes.items()
        }
        self.lag: list[float] = []
        self._all = tuple(self.by_name.values())
        self._lag = Counter[int]()
        # It is called with each slot: with one request it is that recorder's own.
        self.fold_many = self._all[0].fold_many if len(self._all) == 1 else self._fold_many

    def forget(self) -> None:
        """From now on no response is known by its bytes, so each is accounted for by the slot table."""
        for recorder in self._all:
            recorder.learns = False
            recorder.exact.clear()

    def learn(self) -> None:
        """The opposite of `forget`."""
        for recorder in self._all:
            recorder.learns = True

    def count_sends(self) -> None:
        """From now on every send is counted where it happens."""
        for recorder in self._all:
            recorder.count_sends()

    def _fold_many(self) -> None:
        for recorder in self._all:
            recorder.fold_many()

    def ticked(self, late: float, period: float) -> None:
        """The worker's clock, which ticks every `period` seconds, ticked `late` seconds after its time.

        A pause counts as each tick that it has swallowed (HdrHistogram's recordValueWithExpectedInterval). Else a
        process that stood still for a third of a run would have been late once in thousands of times.
        """
        self.lag.extend(late - missed * period for missed in range(min(int(late / period), MOST_MISSED) + 1))

    def fold(self) -> None:
        """Count what the lists hold, and empty them."""
        count(self._lag, self.lag)
        for recorder in self._all:
            recorder.fold()
        if self.sessions is not None:
            self.sessions.fold()

    def rotate(self, second: int) -> Delta:
        """The delta of the second that ends now. What follows belongs to the next second."""
        return self.cut(second).delta()

    def cut(self, second: int) -> RecordedSecond:
        """The same in a form that costs little now. The histograms are made when its `delta` is called."""
        self.fold()
        counts, connections = Delta(second), self.connections
        counts.opened = sum(recorder.opened for recorder in self._all)
        counts.connections, counts.peak = connections.open, connections.peak
        connections.peak = connections.open
        counts.streams = connections.streams
        micros = {}
        for name, recorder in self.by_name.items():
            stats, times = recorder.cut()
            # A request whose answers do not redirect has no redirects to tell of.
            if stats.sent or not name.endswith(REDIRECT):
                counts.by_name[name], micros[name] = stats, times
        lag, self._lag = self._lag, Counter[int]()
        sessions = None if self.sessions is None else self.sessions.take(counts)
        return RecordedSecond(counts, micros, lag, sessions)
