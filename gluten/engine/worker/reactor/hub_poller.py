"""The poller by the watchers of gevent's own hub: each turn of the hub costs more than epoll, but any hub has it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import monotonic
from typing import Any

from gluten.engine.worker.reactor.poller import Alarm, ReadCallback
from gluten.engine.worker.reactor.timerfd import TimerFd

_READ = 1


class HubPoller:
    """See `Poller`."""

    def __init__(self, loop: Any) -> None:
        self.loop = loop
        # Numbers of descriptors are used again, and so are their watchers.
        self._watchers: dict[int, Any] = {}

    def watch(self, fd: int, callback: ReadCallback) -> None:
        watcher = self._watchers.get(fd)
        if watcher is None:
            watcher = self._watchers[fd] = self.loop.io(fd, _READ)
        watcher.start(callback)

    def rebind(self, fd: int, callback: ReadCallback) -> None:
        self._watchers[fd].callback = callback

    def unwatch(self, fd: int) -> None:
        self._watchers[fd].stop()

    def forget(self, fd: int) -> None:
        watcher = self._watchers[fd]
        watcher.stop()
        watcher.events = _READ  # else the loop takes another file with this number for the one that it knows

    def alarm(self, call: Callable[[], None]) -> Alarm:
        return WatchedAlarm(self, call) if sys.platform == "linux" else LoopAlarm(self.loop, call)

    def ticker(self, call: Callable[[], None]) -> Alarm:
        return LoopAlarm(self.loop, call)  # the loop calls its timers first


class WatchedAlarm(TimerFd):
    """A timer's descriptor that the loop watches."""

    def __init__(self, poller: HubPoller, call: Callable[[], None]) -> None:
        super().__init__()
        self._poller = poller
        poller.watch(self.fd, call)

    def close(self) -> None:
        self._poller.forget(self.fd)
        super().close()


class LoopAlarm:
    """The loop's own timer, which is exact to a millisecond or so."""

    def __init__(self, loop: Any, call: Callable[[], None]) -> None:
        self._loop, self._call = loop, call
        self._watcher: Any = None

    def set(self, instant: float) -> None:
        self.close()
        self._watcher = self._loop.timer(max(0.0, instant - monotonic()))
        self._watcher.start(self._call, update=True)

    def close(self) -> None:
        if self._watcher is not None:
            self._watcher.stop()
            self._watcher.close()
            self._watcher = None
