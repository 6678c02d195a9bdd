"""Brings the master what a dead process of another name left on this host's disk.

It registers under the name that counted it, as a node that takes no load, so that the master's own rules hold: a name
belongs to one living node, and a delta is known by run, name, epoch and number. It leaves when all is acknowledged.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable

from gluten.cluster.ports import Instant
from gluten.cluster.slave.outbox import Outbox
from gluten.cluster.slave.slave import Slave
from gluten.errors import Refused
from gluten.plan.job import HostTask

log = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds of a visit in which nothing is acknowledged; the name is then free again for"""
PAUSE, PAUSE_MOST = 10.0, 320.0
"""seconds, twice as long after each visit that brought nothing."""

End = Callable[[], None]
Visit = Callable[[Outbox, Callable[[Refused], None]], tuple[Slave, End]]
"""Registers in the name of the dead: the slave that does it, and what closes its connection."""


class NoEngine:
    """Makes no load."""

    def start(self, job: HostTask) -> None: ...
    def adjust(self, run: str, epoch: int, rate: float, second: float) -> None: ...
    def stop(self, run: str, epoch: int) -> None: ...
    def abort(self, run: str, epoch: int) -> None: ...
    def renew(self, until: float) -> None: ...


class Forwarder:
    """One name's leftovers. `done` when nothing is left."""

    def __init__(self, name: str, outbox: Outbox, visit: Visit, now: Instant) -> None:
        self.name, self._outbox, self._visit, self._now = name, outbox, visit, now
        self._guest: tuple[Slave, End] | None = None
        self._farewell: End | None = None
        self._next, self._progress, self._pause = now(), now(), PAUSE
        self._left = len(outbox)
        log.info("%d seconds of counts of %s, which is gone, are to be delivered", self._left, name)

    @property
    def done(self) -> bool:
        return self._outbox.empty and self._guest is None and self._farewell is None

    @property
    def resting(self) -> bool:
        """Waiting for its next visit."""
        return self._guest is None and self._farewell is None and self._now() < self._next

    def tick(self) -> None:
        """Carry on; to be called while the master is there."""
        self.close()
        if self._guest is not None:
            self._carry_on(self._guest[0], self._now())
        elif self._now() >= self._next and not self._outbox.empty:
            self._progress = self._now()
            self._guest = self._visit(self._outbox, self._on_refused)

    def _carry_on(self, slave: Slave, now: float) -> None:
        if len(self._outbox) != self._left:
            self._left, self._progress, self._pause = len(self._outbox), now, PAUSE
        if self._outbox.empty or slave.refused or now - self._progress > PATIENCE:
            self.leave()
        else:
            slave.tick()

    def leave(self) -> None:
        """Go, for now or for good. The farewell is on its way until `close`."""
        if self._guest is not None:
            slave, self._farewell = self._guest
            slave.leave()
            self._guest, self._next = None, self._now() + self._pause
            self._pause = min(PAUSE_MOST, 2 * self._pause)

    def close(self) -> None:
        """End the connection that `leave` has left."""
        if self._farewell is not None:
            self._farewell()
            self._farewell = None

    def _on_refused(self, refused: Refused) -> None:
        log.info("what %s left waits: %s", self.name, refused)


class Forwarders:
    """One at a time: there may be as many as names were ever used."""

    def __init__(self) -> None:
        self._waiting: deque[Forwarder] = deque()

    def add(self, courier: Forwarder) -> None:
        self._waiting.append(courier)

    def tick(self) -> None:
        """To be called while the master is there."""
        if not self._waiting:
            return
        self._waiting[0].tick()
        if self._waiting[0].done:
            self._waiting.popleft()
        elif self._waiting[0].resting:
            self._waiting.rotate(-1)

    def leave(self) -> None:
        """Go; `close` follows when the farewell is sent."""
        for courier in self._waiting:
            courier.leave()

    def close(self) -> None:
        for courier in self._waiting:
            courier.close()
