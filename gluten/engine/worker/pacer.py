"""Wakes the paced threads of a worker when their next slots are due, within tens of microseconds."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

from gluten.engine.worker.reactor.poller import Poller
from gluten.engine.worker.thread import Paced

QUANTUM = 120e-6
"""Seconds. Slots closer together than this share one wake-up, so that none is late by much more than this. Waking is
what a paced request costs most: this process, and from within `send` the target, which sleeps until the first of a
group comes (10 us where a core has to be woken in a virtual machine; a send to one awake costs 2)."""

LONG = 3e-3
EARLY = 0.5e-3
"""Seconds. Before a slot that is more than `LONG` away there is a wake-up `EARLY` before it, only so as to be awake:
after a long sleep a core needs 100 us and more to come to itself, after a short one 30."""


class Pacer:
    """Calls `fire` on the threads whose slots are due, and then `sent`, for what should not come before."""

    def __init__(
        self, poller: Poller, threads: Sequence[Paced], sent: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._threads, self._sent, self._clock = threads, sent, clock
        self._alarm = poller.alarm(self.fire)
        self._armed, self._next = math.inf, -math.inf
        for thread in threads:
            thread.wake, thread.released = self.wake, -math.inf

    def fire(self) -> None:
        """Send what is due, then sleep until the next slot that an idle or a new connection could take."""
        self._armed = -math.inf
        self._next = self._clock() + QUANTUM
        for thread in self._threads:
            thread.fire(self._clock)
        # A thread that has no idle connection, and opens none, is served by the next one that becomes idle.
        soonest = min((thread.next() for thread in self._threads), default=math.inf)
        self._arm(max(soonest, self._next))
        self._sent()

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

    def close(self) -> None:
        for thread in self._threads:
            thread.wake, thread.released = lambda due: None, math.inf
        self._alarm.close()
