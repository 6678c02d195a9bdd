"""What a worker writes down while it loads, and how that becomes a delta once a second.

On the hot path a request costs one `append` of its seconds to the list of its kind of response (a `Tally`);
counts, bytes, statuses and histograms are worked out from the lists when the second is over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import repeat
from operator import mul

from gluten.engine.fault import Fault
from gluten.stats.delta import Delta

MOST_TALLIES = 64
"""Exact responses remembered within a second; targets whose every answer differs must not fill memory."""

MOST_MISSED = 100_000
"""Ticks of the generator's clock that one silence counts as, at most: some minutes, and a moment's work."""
MANY = 128
"""Requests that are counted at once at a constant rate, in some 40 us: five milliseconds of a high rate would take
longer than slots are apart."""


class Tally:
    """Completed requests of one kind: `times` holds their service times (s) until they are folded, `count` how
    many were folded; `size` bytes each plus `read` bytes in all."""

    __slots__ = ("count", "read", "size", "status", "times")

    def __init__(self, status: int, size: int = 0) -> None:
        self.status = status
        self.size = size
        self.times: list[float] = []
        self.count = 0
        self.read = 0


class Recorder:
    """Everything of one worker since the last `rotate`. Times are seconds, sizes bytes.

    `exact` maps a whole response's bytes to the `append` of its tally, for the fast lane. While `implied`, the
    lane sends one request with each of those records, so its sends are not counted one by one; nor are those of
    which `shot` has the lateness. All others are in `sent`. `fold` is to be called every few milliseconds, so that
    no second ends with a long count; at a constant rate whenever `MANY` were sent, so that no count makes the
    next ones late.
    """

    def __init__(self, open_loop: bool, implied: bool) -> None:
        self.open_loop = open_loop
        self.implied = implied
        self.delta = Delta()
        self.sent = 0
        self.dropped = 0
        self.written = 0
        self.opened = self.open = self.peak = 0
        self.exact: dict[bytes, Callable[[float], None]] = {}
        self.response: list[float] = []
        self.lateness: list[float] = []
        self.shot: list[float] = []
        self.lag: list[float] = []
        self._shots = 0
        self._exact: list[Tally] = []
        self._other: dict[int, Tally] = {}
        self._micros = _counters()

    def know(self, data: bytes, status: int) -> None:
        """From now on the fast lane may take `data` as a whole response."""
        if len(self._exact) < MOST_TALLIES:
            tally = Tally(status, len(data))
            self._exact.append(tally)
            self.exact[data] = tally.times.append

    def completed(self, status: int, size: int, service: float) -> None:
        """A response that the fast lane did not know."""
        tally = self._other.get(status)
        if tally is None:
            tally = self._other[status] = Tally(status)
        tally.times.append(service)
        tally.read += size

    def connected(self) -> None:
        """A connection more is open."""
        self.open += 1
        self.peak = max(self.peak, self.open)

    def disconnected(self) -> None:
        self.open -= 1

    def failed(self, fault: Fault) -> None:
        self.delta.fail(fault.kind, str(fault))

    def count_sends(self, request_size: int) -> None:
        """From now on every send is counted where it happens; what the lane implied so far is kept."""
        if self.implied:
            sent = self._lane_sent()
            self.sent += sent
            self.written += sent * request_size
            self.implied = False

    def _lane_sent(self) -> int:
        self.fold()
        return sum(tally.count for tally in self._exact)

    def fold_many(self) -> None:
        """Count what has been sent if that is `MANY`."""
        if len(self.shot) >= MANY:
            self.fold()

    def ticked(self, late: float, period: float) -> None:
        """The generator's own clock, which ticks every `period` seconds, did so `late` seconds after its time.

        A silence counts as each tick that it swallowed (HdrHistogram's recordValueWithExpectedInterval): else a
        process that stood still for a third of a run would have been late once in thousands of times.
        """
        self.lag.extend(late - missed * period for missed in range(min(int(late / period), MOST_MISSED) + 1))

    def fold(self) -> None:
        """Count what the lists hold, and empty them."""
        service, response, lateness, lag = self._micros
        _count(lag, self.lag)
        for tally in (*self._exact, *self._other.values()):
            times = tally.times
            if times:
                tally.count += len(times)
                _count(service, times)
        if self.open_loop:
            self._shots += len(self.shot)
            _count(response, self.response)
            _count(lateness, self.lateness)
            _count(lateness, self.shot)
        else:
            self.response.clear()
            self.lateness.clear()

    def rotate(self, second: int, request_size: int) -> Delta:
        """The delta of the second that ends now; what follows belongs to the next."""
        return self.cut(second, request_size).delta()

    def cut(self, second: int, request_size: int) -> RecordedSecond:
        """The same in a form that costs little now: the histograms are made when its `delta` is asked for."""
        lane_sent = self._lane_sent() if self.implied else 0
        self.fold()
        delta, self.delta = self.delta, Delta()
        delta.second = second
        uncounted = lane_sent + self._shots
        delta.sent, delta.dropped = self.sent + uncounted, self.dropped
        delta.written = self.written + uncounted * request_size
        delta.opened, delta.connections, delta.peak = self.opened, self.open, self.peak
        self.sent = self.dropped = self.written = self._shots = self.opened = 0
        self.peak = self.open
        self._sum_up(delta)
        self._exact.clear()
        self.exact.clear()
        self._other.clear()
        micros, self._micros = self._micros, _counters()
        return RecordedSecond(delta, micros, self.open_loop)

    def _sum_up(self, delta: Delta) -> None:
        for tally in (*self._exact, *self._other.values()):
            if tally.count:
                delta.completed += tally.count
                delta.status[tally.status] = delta.status.get(tally.status, 0) + tally.count
                delta.read += tally.count * tally.size + tally.read


class RecordedSecond:
    """What a worker recorded in one run-second. `counts`, of the second, may be added to until `delta` is asked for."""

    __slots__ = ("_micros", "_open_loop", "counts")

    def __init__(self, counts: Delta, micros: list[Counter[int]], open_loop: bool) -> None:
        self.counts, self._micros, self._open_loop = counts, micros, open_loop

    def delta(self) -> Delta:
        """The counts with the histograms. To be called once."""
        delta = self.counts
        service, response, lateness, lag = self._micros
        delta.service.record_all(service)
        delta.response.record_all(response if self._open_loop else service)
        delta.lateness.record_all(lateness)
        delta.lag.record_all(lag)
        return delta


def _counters() -> list[Counter[int]]:
    """Whole microseconds of service, response, lateness and lag, and how often each came."""
    return [Counter() for _ in range(4)]


def _count(counter: Counter[int], seconds: list[float]) -> None:
    """Count seconds as whole microseconds, all in C; the histogram holds them to its range."""
    if seconds:
        counter.update(map(int, map(mul, seconds, repeat(1e6))))
        seconds.clear()
