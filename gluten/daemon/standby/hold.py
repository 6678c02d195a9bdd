"""The hold of an active master on its database: looked at each second, and given up as soon as it may be another's."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from gluten.daemon.life import End, every
from gluten.errors import StoreError, Superseded

if TYPE_CHECKING:
    from gluten.store.mastership.active import ActiveMaster
    from gluten.store.mastership.master_lock import MasterLock

log = logging.getLogger(__name__)

T = TypeVar("T")

EACH = 1.0
SURE = 4.0
"""Seconds after the last look in which this master may command nodes, if another one waits. Postgres gives the lock to
another one after 6 s (`MasterLock.IDLE`), or at once where it knows that the session has ended."""
ENDS = 5.0
"""Seconds after the last look at which it ends, if another one waits."""


class Hold:
    """Makes the calls of `lock` on a native thread of its own. `now` is monotonic."""

    def __init__(self, lock: MasterLock, now: Callable[[], float]) -> None:
        from gluten.store.files.native_thread import OwnThread

        self._lock, self._now = lock, now
        self._thread = OwnThread()
        self._confirmed, self._waiting = now(), 0
        self._task: Any = None
        self.lost = False
        """Another master is active, or may be."""

    def call(self, work: Callable[[], T]) -> T:
        """Only the calling greenlet waits. Raises StoreError."""
        return self._thread.call(work)

    def begin(self, master: ActiveMaster, end: End) -> int:
        """Begin this master's turn and keep it. `end` is called when it is lost. Returns the fence's number."""
        import gevent

        number = self.call(lambda: self._lock.begin(master))
        self._confirmed = self._now()
        self._task = gevent.spawn(every, EACH, lambda: self.look(end))
        return number

    def describe_soon(self, master: ActiveMaster) -> None:
        """Tell the others what has changed about this master. Nobody waits for it."""
        import gevent

        gevent.spawn(self._describe, master)

    def _describe(self, master: ActiveMaster) -> None:
        try:
            self.call(lambda: self._lock.describe(master))
        except StoreError as error:
            log.warning("%s", error)

    def look(self, end: End) -> None:
        """Make sure that this master is still the active one, or end it."""
        began = self._now()
        try:
            self._waiting = self.call(self._lock.keep)
            self._confirmed = began
        except Superseded as error:
            self._lose(end, str(error))
        except StoreError as error:
            if self._waiting and self._now() - self._confirmed > ENDS:
                self._lose(end, f"another master waits, and nobody can tell whether it is active: {error}")

    def _lose(self, end: End, why: str) -> None:
        if not self.lost:
            self.lost = True
            end(Superseded(f"{why}: this one has ended; started again, it stands by"))

    @property
    def sure(self) -> bool:
        """Whether this master may command nodes: its last look was within `SURE` seconds, or no other master waited.
        The last look is a second old at most, or older where this master stood still. A master that has come since is
        not known until the next look."""
        return not self.lost and (not self._waiting or self._now() - self._confirmed < SURE)

    def close(self) -> None:
        """Let another master become active."""
        if self._task is not None:
            self._task.kill()
        self.call(self._lock.close)
        self._thread.end()
