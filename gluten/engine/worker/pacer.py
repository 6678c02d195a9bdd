"""Wakes the paced threads of a worker when their next slots are due, within tens of microseconds.

libev's timers sleep in whole milliseconds; a Linux timerfd (timerfd_create(2)) that the loop watches does not.
`os.timerfd_create` came with Python 3.13 only, so the calls go through ctypes. Where there is no timerfd
(macOS), the loop's own timer has to do.
"""

from __future__ import annotations

import ctypes
import math
import os
import sys
import time
from array import array
from collections.abc import Callable, Sequence
from typing import Any

from gluten.engine.worker.thread import Paced

QUANTUM = 120e-6
"""Seconds. Slots closer together than this share one wake-up, so that none is late by much more than this. Waking is
what a paced request costs most: this process, and from within `send` the target, which sleeps until the first of a
group comes (10 us where a core has to be woken in a virtual machine; a send to one awake costs 2)."""

LONG = 3e-3
EARLY = 0.5e-3
"""Seconds. Before a slot that is more than `LONG` away there is a wake-up `EARLY` before it, only so as to be awake:
after a long sleep a core needs 100 us and more to come to itself, after a short one 30."""

_FAR = 3600.0
_CLOCK_MONOTONIC = 1
_FLAGS = os.O_NONBLOCK | os.O_CLOEXEC
_ABSOLUTE = 1


class TimerFd:
    """A file descriptor that is readable from an instant of the monotonic clock on. Raises OSError."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self.fd = self._libc.timerfd_create(_CLOCK_MONOTONIC, _FLAGS)
        if self.fd < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")
        # struct itimerspec: interval (s, ns), then the instant (s, ns); an array is filled quicker than a struct.
        self._spec = array("l", [0, 0, 0, 0])
        self._address = ctypes.c_void_p(self._spec.buffer_info()[0])
        self._settime = self._libc.timerfd_settime

    def set(self, instant: float) -> None:
        """Readable at `instant` (monotonic s); arming again also clears a past expiry."""
        whole = int(instant)
        self._spec[2] = whole
        # All zeros would disarm it.
        self._spec[3] = int((instant - whole) * 1e9) or 1
        self._settime(self.fd, _ABSOLUTE, self._address, None)

    def close(self) -> None:
        os.close(self.fd)


class LoopTimer:
    """The same by the loop's own timer."""

    def __init__(self, loop: Any, call: Callable[[], None], clock: Callable[[], float]) -> None:
        self._loop, self._call, self._clock = loop, call, clock
        self._watcher: Any = None

    def set(self, instant: float) -> None:
        self.close()
        self._watcher = self._loop.timer(max(0.0, instant - self._clock()))
        self._watcher.start(self._call, update=True)

    def close(self) -> None:
        if self._watcher is not None:
            self._watcher.stop()
            self._watcher.close()
            self._watcher = None


class Pacer:
    """Calls `fire` on the threads whose slots are due, and then `sent`, for what should not come before."""

    def __init__(
        self, loop: Any, threads: Sequence[Paced], sent: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._threads, self._sent, self._clock = threads, sent, clock
        self._timer: TimerFd | LoopTimer
        if sys.platform == "linux":
            self._timer = TimerFd()
            self._watcher = loop.io(self._timer.fd, 1)
            self._watcher.start(self.fire)
        else:
            self._timer, self._watcher = LoopTimer(loop, self.fire, clock), None
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
        now = self._clock()
        if instant - now > LONG:
            instant = min(instant - EARLY, now + _FAR)
        self._timer.set(instant)

    def close(self) -> None:
        for thread in self._threads:
            thread.wake, thread.released = lambda due: None, math.inf
        if self._watcher is not None:
            self._watcher.stop()
            self._watcher.close()
        self._timer.close()
