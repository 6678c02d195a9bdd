"""A closed loop whose connections begin at their places of a ramp, or begin a session at most each so often."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from heapq import heappop, heappush
from itertools import count
from typing import Any

from gluten.engine.budget import Budget
from gluten.engine.parts import WorkerTask
from gluten.engine.worker.reactor.poller import Poller
from gluten.engine.worker.thread import Closed, LoadThread, Paced, Sender
from gluten.plan.schedule import Schedule
from gluten.plan.split import places

REVIEW = 0.1
"""Seconds between looks at the budget while connections wait: another worker may have used it up."""


class Spaced:
    """`firsts` are the instants at which its connections begin, `pace` the seconds between sessions of a connection.

    A connection that comes too soon waits. `wake(instant)` asks for a call of `fire` at that instant or soon after.
    """

    __slots__ = ("_begins", "_entry", "_firsts", "_left", "_pace", "_waiting", "idle", "over", "wake")

    def __init__(self, budget: Budget, firsts: Iterable[float], pace: float) -> None:
        self._left: Any = budget.left
        self._firsts, self._pace = iter(firsts), pace
        self._begins: dict[Sender, float] = {}
        self._waiting: list[tuple[float, int, Sender]] = []
        self._entry = count()
        self.idle: tuple[Sender, ...] = ()
        self.over = False
        self.wake: Callable[[float], None] = lambda instant: None

    def take(self, sender: Sender, now: float) -> float | None:
        begins = self._begins.get(sender)
        if begins is None:
            begins = self._begins[sender] = next(self._firsts, -math.inf)
        if self.over or self._used_up():
            return None
        if begins > now:
            self._park(sender, begins)
            return None
        self._begin(sender, now)
        return now

    def unpark(self, sender: Sender) -> None:
        sender.parked = False

    def fire(self, now: float) -> None:
        """Let those begin whose time has come. When the load is over, all of them end."""
        while self._waiting and (self._used_up() or self._waiting[0][0] <= now):
            begins, _, sender = heappop(self._waiting)
            if not sender.parked or begins != self._begins[sender]:
                continue
            sender.parked = False
            if self.over:
                sender.proceed(now)
            else:
                self._begin(sender, begins)
                sender.fire_late(begins, now)

    def next(self) -> float:
        """When the next one begins."""
        return self._waiting[0][0] if self._waiting else math.inf

    def _begin(self, sender: Sender, due: float) -> None:
        self._left[0] -= 1
        self._begins[sender] = due + self._pace

    def _park(self, sender: Sender, begins: float) -> None:
        if not sender.parked:
            sender.parked = True
            heappush(self._waiting, (begins, next(self._entry), sender))
            self.wake(begins)

    def _used_up(self) -> bool:
        self.over = self.over or self._left[0] <= 0
        return self.over


class Spacer:
    """Wakes the spaced threads of a worker."""

    def __init__(self, poller: Poller, threads: Sequence[Spaced], clock: Callable[[], float] = time.monotonic) -> None:
        self._threads, self._clock = threads, clock
        self._alarm, self._armed = poller.alarm(self.fire), math.inf
        for thread in threads:
            thread.wake = self.wake

    def fire(self) -> None:
        now, self._armed = self._clock(), -math.inf
        for thread in self._threads:
            thread.fire(now)
        self._armed = math.inf
        self.wake(min(thread.next() for thread in self._threads))

    def wake(self, instant: float) -> None:
        """Somebody begins at this instant."""
        if instant < self._armed and instant < math.inf:
            self._armed = min(instant, self._clock() + REVIEW)
            self._alarm.set(self._armed)


def threads_of(job: WorkerTask, schedule: Schedule, budget: Budget, poller: Poller) -> list[LoadThread]:
    """The threads of a job. `schedule` counts at a rate, `budget` in a closed loop."""
    task = job.task
    if task.open_loop:
        return [Paced(index, task.thread_count, schedule, job.start, job.begin) for index in job.threads]
    if task.ramp is None and task.pace is None:
        return [Closed(budget) for _ in job.threads]
    threads = [Spaced(budget, _firsts(job, thread), task.pace or 0.0) for thread in job.threads]
    Spacer(poller, threads)
    return list[LoadThread](threads)


def _firsts(job: WorkerTask, thread: int) -> list[float]:
    """When the connections of a thread begin."""
    task, total = job.task, job.task.connections or 1
    step = (task.ramp or 0.0) / total
    return [job.start + step * place for place in places(total, task.thread_count, thread)]
