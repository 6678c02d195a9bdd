"""The rounds of a node: in each, all its parts have a turn. What is due decides when, so an idle node seldom wakes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from math import inf
from typing import Protocol

log = logging.getLogger(__name__)

TICK = 0.1
"""Seconds between two rounds while a part is busy."""
REST = 1.2
"""Seconds between two rounds at most, whatever the parts say. A slave's heartbeats make one each second."""
SOON = 0.01
"""Seconds between two rounds at least."""


class Part(Protocol):
    """Something that has turns. None of its methods waits."""

    def turn(self) -> None:
        """Do what is due."""

    def react(self) -> None:
        """Do what must not wait for the next turn."""

    @property
    def busy(self) -> bool:
        """It needs a turn every `TICK` s. This is asked often."""

    def due(self) -> float:
        """When it needs a turn though it is not busy (monotonic s). This is asked after each turn."""


class Rounds:
    """`wait` waits so many seconds; True: somebody has woken it before."""

    def __init__(self, parts: Sequence[Part], now: Callable[[], float], wait: Callable[[float], bool]) -> None:
        self._parts, self._now, self._wait = parts, now, wait
        self._last = self._next = -inf

    def round(self) -> None:
        """Wait until a part is due, and give each its turn. Who is woken before that only reacts."""
        rest = self._next - self._now()
        if rest > 0 and self._wait(rest) and self._now() < self._next:
            self._each("react")
        else:
            self._last = self._now()
            self._each("turn")
            self._next = max(self._last + SOON, min(self._last + REST, *(part.due() for part in self._parts)))
        if any(part.busy for part in self._parts):
            self._next = min(self._next, self._last + TICK)

    def _each(self, method: str) -> None:
        """A fault in one part does not cost the others their turns."""
        for part in self._parts:
            try:
                getattr(part, method)()
            except Exception:
                log.exception("a fault in this node; it goes on")
