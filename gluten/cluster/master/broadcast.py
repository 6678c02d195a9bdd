"""A signal that wakes every greenlet that waits for it."""

from __future__ import annotations

from gevent.event import Event


class Broadcast:
    def __init__(self) -> None:
        self._event = Event()
        self._version, self._quiet_until = 0, 0.0

    def send_changed(self, version: int, now: float, pause: float) -> None:
        """Send if `version` is another one than the last time, and then not again for `pause` s."""
        if version != self._version and now >= self._quiet_until:
            self._version, self._quiet_until = version, now + pause
            self.send()

    def is_behind(self, version: int) -> bool:
        """This version has not been sent yet."""
        return version != self._version

    def send(self) -> None:
        event, self._event = self._event, Event()
        event.set()

    def wait(self, timeout: float) -> bool:
        """Block the greenlet until the next signal, at most `timeout` s. False: there was none."""
        return bool(self._event.wait(timeout))
