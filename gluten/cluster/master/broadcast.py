"""A signal that wakes every greenlet that waits for it."""

from __future__ import annotations

from gevent.event import Event


class Broadcast:
    def __init__(self) -> None:
        self._event = Event()

    def send(self) -> None:
        event, self._event = self._event, Event()
        event.set()

    def wait(self, timeout: float) -> bool:
        """Block the greenlet until the next signal, at most `timeout` s. False: there was none."""
        return bool(self._event.wait(timeout))
