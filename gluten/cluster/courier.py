"""Brings the master what a dead process of another name left on this host's disk.

It registers under the name that counted it, as a node that takes no load, so that the master's own rules hold: a name
belongs to one living node, and a delta is known by run, name, epoch and number. It leaves when all is acknowledged.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable

from gluten.cluster.outbox import Outbox
from gluten.cluster.ports import Instant
from gluten.cluster.slave import Slave
from gluten.errors import Refused
from gluten.load.job import Job

log = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds of a visit in which nothing is acknowledged; the name is then free again for"""
PAUSE = 20.0

End = Callable[[], None]
Visit = Callable[[Outbox, Callable[[Refused], None]], tuple[Slave, End]]
"""Registers in the name of the dead: the slave that does it, and what closes its connection."""


class NoEngine:
    """Makes no load."""

    def start(self, job: Job) -> None: ...
    def adjust(self, run: str, epoch: int, rate: float, second: float) -> None: ...
    def stop(self, run: str, epoch: int) -> None: ...
    def abort(self, run: str, epoch: int) -> None: ...


class Courier:
    """One name's leftovers. `done` when nothing is left."""

    def __init__(self, name: str, outbox: Outbox, visit: Visit, now: Instant) -> None:
        self.name, self._outbox, self._visit, self._now = name, outbox, visit, now
        self._guest: tuple[Slave, End] | None = None
        self._next, self._progress = now(), now()
        self._left = len(outbox)
        log.info("%d seconds of counts of %s, which is gone, are to be delivered", self._left, name)

    @property
    def done(self) -> bool:
        return self._outbox.empty and self._guest is None

    @property
    def resting(self) -> bool:
        """Waiting for its next visit."""
        return self._guest is None and self._now() < self._next

    def tick(self) -> None:
        """Carry on; to be called while the master is there."""
        now = self._now()
        if self._guest is None:
            if now >= self._next:
                self._progress = now
                self._guest = self._visit(self._outbox, self._on_refused)
            return
        if len(self._outbox) != self._left:
            self._left, self._progress = len(self._outbox), now
        if self._outbox.empty or self._guest[0].refused or now - self._progress > PATIENCE:
            self.rest()
        else:
            self._guest[0].tick()

    def rest(self) -> None:
        """Leave for now, or for good."""
        if self._guest is not None:
            slave, end = self._guest
            slave.leave()
            end()
            self._guest, self._next = None, self._now() + PAUSE

    def _on_refused(self, refused: Refused) -> None:
        log.info("what %s left waits: %s", self.name, refused)


class Couriers:
    """One at a time: there may be as many as names were ever used."""

    def __init__(self) -> None:
        self._waiting: deque[Courier] = deque()

    def add(self, courier: Courier) -> None:
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

    def rest(self) -> None:
        """Leave for now."""
        for courier in self._waiting:
            courier.rest()
