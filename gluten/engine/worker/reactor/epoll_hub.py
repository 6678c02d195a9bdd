"""The reactor: a hub that waits by itself, and lets gevent's loop turn only when that has something to do.

A turn of libev costs as much as the rest of a wake-up: watchers before and after it, timers, a second look at each
descriptor. A real server brings a response or two a wake-up, so a wake-up is what a request costs. This hub therefore
polls the connections, the alarms and the loop's own descriptor by epoll, and calls the read callbacks itself. All
else is as in gevent: greenlets wait by switching to it.
"""

from __future__ import annotations

import select
import sys
from collections.abc import Callable
from contextlib import suppress
from math import inf, nan
from time import monotonic
from typing import Any, NoReturn

from gevent.hub import GreenletExit, Hub

from gluten.engine.worker.reactor.loop import TurnableLoop
from gluten.engine.worker.reactor.poller import ReadCallback
from gluten.engine.worker.reactor.timerfd import TimerFd

BATCH = 128
"""Descriptors served before the loop may turn: that takes about a millisecond."""
TURNS = 3
"""Turns in a row: what a greenlet begins in one, libev takes up in the next."""

_READ = select.EPOLLIN


def _nobody() -> None:
    """In place of the callback of a descriptor that is not watched any more, or was not when epoll looked."""


class EpollHub(Hub):
    """See `Poller`. Descriptors are looked at level-triggered: what a callback leaves unread calls it again."""

    def __init__(self) -> None:
        self._turnable = loop = TurnableLoop(default=False)
        super().__init__(loop)  # type: ignore[call-overload]  # the types lack gevent's own loops
        self._epoll = select.epoll()
        self._register = self._epoll.register
        self._callbacks: dict[int, ReadCallback] = {}
        # Watched since epoll looked last: an event of that look is of an older owner of the number. That owner was
        # forgotten, so nobody is called for it.
        self._fresh: dict[int, ReadCallback] = {}
        self._timer, self._armed = TimerFd(), nan
        self._tick, self._tick_at = _nobody, inf
        self.watch(self._timer.fd, self._call_due)
        self.watch(loop.fileno() or 0, self._want_turn)

    # The poller.

    def watch(self, fd: int, callback: ReadCallback) -> None:
        self._register(fd, _READ)
        self._fresh[fd] = callback

    def rebind(self, fd: int, callback: ReadCallback) -> None:
        place = self._fresh if fd in self._fresh else self._callbacks
        place[fd] = callback

    def unwatch(self, fd: int) -> None:
        self._epoll.unregister(fd)
        self.forget(fd)

    def forget(self, fd: int) -> None:
        # The kernel forgets it when it is closed. What stays in `_fresh` is called no more, because no event comes.
        self._callbacks[fd] = _nobody

    def alarm(self, call: Callable[[], None]) -> EpollAlarm:
        return EpollAlarm(self, call)

    def ticker(self, call: Callable[[], None]) -> EpollTicker:
        self._tick = call
        return EpollTicker(self)

    def tick_at(self, instant: float) -> None:
        """When the clock ticks next."""
        self._tick_at = instant
        self._arm()

    # The hub.

    def run(self) -> None:
        """Wait and call until it is destroyed; gevent switches to it when a greenlet waits."""
        self._turnable.error_handler = self  # type: ignore[assignment]
        while True:
            try:
                self._serve()
            except GreenletExit:
                raise
            except BaseException:
                if self._epoll.closed:
                    return
                self.handle_error(self, *sys.exc_info())

    def _serve(self) -> NoReturn:
        """The inner loop. Only an exception that no callback has raised ends it. What was ready then will be ready
        again."""
        poll, callbacks, fresh, loop = self._epoll.poll, self._callbacks, self._fresh, self._turnable
        queued, wait = loop.callbacks, self._settle()
        while True:
            ready = poll(wait, BATCH)
            if len(ready) > 1 and monotonic() >= self._armed:
                # As in libev, what is due comes before what is ready: after a pause a deadline may have passed.
                self._call_due()
                if loop.changed:
                    self._turn()
            for fd, _ in ready:
                try:
                    callbacks[fd]()
                except Exception:
                    self._give_up(fd)
            if fresh:
                callbacks.update(fresh)
                fresh.clear()
            if queued or loop.changed:
                wait = self._settle()

    def _give_up(self, fd: int) -> None:
        """A callback has failed. Report it, as gevent's loop does, and call nobody for `fd` again."""
        callback = self._callbacks[fd]
        with suppress(OSError):
            self.unwatch(fd)
        self.handle_error(callback, *sys.exc_info())

    def _settle(self) -> int:
        """How long to wait: until something happens (-1) if nothing is queued, libev knows all of its watchers, and
        the timer its soonest one; else not at all (0)."""
        loop, queued = self._turnable, self._turnable.callbacks
        for _ in range(TURNS):
            if not queued and not loop.changed:
                break
            self._turn()
        self._callbacks.update(self._fresh)
        self._fresh.clear()
        return 0 if queued or loop.changed else -1

    def _turn(self) -> None:
        self._turnable.turn()
        self._arm()

    def _arm(self) -> None:
        """Wake at what is due next: the clock's tick, or a timer of the loop."""
        due = min(self._tick_at, self._turnable.due())
        if due != self._armed:
            self._armed = due
            self._timer.set(due)

    def _call_due(self) -> None:
        """Let the clock tick, which needs no turn of the loop, and costs less than one; the loop's timers need one."""
        if self._tick_at <= monotonic():
            self._tick_at = inf
            try:
                self._tick()
            except Exception:
                self.handle_error(self._tick, *sys.exc_info())
        if self._turnable.due() <= monotonic():
            self._want_turn()
        else:
            self._arm()

    def _want_turn(self) -> None:
        self._turnable.changed = True

    def destroy(self, destroy_loop: bool | None = None) -> None:
        self._timer.close()
        self._epoll.close()
        super().destroy(destroy_loop)


class EpollTicker:
    """The alarm of the hub, in the timer that the hub has anyway."""

    def __init__(self, hub: EpollHub) -> None:
        self.set = hub.tick_at

    def close(self) -> None:
        self.set(inf)


class EpollAlarm(TimerFd):
    """A timer's descriptor that the hub polls."""

    def __init__(self, hub: EpollHub, call: Callable[[], Any]) -> None:
        super().__init__()
        self._hub = hub
        hub.watch(self.fd, call)

    def close(self) -> None:
        self._hub.forget(self.fd)
        super().close()
