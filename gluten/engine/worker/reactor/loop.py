"""libev's loop, which can say when it has to turn: a hub that waits by itself turns it then, and at no other time."""

from __future__ import annotations

from collections.abc import Sized
from heapq import heapify, heappop, heappush
from itertools import count
from math import inf
from typing import Any

from gevent.libev import corecext

MANY = 1000
"""Timers of which some may have been stopped, before it is worth looking."""


class TurnableLoop(corecext.loop):
    """`changed`: libev has yet to hear of a watcher, so it has to turn.

    It has to turn also while `callbacks` holds something, from `due()` on, and when its descriptor is ready. Signals
    and calls from other threads do not make that ready while somebody else waits: a worker has neither.
    """

    def __init__(self, default: bool) -> None:
        """`default`: libev's own default loop, which is one of the process."""
        super().__init__(default=default)
        self.changed = False
        self.callbacks: Sized = self._callbacks  # type: ignore[attr-defined]
        self._timers: list[tuple[float, int, Any]] = []
        self._numbers, self._many = count(), MANY

    def io(self, fd: int, events: int, ref: bool = True, priority: int | None = None) -> _Io:
        return _Io(self, fd, events, ref, priority)

    def timer(self, after: float, repeat: float = 0.0, ref: bool = True, priority: int | None = None) -> _Timer:
        if repeat:
            raise NotImplementedError("a timer that repeats: start another one instead")
        return _Timer(self, after, repeat, ref, priority)

    def started(self, timer: _Timer) -> None:
        """The timer is to be called."""
        heappush(self._timers, (timer.at, next(self._numbers), timer))
        self.changed = True
        if len(self._timers) > self._many:
            self._forget_stopped()

    def due(self) -> float:
        """When the next timer is due (monotonic s); infinity: none is."""
        timers = self._timers
        while timers:
            at, _, timer = timers[0]
            if timer.active and timer.at == at:
                return at
            heappop(timers)
        return inf

    def turn(self) -> None:
        """Call what is ready and due, without waiting."""
        self.changed = False
        self.run(nowait=True, once=True)

    def _forget_stopped(self) -> None:
        self._timers = [each for each in self._timers if each[2].active]
        heapify(self._timers)
        self._many = max(MANY, 2 * len(self._timers))


class _Io(corecext.io):  # type: ignore[misc, name-defined]
    def start(self, callback: Any, *args: Any, **options: Any) -> None:
        super().start(callback, *args, **options)
        self.loop.changed = True


class _Timer(corecext.timer):  # type: ignore[misc, name-defined]
    def start(self, callback: Any, *args: Any, update: bool | None = None) -> None:
        # The loop's own clock stands still between its turns.
        super().start(callback, *args, update=True)
        self.loop.started(self)
