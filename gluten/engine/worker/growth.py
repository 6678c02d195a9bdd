"""The connections of a constant rate without `-c`. They are opened when they are needed, and a few ahead.

A slot that finds no idle connection opens one for its request. It first waits for one turn of the hub, because a
response that has arrived may free a connection. A request on an open connection costs a twentieth of a dial, so a
worker that lacks CPU must not spend it on dialling. Spare connections are opened ahead (`Growth.spares`), so that a
response time rarely contains a dial. Connections that are open stay open.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from gluten.engine.worker.thread import Paced, Sender

RATE = 1000.0
"""Connections/s that a worker opens in the long run. Each costs 0.1 to 0.2 ms of CPU. If the target stalls or refuses,
the hub needs time for the responses."""
BURST = 64
"""How many connections may be opened at once, before `RATE` limits them."""
TURN = 8
"""How many connections are opened at one wake-up, at most."""
AHEAD = 16
"""One in this number of connections is kept idle, and at least one for each thread."""

Add = Callable[[Paced, float | None], Sender]
"""Start a client of the thread. It sends the request that was due at the instant. With None it only connects."""


class Dials:
    """Limits how many connections a worker opens: a token bucket of size `BURST` that fills at `RATE`."""

    __slots__ = ("_full",)

    def __init__(self) -> None:
        self._full = -math.inf
        """When the bucket is full."""

    def take(self, now: float) -> bool:
        """True if one may be opened now. The caller then opens it."""
        if self.ready > now:
            return False
        self._full = max(self._full, now) + 1 / RATE
        return True

    @property
    def ready(self) -> float:
        """The instant from which one may be opened."""
        return self._full - (BURST - 1 + 1e-6) / RATE


class Growth:
    """The growth of one thread. It has `count` connections, at most `limit`. `warming` are those that connect ahead."""

    __slots__ = ("_add", "_before", "_dials", "_thread", "count", "limit", "warming")

    def __init__(self, thread: Paced, count: int, limit: int, dials: Dials, add: Add) -> None:
        self._thread, self.count, self.limit, self._dials, self._add = thread, count, limit, dials, add
        self.warming: set[Sender] = set()
        self._before = -math.inf
        """The instant of the last call of `grow`."""

    @property
    def spares(self) -> int:
        """How many connections should be idle."""
        return 1 + self.count // AHEAD

    def next(self) -> float:
        """When the next slot is due that a new connection could take."""
        return max(self._thread.due, self._dials.ready) if self.count < self.limit else math.inf

    def grow(self, now: float) -> None:
        """Open a connection for each slot that has waited since the last call. If none waits, open missing spares."""
        thread, most = self._thread, self.count + TURN
        while thread.due <= self._before and not thread.idle and self.count < most and self._may(now):
            self._open(thread.claim())
        ahead = self.spares if thread.due > now else 0
        while len(thread.idle) + len(self.warming) < ahead and self.count < most and self._may(now):
            self.warming.add(self._open(None))
        self._before = now

    def connected(self, sender: Sender) -> None:
        """The connection is open, so it does not connect ahead any more."""
        self.warming.discard(sender)

    def _may(self, now: float) -> bool:
        return self.count < self.limit and not self._thread.over and self._dials.take(now)

    def _open(self, due: float | None) -> Sender:
        self.count += 1
        return self._add(self._thread, due)
