"""The workers of one job, as the host sees them: merges their seconds, sums up how they ended. No I/O."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from gluten.load.delta import Delta
from gluten.load.job import DeltaReady, Ended, EngineEvent

PATIENCE = 1.5
"""Seconds that a second waits for the slowest worker before it is told without it; the rest follows."""

M = TypeVar("M")


class Crew(Generic[M]):
    """`members` are alive. A second is told when all of them have told theirs."""

    def __init__(self, run: str, epoch: int) -> None:
        self.run, self.epoch = run, epoch
        self.members: list[M] = []
        self.addresses: tuple[str, ...] = ()
        self.stopping = False
        self._pending: dict[int, Delta] = {}
        self._since: dict[int, float] = {}
        self._told: dict[int, int] = {}
        self._finished: set[int] = set()
        self._last = 0.0
        self._reason, self._kind, self._failed = "", "", False
        self._stopped = False

    @property
    def failed(self) -> bool:
        """True once a member failed or died."""
        return self._failed

    def hear(self, member: M, message: dict[str, Any], now: float) -> None:
        """A worker's word: a delta, that it is done, or why it failed."""
        if message["type"] == "delta":
            self._merge(member, Delta.from_map(message["delta"]), now)
        elif message["type"] == "done":
            self._finished.add(id(member))
            self._last = max(self._last, message["ended"])
            self._stopped |= message["reason"] == "stopped"
        elif message["type"] == "failed":
            self._finished.add(id(member))
            self._fail(message["text"], message["kind"])

    def gone(self, member: M, status: int, now: float) -> list[EngineEvent]:
        """A worker's process is over, with a wait status."""
        self.members.remove(member)
        if id(member) not in self._finished and self._told.pop(id(member), None) is not None:
            self._fail(f"a worker of this node died (wait status {status})", "")
        elif status and id(member) not in self._finished and not self.stopping:
            self._fail(f"a process of the engine died (wait status {status})", "")
        self._told.pop(id(member), None)
        return self.due(now)

    def due(self, now: float) -> list[EngineEvent]:
        """The seconds that may be told now."""
        told_by_all = min(self._told.values(), default=-1) if self.members else max(self._pending, default=-1)
        if len(self._told) < len(self.members):
            told_by_all = -1
        ready = [s for s in sorted(self._pending) if s <= told_by_all or now - self._since[s] > PATIENCE]
        return [DeltaReady(self.run, self.epoch, self._take(second)) for second in ready]

    def ended(self, stopped: bool) -> Ended:
        """How it went, once no member is left."""
        state = "failed" if self._failed else "stopped" if stopped or self._stopped else "finished"
        return Ended(self.run, self.epoch, state, self._reason, self._last, self._kind, self.addresses)

    def _merge(self, member: M, delta: Delta, now: float) -> None:
        self._told[id(member)] = delta.second
        if delta.second in self._pending:
            self._pending[delta.second].add(delta)
        else:
            self._pending[delta.second], self._since[delta.second] = delta, now

    def _take(self, second: int) -> Delta:
        del self._since[second]
        return self._pending.pop(second)

    def _fail(self, reason: str, kind: str) -> None:
        if not self._failed:
            self._failed, self._reason, self._kind = True, reason, kind
