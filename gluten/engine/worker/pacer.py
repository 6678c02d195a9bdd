"""Wakes the paced threads of a worker when their next slots are due, within tens of microseconds."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence, Sized

from gluten.engine.worker.reactor.poller import Poller
from gluten.engine.worker.thread import Paced
from gluten.plan.quantum import SHORTEST, quantum

REVIEW = 0.1
"""Seconds between looks at the worker's load."""
SMOOTH = 0.5
"""The weight of the last of these looks: the quantum changes the load that it follows."""

LONG = 3e-3
EARLY = 0.5e-3
"""Seconds. Before a slot that is more than `LONG` away there is a wake-up `EARLY` before it, only so as to be awake:
after a long sleep a core needs 100 us and more to come to itself, after a short one 30."""


class Pacer:
    """Calls `fire` on the threads whose slots are due, and then `sent`, for what should not come before.

    Slots that are closer together than `quantum` (s) share one wake-up, so that none is late by much more.
    """

    def __init__(
        self, poller: Poller, threads: Sequence[Paced], connections: Sized, sent: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic, cpu: Callable[[], float] = time.process_time,
    ) -> None:  # fmt: skip
        self._threads, self._connections, self._sent, self._clock, self._cpu = threads, connections, sent, clock, cpu
        self._load, self._seen, self._review = 0.0, (clock(), cpu()), -math.inf
        self.quantum = self._longest = SHORTEST
        self._alarm = poller.alarm(self.fire)
        self._armed, self._next = math.inf, -math.inf
        for thread in threads:
            thread.wake, thread.released = self.wake, -math.inf

    def fire(self) -> None:
        """Send what is due, then sleep until the next slot that an idle or a new connection could take."""
        self._armed = -math.inf
        self._next = self._clock() + self.quantum
        for thread in self._threads:
            thread.fire(self._clock)
        # A thread that has no idle connection, and opens none, is served by the next one that becomes idle.
        soonest = min((thread.next() for thread in self._threads), default=math.inf)
        self._arm(max(soonest, self._next))
        self._sent()
        if self._next >= self._review:
            self._look(self._clock())

    def wake(self, due: float) -> None:
        """A slot at `due` needs us, too."""
        due = max(due, self._next)
        if due < self._armed:
            self._arm(due)

    def _arm(self, instant: float) -> None:
        self._armed = instant
        if instant - self._clock() > LONG:
            instant -= EARLY
        self._alarm.set(instant)

    def _look(self, now: float) -> None:
        """Let the quantum follow the worker's load."""
        (then, before), self._seen = self._seen, (now, self._cpu())
        self._load += SMOOTH * ((self._seen[1] - before) / max(now - then, REVIEW) - self._load)
        rate = sum(thread.schedule.rate(now - thread.start) / thread.threads for thread in self._threads)
        self.quantum = quantum(self._load, len(self._connections), rate)
        self._longest = max(self._longest, self.quantum)
        self._review = now + REVIEW

    def longest(self) -> float:
        """The longest quantum since this was asked last."""
        longest, self._longest = self._longest, self.quantum
        return longest

    def close(self) -> None:
        for thread in self._threads:
            thread.wake, thread.released = lambda due: None, math.inf
        self._alarm.close()
