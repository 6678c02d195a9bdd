"""Sends the master the deltas that a dead process of another name left on this host's disk.

It registers under the name of that process, as a node that takes no load. So the master's rules hold: a name belongs to
one present node, and a delta is known by run, name, epoch and number. It leaves when everything is acknowledged.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable

from gluten.cluster.ports import Instant
from gluten.cluster.slave.outbox import Outbox
from gluten.cluster.slave.slave import Slave
from gluten.errors import Refused
from gluten.plan.chores import Chore
from gluten.plan.job import HostTask

log = logging.getLogger(__name__)

PATIENCE = 5.0
"""A visit ends when nothing is acknowledged for so many seconds. The name is then free again."""
PAUSE, PAUSE_MOST = 10.0, 320.0
"""Seconds until the next visit, and at most. They double after each visit in which nothing was acknowledged."""

End = Callable[[], None]
Visit = Callable[[Outbox, Callable[[Refused], None]], tuple[Slave, End]]
"""Registers under the name of a dead process: the slave that does it, and what closes its connection."""


class NoEngine:
    """Makes no load."""

    def start(self, job: HostTask) -> None: ...
    def adjust(self, run: str, epoch: int, rate: float, second: float) -> None: ...
    def stop(self, run: str, epoch: int) -> None: ...
    def abort(self, run: str, epoch: int) -> None: ...
    def do(self, chore: Chore) -> None: ...
    def end_chore(self, run: str, kind: str) -> None: ...
    def renew(self, until: float) -> None: ...


class Forwarder:
    """What one dead process has left. `done` when nothing is left."""

    def __init__(self, name: str, outbox: Outbox, visit: Visit, now: Instant) -> None:
        self.name, self._outbox, self._visit, self._now = name, outbox, visit, now
        self._guest: tuple[Slave, End] | None = None
        self._end: End | None = None
        self._next, self._progress, self._pause = now(), now(), PAUSE
        self._left = len(outbox)
        log.info("%d seconds of counts of %s, which is gone, are to be delivered", self._left, name)

    @property
    def done(self) -> bool:
        return self._outbox.empty and self._guest is None and self._end is None

    @property
    def resting(self) -> bool:
        """Waiting for its next visit."""
        return self._guest is None and self._end is None and self._now() < self._next

    def tick(self) -> None:
        """Do what has become due; to be called while the master is there."""
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
        """Leave, for now or for good. The `Bye` is on its way until `close`."""
        if self._guest is not None:
            slave, self._end = self._guest
            slave.leave()
            self._guest, self._next = None, self._now() + self._pause
            self._pause = min(PAUSE_MOST, 2 * self._pause)

    def close(self) -> None:
        """End the connection that `leave` has left."""
        if self._end is not None:
            self._end()
            self._end = None

    def _on_refused(self, refused: Refused) -> None:
        log.info("what %s left waits: %s", self.name, refused)


class Forwarders:
    """They work one at a time: there may be as many as names were ever used."""

    def __init__(self) -> None:
        self._waiting: deque[Forwarder] = deque()

    def add(self, forwarder: Forwarder) -> None:
        self._waiting.append(forwarder)

    def __len__(self) -> int:
        return len(self._waiting)

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
        """Leave; `close` follows when the `Bye` is sent."""
        for forwarder in self._waiting:
            forwarder.leave()

    def close(self) -> None:
        for forwarder in self._waiting:
            forwarder.close()
