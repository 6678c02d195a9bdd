"""A master's process: it becomes the active master of its database, or stands by until it can."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from gluten.daemon.life import AnyNode, End
from gluten.daemon.node_options import MasterOptions
from gluten.daemon.standby.hold import Hold
from gluten.errors import GlutenError, StoreError

if TYPE_CHECKING:
    from gluten.daemon.standby.waiting_room import WaitingRoom
    from gluten.store.mastership.master_lock import MasterLock

log = logging.getLogger(__name__)

EACH, AWAY = 1.0, 2.0
"""Seconds between two tries to become active; the second one while Postgres is away, so that a master that was active
comes first."""

Make = Callable[[MasterOptions, Hold | None], AnyNode]


class Closable(Protocol):
    def close(self) -> None: ...


class Candidate:
    """`make` makes the active master's node. `forked` is closed where none was made."""

    def __init__(self, options: MasterOptions, make: Make, forked: Sequence[Closable]) -> None:
        self._options, self._make, self._forked = options, make, forked
        self._hold: Hold | None = None
        self._room: WaitingRoom | None = None
        self._node: AnyNode | None = None
        self._task: Any = None

    def start(self, end: End) -> None:
        """Become active now, or stand by. Raises ConfigError, StoreConfigError, StoreError."""
        import gevent

        from gluten.store.mastership.master_lock import MasterLock

        lock = MasterLock.of(self._options.db)
        if lock is None:
            self._become_active(end)
            return
        self._hold = hold = Hold(lock, time.monotonic)
        if hold.call(lock.acquire_first):
            self._become_active(end)
        else:
            self._stand_by(lock)
            self._task = gevent.spawn(self._wait, lock, hold, end)

    def _become_active(self, end: End) -> None:
        self._node = self._make(self._options, self._hold)
        self._node.start(end)

    def _stand_by(self, lock: MasterLock) -> None:
        from gluten.daemon.standby.waiting_room import WaitingRoom

        assert self._hold is not None
        active = self._hold.call(lock.wait)
        self._room = room = WaitingRoom(self._options)
        room.learn(active, time.monotonic())
        room.open()
        # Port 0 is any port. The active master must listen where it stood by.
        self._options = replace(self._options, web_port=room.web_port, rpc_port=room.rpc_port)

    def _wait(self, lock: MasterLock, hold: Hold, end: End) -> None:
        try:
            while not self._try(lock, hold):
                pass
            self._leave_room()
            log.warning("no other master is active any more: this one takes over")
            self._become_active(end)
        except GlutenError as error:
            end(error)
        except Exception as error:
            log.exception("this master cannot become active")
            end(GlutenError(f"this master cannot become active: {error}"))

    def _try(self, lock: MasterLock, hold: Hold) -> bool:
        """Whether this master is the active one now. Raises StoreConfigError for another cluster's key."""
        import gevent

        assert self._room is not None
        gevent.sleep(AWAY if self._room.away else EACH)
        try:
            if hold.call(lock.acquire):
                return True
            self._room.learn(hold.call(lock.wait), time.monotonic())
        except StoreError as error:
            self._room.lost_sight(error)
        return False

    def _leave_room(self) -> None:
        if self._room is not None:
            self._options = replace(self._options, key=self._room.key)
            self._room.close()
            self._room = None

    def stop(self) -> None:
        if self._task is not None:
            self._task.kill()
        self._leave_room()
        if self._node is not None:
            self._node.stop()
        else:
            for each in self._forked:
                each.close()
        if self._hold is not None:
            self._hold.close()
