"""When a slave sends a hello to its master, and for how long it has been refused. Pure.

A hello without an answer is sent again. The time between two of them doubles, less a random part.
"""

from __future__ import annotations

import math
from collections.abc import Callable

HELLO_FIRST, HELLO_MOST = 0.2, 5.0
"""Seconds until the second hello, and at most until the next one."""
CHALLENGES_APART = 0.2
"""Seconds between a hello and the next answer to a challenge."""


class Registration:
    def __init__(self, now: float, chance: Callable[[], float]) -> None:
        """`chance` (0 to 1) spreads the hellos of many slaves."""
        self._chance = chance
        self._tried, self._next, self._backoff = -math.inf, now, HELLO_FIRST
        self._refused_since: float | None = None

    def due(self, now: float) -> bool:
        return now >= self._next

    @property
    def next(self) -> float:
        """When a hello is due."""
        return self._next

    def tried(self, now: float) -> None:
        """A hello was given to the bus."""
        self._tried, self._next = now, now + self._backoff * (1.0 - self._chance() / 2)

    def sent(self) -> None:
        """The bus has accepted it. If not, no master is connected, and the bus has a backoff of its own."""
        self._backoff = min(HELLO_MOST, 2 * self._backoff)

    def challenged(self, now: float) -> bool:
        """The challenge is to be answered now. Each message that was on the way gets one, and one answer is enough."""
        return self._refused_since is None and now >= self._tried + CHALLENGES_APART

    def accepted(self) -> None:
        self._refused_since, self._backoff = None, HELLO_FIRST

    def refused(self, now: float) -> float:
        """For how many seconds it has been refused; 0: this is the first time."""
        if self._refused_since is None:
            self._refused_since = now
        return now - self._refused_since
