"""What one worker has reported so far, and what is counted of it when it dies. Pure."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping

from gluten.plan.split import spread_weighted
from gluten.stats.begun import begun, dropped
from gluten.stats.delta import Delta
from gluten.stats.request_stats import REQUEST
from gluten.stats.session_stats import SessionStats


class Reported:
    """`second` is its last one (None: none yet). `sent` and `dropped` are requests; with scenarios, sessions that began
    or did not. `until` is the end of the last second in which it sent a request. `open` are its sessions under way, by
    scenario."""

    __slots__ = ("_flying", "_later", "dropped", "open", "second", "sent", "until")

    def __init__(self) -> None:
        self.second: int | None = None
        self.sent = self.dropped = 0
        self.until = 0.0
        self.open: Counter[str] = Counter()
        self._later: deque[tuple[int, int]] = deque()
        self._flying = 0

    def add(self, delta: Delta) -> None:
        self.second = delta.second
        self.sent += begun(delta)
        self.dropped += dropped(delta)
        if delta.sent:
            self.until = delta.second + 1.0
        self._later.append((delta.second, delta.in_flight))
        for name, stats in delta.by_scenario.items():
            self.open[name] += stats.active

    def strand(self, second: int, requests: int) -> None:
        """The worker died after sending `requests` more requests. Their results are lost."""
        flying = self._later[-1][1] if self._later else self._flying
        self.sent += requests
        self._later.append((second, flying + requests))

    def in_flight(self, second: int) -> int:
        """How many requests were in flight at the end of that second. `second` never falls from call to call."""
        while self._later and self._later[0][0] <= second:
            self._flying = self._later.popleft()[1]
        return self._flying


class Weights:
    """How often each request, or each scenario, occurs. A dead worker does not say of which ones its requests or
    sessions were, so they are taken to be in this proportion."""

    __slots__ = ("requests", "scenarios")

    def __init__(self, requests: Mapping[str, int], scenarios: Mapping[str, int]) -> None:
        self.requests, self.scenarios = requests, scenarios


ONE_URL = Weights({REQUEST: 1}, {})


def lost(second: int, weights: Weights, dropped: int, unknown: int, reported: Reported) -> Delta:
    """What counts of a dead worker, from that second on: `dropped` requests or sessions, and `unknown` ones that it had
    begun and did not report. Sessions that it did not report were dropped, those under way were cut."""
    delta = Delta(second)
    if weights.scenarios:
        _lose_sessions(delta, weights.scenarios, dropped + unknown, reported)
        return delta
    shares = [spread_weighted(count, list(weights.requests.values())) for count in (dropped, unknown)]
    for name, *counts in zip(weights.requests, *shares, strict=True):
        stats = delta.of(name)
        stats.dropped, stats.sent = counts
    return delta


def _lose_sessions(delta: Delta, weights: Mapping[str, int], dropped: int, reported: Reported) -> None:
    shares = spread_weighted(dropped, list(weights.values()))
    for name, count in zip(weights, shares, strict=True):
        delta.by_scenario[name] = stats = SessionStats()
        stats.dropped, stats.cut = count, max(0, reported.open.pop(name, 0))
