"""The workers of one job as the host sees them. Their seconds are merged, and so is how they ended. No I/O."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from gluten.engine.host.reported import ONE_URL, Reported, lost
from gluten.engine.host.respawn import Respawn
from gluten.plan.job import LEASE, ROWS, DeltaReady, EngineEvent, LoadEnded
from gluten.stats.delta import Delta

PATIENCE = 1.5
"""How many seconds a run-second waits for the slowest worker. Then it is reported without that worker, whose counts
follow later."""
LAPSED = "received nothing from the master until its lease ended, so it stopped its load"

M = TypeVar("M")


class WorkerGroup(Generic[M]):
    """`members` are the workers that are alive. A second is reported when all of them have reported it.

    `start` is the instant of run-second 0, once it is known. `lapsed` is the instant at which the lease ended, or None.
    `respawned` counts the members that replaced a dead one.
    `weights` are those of the task's requests and scenarios.
    """

    def __init__(self, run: str, epoch: int) -> None:
        self.run, self.epoch = run, epoch
        self.weights = ONE_URL
        self.members: list[M] = []
        self.addresses: tuple[str, ...] = ()
        self.stopping = False
        self.start: float | None = None
        self.lapsed: float | None = None
        self.respawned = 0
        self._pending: dict[int, Delta] = {}
        self._since: dict[int, float] = {}
        self._reports: dict[int, Reported] = {}
        self._gone: list[Reported] = []
        self._finished: set[int] = set()
        self._last = 0.0
        self._reason, self._kind, self._failed = "", "", False
        self._stopped = False
        self._rows: str | None = ""
        self._rows_fail = False

    @property
    def broken_off(self) -> bool:
        """True once a member failed, died, or stopped the run."""
        return self._failed or self._stopped

    def receive(self, member: M, message: dict[str, Any], now: float) -> None:
        """A message of a worker: a delta, its end, or why it failed."""
        if message["type"] == "delta":
            self._merge(member, Delta.from_map(message["delta"]), now)
        elif message["type"] == "done":
            self._finished.add(id(member))
            self._last = max(self._last, message["ended"])
            self._note_stop(message)
            self._note_rows(message)
            if message["reason"] == LEASE:
                self._fail(LAPSED, LEASE)
        elif message["type"] == "failed":
            self._finished.add(id(member))
            self._fail(message["text"], message["kind"])

    def lapse(self, now: float) -> None:
        """The lease is over, and the group ends for this reason."""
        self.lapsed = now
        self._fail(LAPSED, LEASE)

    def reported(self, member: M) -> Reported:
        """What the member has reported."""
        return self._reports.get(id(member), Reported())

    def orphaned(self, member: M) -> bool:
        """True if the member ended without a report of its end although it should go on."""
        return id(member) not in self._finished and not self.stopping and not self._failed

    def gone(self, member: M, status: int, now: float) -> list[EngineEvent]:
        """A worker's process has ended with this wait status."""
        if id(member) not in self._finished and id(member) in self._reports:
            before = f", after {self.respawned} others" if self.respawned else ""
            self._last = max(self._last, self._reports[id(member)].until)
            self._fail(f"a worker of this node died (wait status {status}){before}", "")
        elif status and id(member) not in self._finished and not self.stopping:
            self._fail(f"a process of the engine died (wait status {status})", "")
        if id(member) not in self._finished:
            self._lose_sessions(self.reported(member), now)
        return self._forget(member, now)

    def replaced(self, member: M, after: Respawn, now: float) -> list[EngineEvent]:
        """A worker died, and `after` says who does the rest of its part."""
        reported = self._reports.setdefault(id(member), Reported())
        self._pend(lost(after.first, self.weights, after.dropped, after.unknown, reported), now)
        if not self.weights.scenarios:
            reported.strand(after.first, after.unknown)
        self._last = max(self._last, after.until)
        return self._forget(member, now)

    def _lose_sessions(self, reported: Reported, now: float) -> None:
        """A worker died and nobody takes its place. Its sessions that are under way were cut."""
        if reported.second is not None and any(reported.open.values()):
            self._pend(lost(reported.second + 1, self.weights, 0, 0, reported), now)

    def due(self, now: float) -> list[EngineEvent]:
        """The seconds that are complete, or have waited long enough."""
        by_all = min((reported.second or 0 for reported in self._reports.values()), default=-1)
        if not self.members:
            by_all = max(self._pending, default=-1)
        elif len(self._reports) < len(self.members):
            by_all = -1
        ready = [s for s in sorted(self._pending) if s <= by_all or now - self._since[s] > PATIENCE]
        return [DeltaReady(self.run, self.epoch, self._take(second)) for second in ready]

    def ended(self, stopped: bool) -> LoadEnded:
        """How the load ended. To be called when no member is left."""
        state = "failed" if self._failed else "stopped" if stopped or self._stopped else "finished"
        if self._rows and state == "finished":
            # All rows of a feed are used: the plan ends with them, and with `at_end = "fail"` the run fails.
            state, self._reason, self._kind = ("failed" if self._rows_fail else state), self._rows, ROWS
        return LoadEnded(self.run, self.epoch, state, self._reason, self._last, self._kind, self.addresses)

    def _note_stop(self, message: dict[str, Any]) -> None:
        """A worker that stops the run by itself says why."""
        if message["reason"] == "stopped":
            self._stopped = True
            self._reason = self._reason or message.get("why", "")

    def _note_rows(self, message: dict[str, Any]) -> None:
        """A worker has ended. It counts as the end of the rows only where all workers ended by that."""
        if message["reason"] == ROWS and message["fails"] and message["open"]:
            self._fail(message["text"], ROWS)
        if message["reason"] == ROWS:
            self._rows = self._rows if self._rows is None else message["text"]
            self._rows_fail = message["fails"]
        else:
            self._rows = None

    def _forget(self, member: M, now: float) -> list[EngineEvent]:
        self.members.remove(member)
        self._finished.discard(id(member))
        reported = self._reports.pop(id(member), None)
        if reported is not None:
            self._gone.append(reported)
        return self.due(now)

    def _merge(self, member: M, delta: Delta, now: float) -> None:
        self._reports.setdefault(id(member), Reported()).add(delta)
        self._pend(delta, now)

    def _pend(self, delta: Delta, now: float) -> None:
        if delta.second in self._pending:
            self._pending[delta.second].add(delta)
        else:
            self._pending[delta.second], self._since[delta.second] = delta, now

    def _take(self, second: int) -> Delta:
        del self._since[second]
        delta = self._pending.pop(second)
        # At the end of this second, for all workers: also for those that ended and left requests without a response.
        delta.in_flight = sum(reported.in_flight(second) for reported in (*self._reports.values(), *self._gone))
        return delta

    def _fail(self, reason: str, kind: str) -> None:
        if not self._failed:
            self._failed, self._reason, self._kind = True, reason, kind
