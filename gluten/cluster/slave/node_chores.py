"""Setup and teardown that the master gives this node. Each is done once; its answer is kept until the run is over."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from gluten.cluster.ports import Engine
from gluten.cluster.slave.admission import Admission
from gluten.net.bus import messages as wire
from gluten.plan.chores import Chore, ChoreDone
from gluten.task.policy import REFUSED
from gluten.task.task import Task

log = logging.getLogger(__name__)

MOST = 16
"""Answers that are kept."""


class NodeChores:
    """`running` are those under way: the run and the kind."""

    def __init__(self, engine: Engine, admission: Admission, send: Callable[[wire.Message], bool]) -> None:
        self._engine, self._admission, self._send = engine, admission, send
        self.running: set[tuple[str, str]] = set()
        self._cut: set[tuple[str, str]] = set()
        self._done: dict[tuple[str, str], ChoreDone] = {}

    def answer(self, order: wire.Chore) -> bool:
        """Whether it is known. If it is over, the master did not get the answer."""
        key = (order.run, order.kind)
        if key in self._done:
            self._say(self._done[key])
        return key in self._done or key in self.running

    def begin(self, order: wire.Chore, hosts: Sequence[Task], files: Mapping[str, str], lease: float) -> None:
        """Do it until the instant `lease`, or refuse. `hosts` is the task once for each host that it asks."""
        if self.answer(order):
            return
        if why := self._admission.barred(hosts):
            log.warning("the %s of run %s was refused: %s", order.kind, order.run[:8], why)
            self.over(ChoreDone(order.run, order.kind, why, REFUSED, {}, 0.0))
            return
        self.running.add((order.run, order.kind))
        self._engine.renew(lease)
        self._engine.do(Chore(order.run, order.kind, order.task, files, order.taken))

    def over(self, done: ChoreDone) -> None:
        """The engine has ended one."""
        key = (done.run, done.kind)
        self.running.discard(key)
        if key in self._cut:
            # This node gave it up. So nothing is answered, and another node may do it.
            self._cut.discard(key)
            return
        if done.reason:
            log.warning("run %s: %s", done.run[:8], done.text)
        while len(self._done) >= MOST:
            del self._done[next(iter(self._done))]
        self._done[key] = done
        self._say(done)

    def engine_died(self, reason: str) -> None:
        """The engine will report nothing more."""
        for run, kind in list(self.running):
            self.over(ChoreDone(run, kind, reason, "", {}, 0.0))

    def repeat(self) -> None:
        """There is a new connection. The answers on the earlier one may be lost."""
        for done in self._done.values():
            self._say(done)

    def end_all(self) -> None:
        """End what is under way at once."""
        for key in self.running:
            self._end(key)

    def forget(self, run: str) -> None:
        """The run is over: what setup took is needed no more."""
        for key in [key for key in self.running if key[0] == run]:
            self._end(key)
        for key in [key for key in self._done if key[0] == run]:
            del self._done[key]

    def forget_all(self) -> None:
        self._done.clear()

    def _end(self, key: tuple[str, str]) -> None:
        self._cut.add(key)
        self._engine.end_chore(*key)

    def _say(self, done: ChoreDone) -> None:
        self._send(wire.ChoreDone(done.run, done.kind, done.reason, done.fault, dict(done.taken), done.seconds))
