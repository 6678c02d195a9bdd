"""The poller tells the connections of a worker that they are readable, and wakes its pacer. There are two of them.

`epoll_hub` is the quick one. `hub_poller` is for systems without epoll.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

ReadCallback = Callable[[], None]


class Alarm(Protocol):
    """Calls back at an instant of the monotonic clock."""

    def set(self, instant: float) -> None:
        """Call at `instant`. It takes the place of the last one; a past one is due at once."""

    def close(self) -> None:
        """Never call again."""


class Poller(Protocol):
    """All of it is called in the hub's thread. Callbacks run in the hub: they must not wait."""

    @property
    def loop(self) -> Any:
        """gevent's loop, for what is rare."""

    def watch(self, fd: int, callback: ReadCallback) -> None:
        """Call `callback` whenever `fd` has something to read, or has ended, or is broken."""

    def rebind(self, fd: int, callback: ReadCallback) -> None:
        """`fd` is watched already: from now on call `callback` instead."""

    def unwatch(self, fd: int) -> None:
        """Call nobody for `fd`, which stays open."""

    def forget(self, fd: int) -> None:
        """The same for one that is closed next: its number may be watched again at once."""

    def alarm(self, call: Callable[[], None]) -> Alarm:
        """An alarm that is not set yet."""

    def ticker(self, call: Callable[[], None]) -> Alarm:
        """One that comes before all that is ready: after a pause it is the first to know. There is one of it."""
