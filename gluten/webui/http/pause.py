"""Gives the hub a turn, in which it looks at its sockets. What sends or computes much calls it after each piece."""

from __future__ import annotations

from collections import deque

import gevent
from gevent.event import Event


def pause() -> None:
    # A timer, because `sleep(0)` lets 50 such pieces pass before the hub looks at sockets again.
    hub = gevent.get_hub()
    hub.wait(hub.loop.timer(0.0))


class Turnstile:
    """Lets one greenlet pass in each round of the hub. So many requests at once do not hold up what else is due."""

    def __init__(self) -> None:
        self._waiting: deque[Event] = deque()
        self._is_open = True

    def enter(self) -> None:
        """Wait for one's turn, in the order of arrival."""
        if not self._is_open:
            mine = Event()
            self._waiting.append(mine)
            mine.wait()
            return
        self._is_open = False
        gevent.spawn(self._turn)

    def _turn(self) -> None:
        pause()
        while self._waiting:
            self._waiting.popleft().set()
            pause()
        self._is_open = True
