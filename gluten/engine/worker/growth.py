"""The connections of a constant rate without `-c`: opened as they are needed, and one ahead.

A slot that finds no idle connection gets one of its own: it dials, and sends that request. It first waits for a turn
of the hub, in which an answer may have come that lay unread: a request on an open connection costs a twentieth of a
dial, and who lacks CPU must not spend it on dialling. So that dialling is rarely a part of a response time, a spare or
a few are opened ahead (`Growth.spares`). What is opened stays open.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from gluten.engine.worker.thread import Paced, Sender

RATE = 1000.0
"""Connections/s that a worker opens in the long run, in 0.1 to 0.2 ms of CPU each: where the target stalls or refuses,
the hub must have time for what is answered."""
BURST = 64
"""So many may be opened in a row before that,"""
TURN = 8
"""and so many at one wake-up."""
AHEAD = 16
"""One connection in so many is kept idle, and at least one a thread."""

Add = Callable[[Paced, float | None], Sender]
"""Begin a client of the thread, which sends the request that was due at the instant, or (None) only connects."""


class Dials:
    """How many connections a worker may open: a bucket that holds `BURST` and fills at `RATE`."""

    __slots__ = ("_full",)

    def __init__(self) -> None:
        self._full = -math.inf
        """When the bucket is full."""

    def take(self, now: float) -> bool:
        """One may be opened now, and is."""
        if self.ready > now:
            return False
        self._full = max(self._full, now) + 1 / RATE
        return True

    @property
    def ready(self) -> float:
        """The instant from which one may be opened."""
        return self._full - (BURST - 1 + 1e-6) / RATE


class Growth:
    """Of one thread: it has `count` connections, at most `limit`; `warming` are those that connect ahead."""

    __slots__ = ("_add", "_before", "_dials", "_thread", "count", "limit", "warming")

    def __init__(self, thread: Paced, count: int, limit: int, dials: Dials, add: Add) -> None:
        self._thread, self.count, self.limit, self._dials, self._add = thread, count, limit, dials, add
        self.warming: set[Sender] = set()
        self._before = -math.inf
        """When it was looked last whether a slot waits."""

    @property
    def spares(self) -> int:
        """How many are to be idle."""
        return 1 + self.count // AHEAD

    def next(self) -> float:
        """When the next slot is due that a new connection could take."""
        return max(self._thread.due, self._dials.ready) if self.count < self.limit else math.inf

    def grow(self, now: float) -> None:
        """Open a connection for each slot that has waited since the last time; what lacks ahead where none waits."""
        thread, most = self._thread, self.count + TURN
        while thread.due <= self._before and not thread.idle and self.count < most and self._may(now):
            self._open(thread.claim())
        ahead = self.spares if thread.due > now else 0
        while len(thread.idle) + len(self.warming) < ahead and self.count < most and self._may(now):
            self.warming.add(self._open(None))
        self._before = now

    def connected(self, sender: Sender) -> None:
        """It connects ahead no more."""
        self.warming.discard(sender)

    def _may(self, now: float) -> bool:
        return self.count < self.limit and not self._thread.over and self._dials.take(now)

    def _open(self, due: float | None) -> Sender:
        self.count += 1
        return self._add(self._thread, due)
