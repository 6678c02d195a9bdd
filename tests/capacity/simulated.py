"""Targets whose capacity is known, and a search against one of them, second by second."""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Callable, Sequence

from gluten.capacity.decision import Generator, Over, SearchPlan, SetRate
from gluten.capacity.searcher import Searcher
from gluten.stats.delta import Delta

Arrive = Callable[[float], tuple[float, int]]
"""When a request that arrives at an instant is answered, and with which status."""


class Queue:
    """M/M/c: one queue, `servers` servers, exponential service of `mean` seconds."""

    def __init__(self, servers: int, mean: float, seed: int) -> None:
        self.free = [0.0] * servers
        self.mean = mean
        # Not the numbers that the arrivals are drawn by.
        self.chance = random.Random(7 * seed + 1)

    def service(self, at: float) -> float:
        return self.chance.expovariate(1.0) * self.mean

    def __call__(self, at: float) -> tuple[float, int]:
        begins = max(at, heapq.heappop(self.free))
        ends = begins + self.service(at)
        heapq.heappush(self.free, ends)
        return ends, 200


class Load:
    """Requests that are due evenly, or at random, at a rate that changes; answers are counted when they come."""

    def __init__(self, target: Arrive, rate: float, seed: int, poisson: bool = True) -> None:
        self.target, self.rate, self.poisson = target, rate, poisson
        self.chance = random.Random(seed)
        self.due = 0.0
        self.flight: list[tuple[float, float, int]] = []

    def second(self, second: int, timeout: float) -> Delta:
        delta = Delta(second)
        stats = delta.of()
        while self.due < second + 1:
            done, status = self.target(self.due)
            heapq.heappush(
                self.flight, (min(done, self.due + timeout), self.due, status if done < self.due + timeout else 0)
            )
            stats.sent += 1
            self.due += self.chance.expovariate(1.0) / self.rate if self.poisson else 1 / self.rate
        while self.flight and self.flight[0][0] < second + 1:
            done, due, status = heapq.heappop(self.flight)
            if status:
                stats.completed += 1
                stats.status[status] = stats.status.get(status, 0) + 1
                micros = int((done - due) * 1e6)
                stats.response.record(micros)
            else:
                stats.fail("timeout")
        stats.service = stats.response  # nobody waits for a connection
        delta.in_flight = len(self.flight)
        return delta


def search(
    plan: SearchPlan,
    target: Arrive,
    seed: int = 1,
    generators: Callable[[int, float, Delta], Sequence[Generator]] = lambda second, rate, delta: (),
    timeout: float = 10.0,
    poisson: bool = True,
    delay: int = 2,
) -> tuple[Searcher, int]:
    """The searcher at its end, and how many seconds it took. A decision has its effect `delay` seconds later."""
    load, searcher = Load(target, plan.start, seed, poisson), Searcher(plan)
    changes: list[tuple[int, float]] = []
    for second in range(math.ceil(plan.seconds) + 10):
        while changes and changes[0][0] == second:
            load.rate = changes.pop(0)[1]
        delta = load.second(second, timeout)
        searcher.look(second, delta, generators(second, load.rate, delta))
        decision = searcher.decide(second)
        if isinstance(decision, Over):
            return searcher, second
        if isinstance(decision, SetRate):
            changes.append((second + 1 + delay, decision.rate))
            searcher.adjusted(second + 1 + delay, decision.rate)
    raise AssertionError("the search does not end")


def truth(servers: int, mean: float, slower: float, share: float) -> float:
    """The rate at which this share of the responses of M/M/c takes longer."""
    low, high = 0.0, servers / mean
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if tail(middle, servers, 1 / mean, slower) < share else (low, middle)
    return low


def tail(rate: float, servers: int, each: float, time: float) -> float:
    """P(response > time) of M/M/c, where each server answers `each` requests a second."""
    load = rate / each
    term, terms = 1.0, 1.0
    for k in range(1, servers):
        term *= load / k
        terms += term
    last = term * load / servers / (1 - load / servers)
    waits = last / (terms + last)
    spare = servers * each - rate
    if abs(spare - each) < 1e-9:
        return math.exp(-each * time) * (1 + waits * each * time)
    return math.exp(-each * time) + waits * each / (spare - each) * (math.exp(-each * time) - math.exp(-spare * time))
