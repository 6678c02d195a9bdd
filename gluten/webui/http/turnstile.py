"""Lets requests begin one by one, so that many at once do not hold up what else is due."""

from __future__ import annotations

from collections import deque

import gevent
from gevent.event import Event

from gluten.hub_turn import turn


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
        turn()
        while self._waiting:
            self._waiting.popleft().set()
            turn()
        self._is_open = True
