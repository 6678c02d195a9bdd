"""A slave's load: orders of the master go to the engine, what the engine counts goes to the outbox."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from gluten.cluster.ports import Engine, Instant
from gluten.cluster.run.assignment import LEFT
from gluten.cluster.slave.admission import Admission, Load
from gluten.cluster.slave.fences import Fences
from gluten.cluster.slave.outbox import Outbox
from gluten.net.bus import messages as wire
from gluten.plan.backlog import capped
from gluten.plan.job import HostTask, LoadEnded, LoadEvent, PackedDelta, WorkerLost
from gluten.plan.split import NodeTask
from gluten.task.policy import REFUSED
from gluten.task.task import Task

log = logging.getLogger(__name__)

Key = tuple[str, int]
"""(run, epoch) of an assignment."""


class Loads:
    """`running` has the load of each assignment. `leaving`: the node is about to stop and begins no other."""

    def __init__(
        self,
        engine: Engine,
        outbox: Outbox,
        admission: Admission,
        send: Callable[[wire.Message], bool],
        now: Instant,
        unfit: Callable[[NodeTask], str],
        room: Callable[[int], int],
    ) -> None:
        """`unfit` and `room`: see `Slave`. `send` sends a message to the master."""
        self._engine, self._outbox, self._admission, self._send, self._now = engine, outbox, admission, send, now
        self._unfit, self._room = unfit, room
        self._fences = Fences(outbox.known)
        self._stopped: dict[Key, tuple[str, str]] = {}  # load that this node itself has stopped -> (kind, reason)
        self._notices: dict[Key, list[wire.NodeNotice]] = {}
        self.running: dict[Key, Load] = {}
        self.leaving = False

    # Orders of the master

    def begin(self, order: wire.TaskOrder, hosts: Sequence[Task], files: Mapping[str, str], lease: float) -> None:
        """Make load until the instant `lease`, or refuse. `hosts` is the task once for each host that it asks, `files`
        the paths of its files."""
        key = (order.run, order.epoch)
        if key in self.running:
            self._send(wire.Armed(order.run, order.epoch, 0.0))  # the first answer was lost
            return
        known = self._fences.highest(order.run)
        if order.epoch <= known:
            self._send(wire.Refused(order.run, order.epoch, f"epoch {order.epoch} is over, {known} is known"))
            return
        if self.leaving:
            return  # the Bye is the answer
        load = Load.of(order.node_task, order.adjustments, order.start_at)
        if why := self._refusal(order, load, hosts):
            log.warning("a part of run %s was refused: %s", order.run[:8], why)
            self._send(wire.Refused(order.run, order.epoch, why))
            return
        self._start(order, load, files, lease)

    def _refusal(self, order: wire.TaskOrder, load: Load, hosts: Sequence[Task]) -> str:
        """Why the node does not do this; empty: it does."""
        away = order.start_at + order.node_task.begin - self._now()
        unable = self._admission.untimely(away) or self._unfit(order.node_task)
        return unable or self._admission.unwilling(hosts, load, self.running.values())

    def _start(self, order: wire.TaskOrder, load: Load, files: Mapping[str, str], lease: float) -> None:
        run, epoch, task = order.run, order.epoch, order.node_task
        room = self._admission.room(task, load, self.running.values(), self._room(len(task.threads)))
        self._fences.set(run, epoch)
        self._engine.renew(lease)
        self.running[run, epoch] = load
        self._outbox.begin(run, epoch)
        adjustments = tuple(order.adjustments)
        self._engine.start(HostTask(run, epoch, task, order.start_at, adjustments, room, files, order.taken))
        late = max(0.0, self._now() - order.start_at - task.begin)
        self._send(wire.Armed(run, epoch, late))

    def adjust(self, order: wire.Adjust) -> None:
        """Take the new rate, once."""
        key, change = (order.run, order.epoch), (order.second, order.rate)
        load = self.running.get(key)
        if load is None or change in load.adjusted:
            return
        load.adjusted.add(change)
        if why := self._admission.adjusted(load, order.rate, self.running.values()):
            self._stop(key, REFUSED, why)
            return
        self._engine.adjust(order.run, order.epoch, order.rate, order.second)
        second = int(max(order.second, self._now() - load.start_at))
        text = f"took the rate of {order.rate:g}/s in second {second}"
        self._send_notice(wire.NodeNotice(order.run, order.epoch, "adjust_taken", 0, text, second))

    def end(self, order: wire.Stop) -> None:
        """End load in good order, or at once."""
        self._fences.set(order.run, order.epoch)  # an order that comes after its stop is refused
        load = self.running.get((order.run, order.epoch))
        if load is None:
            return
        if order.abort:
            self._engine.abort(order.run, order.epoch)
        elif not load.ending:
            self._engine.stop(order.run, order.epoch)
        load.ending = True

    def closed(self, run: str, epoch: int) -> None:
        """The master has stored the ending."""
        self._outbox.closed(run, epoch)
        self._notices.pop((run, epoch), None)

    # Reports of the engine

    def on_event(self, event: LoadEvent) -> None:
        if isinstance(event, PackedDelta):
            self._keep(event)
        elif isinstance(event, WorkerLost):
            log.warning("%s", event.text)
            self._send_notice(wire.NodeNotice(event.run, event.epoch, "worker_lost", event.gap, event.text, None))
        else:
            self._ended(event)

    def engine_died(self, reason: str) -> None:
        """The engine will report nothing more. Its part is lost as if the node had left, so others take it over."""
        for run, epoch in list(self.running):
            self._ended(LoadEnded(run, epoch, "failed", reason, 0.0, LEFT))

    def _keep(self, event: PackedDelta) -> None:
        load = self.running.get((event.run, event.epoch))
        report_at = self._now() + load.report_offset if load is not None else 0.0
        self._outbox.add(event.run, event.epoch, event.body, report_at)
        if load is not None and (text := capped(event, load.room)):
            load.room = None
            self._send_notice(wire.NodeNotice(event.run, event.epoch, "capped", 0, text, event.second))
        if self._outbox.full:
            self.stop_all("", f"{len(self._outbox)} seconds of counts wait for the master: no more can be kept")

    def _ended(self, event: LoadEnded) -> None:
        key = (event.run, event.epoch)
        if self.running.pop(key, None) is None:
            return
        state, reason, kind = event.state, event.reason, event.kind
        if key in self._stopped:
            state, (kind, reason) = "failed", self._stopped.pop(key)
        elif state == "failed":
            log.warning("run %s: %s", event.run[:8], reason)
        self._outbox.end(event.run, event.epoch, state, reason, event.ended, kind)

    # This node's own will

    def stop_all(self, kind: str, reason: str) -> None:
        """Stop all load for a cause of this node."""
        for key in list(self.running):
            self._stop(key, kind, reason)

    def abort_all(self) -> None:
        """End all load at once."""
        for run, epoch in list(self.running):
            self._engine.abort(run, epoch)

    def _stop(self, key: Key, kind: str, reason: str) -> None:
        if key not in self._stopped:
            log.warning("%s", reason)
            self._stopped[key] = (kind, reason)
            self._engine.stop(*key)

    def _send_notice(self, notice: wire.NodeNotice) -> None:
        """Now, on each new connection, and with the ending: it may be lost."""
        self._notices.setdefault((notice.run, notice.epoch), []).append(notice)
        self._send(notice)

    def repeat_notices(self, key: Key) -> None:
        for notice in self._notices.get(key, ()):
            self._send(notice)
