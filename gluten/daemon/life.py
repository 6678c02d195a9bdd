"""A node's life: started, run until somebody ends it, stopped in good order."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from gluten import interrupts
from gluten.daemon.systemd import Systemd
from gluten.errors import GlutenError

if TYPE_CHECKING:
    from gevent.event import AsyncResult, Event

log = logging.getLogger(__name__)

SWITCH = 0.5e-3
"""Seconds for which another thread (gRPC's, the store's) may delay the hub after each of its system calls."""
FAULT_PAUSE = 0.1
"""Seconds to wait after a fault, so that one that returns at once cannot fill the log and the core."""

End = Callable[[GlutenError | None], None]
"""Ends the node: with the reason, or None where somebody asked for it."""
Step = tuple[float, Callable[[], object]]
"""What `every` calls, with the pause in seconds."""


class AnyNode(Protocol):
    def start(self, end: End) -> None: ...
    def stop(self) -> None: ...


def live(make: Callable[[], AnyNode]) -> int:
    """Make a node and start it, wait for its end, stop it in good order."""
    import gevent
    from gevent.event import AsyncResult

    supervisor = Systemd.of(os.environ, os.getpid())
    end: AsyncResult[GlutenError | None] = AsyncResult()
    _obey_signals(end)
    sys.setswitchinterval(SWITCH)
    node = make()
    try:
        node.start(end.set)
        supervisor.ready()
        if supervisor.pause is not None:
            gevent.spawn(every, supervisor.pause, supervisor.alive)
        trouble = end.get()
    finally:
        supervisor.stopping()
        node.stop()
    if trouble is not None:
        raise trouble
    return 0


def _obey_signals(end: AsyncResult[GlutenError | None]) -> None:
    """The first signal ends the node in good order, a second one at once."""
    import gevent

    repeats = interrupts.RepeatDetector()

    def ask() -> None:
        if repeats.is_repeat(time.monotonic()):
            interrupts.exit_now("interrupted: it ended at once, what was not written down yet is lost")
        if not end.ready():
            end.set(None)

    for number in interrupts.handled_signals():
        gevent.signal_handler(number, ask)


def every(pause: float, step: Callable[[], Any]) -> None:
    """Call `step` again and again, with `pause` s in between. A fault in one step does not end the later ones."""
    import gevent

    while True:
        try:
            step()
        except Exception:
            log.exception("a fault in this node; it goes on")
            gevent.sleep(FAULT_PAUSE)
        gevent.sleep(pause)


def wait(event: Event, seconds: float | None = None) -> bool:
    """Wait until the event is set, at most so many seconds, and clear it. False: it was not set."""
    woken = event.wait(seconds)
    if woken:
        event.clear()
    return woken
