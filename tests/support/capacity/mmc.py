"""The queue M/M/c: random arrivals, one queue, servers whose time for a request is exponentially distributed.

Its response times are known by a formula (Erlang C), and so is its capacity under an SLO.
"""

from __future__ import annotations

import math
from typing import NamedTuple

_STEPS = 60


class Queue(NamedTuple):
    """`work` is the mean time of a server for a request. Times are in seconds, rates per second."""

    servers: int
    work: float

    def waits(self, rate: float) -> float:
        """The probability that a request has to wait (Erlang C). 1 if the servers cannot keep up."""
        offered = rate * self.work
        if offered >= self.servers:
            return 1.0
        blocked = 1.0  # Erlang B, by its recursion
        for servers in range(1, self.servers + 1):
            blocked = offered * blocked / (servers + offered * blocked)
        return blocked * self.servers / (self.servers - offered * (1 - blocked))

    def beyond(self, rate: float, time: float) -> float:
        """The probability that a request takes longer than `time`."""
        offered = rate * self.work
        if offered >= self.servers:
            return 1.0
        served, spare = math.exp(-time / self.work), self.servers - offered - 1
        if math.isclose(spare, 0, abs_tol=1e-9):
            return served * (1 + self.waits(rate) * time / self.work)
        return served * (1 + self.waits(rate) * (1 - math.exp(-time / self.work * spare)) / spare)

    def percentile(self, rate: float, share: float) -> float:
        """The time within which `share` of the requests are answered. Infinite if the servers cannot keep up."""
        if rate * self.work >= self.servers:
            return math.inf
        low, high = 0.0, self.work
        while self.beyond(rate, high) > 1 - share:
            low, high = high, high * 2
        for _ in range(_STEPS):
            middle = (low + high) / 2
            low, high = (middle, high) if self.beyond(rate, middle) > 1 - share else (low, middle)
        return high

    def capacity(self, share: float, limit: float) -> float:
        """The highest rate at which `share` of the requests are answered within `limit`. 0 if there is none."""
        low, high = 0.0, self.servers / self.work
        for _ in range(_STEPS):
            middle = (low + high) / 2
            low, high = (middle, high) if self.beyond(middle, limit) <= 1 - share else (low, middle)
        return low
