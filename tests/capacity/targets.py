"""Simulated targets that do not behave: each has one flaw."""

from __future__ import annotations

from tests.capacity.simulated import Queue


class Sharp(Queue):
    """Each request takes the same time: below its capacity nobody waits, above it the queue grows."""

    def service(self, at: float) -> float:
        return self.mean


class SlowPath(Queue):
    """A share of the requests takes 400 ms, whatever the load."""

    share = 0.01

    def __call__(self, at: float) -> tuple[float, int]:
        return (at + 0.4, 200) if self.chance.random() < self.share else super().__call__(at)


class Limiter(Queue):
    """Answers 429 above `most` requests a second."""

    def __init__(self, most: float, seed: int) -> None:
        super().__init__(64, 0.004, seed)
        self.most, self.tokens, self.last = most, 0.0, 0.0

    def __call__(self, at: float) -> tuple[float, int]:
        self.tokens = min(self.most / 10, self.tokens + (at - self.last) * self.most)
        self.last = at
        if self.tokens < 1:
            return at + 0.001, 429
        self.tokens -= 1
        return super().__call__(at)


class Degrading(Queue):
    """Each second it is slower by 0.3 % of what it was at first."""

    def service(self, at: float) -> float:
        return super().service(at) * (1 + 0.003 * at)


class Breaking(Queue):
    """Once it was overloaded it answers nothing any more."""

    broken = False
    slowest = 1.0
    """Seconds: a longer answer overloads it."""

    def __call__(self, at: float) -> tuple[float, int]:
        if self.broken:
            return at + 1e9, 200
        ends, status = super().__call__(at)
        self.broken = ends - at > self.slowest
        return ends, status


class Recovering(Queue):
    """Where it was overloaded it is slower, until it was not for `rest` seconds."""

    rest = 20.0
    overloaded = -1e9

    def service(self, at: float) -> float:
        return super().service(at) * (1.8 if at < self.overloaded + self.rest else 1)

    def __call__(self, at: float) -> tuple[float, int]:
        ends, status = super().__call__(at)
        if ends - at > 0.5:
            self.overloaded = at
        return ends, status
