"""What a slave does, over the bus, the engine and the clock that it is handed.

It registers, and waits for a master that is not there yet. It sends a heartbeat each second, gives assignments to the
engine (`loads`), and sends what the engine counts until the master has acknowledged it (`outbox`). When no heartbeat
was answered for the length of the lease, it stops its load by itself. So does the engine, which knows the instant. A
node calls `tick` when it is `due`, ten times a second while the slave is `working`, and passes the engine's events to
`on_event`. Nothing here waits.
"""

from __future__ import annotations

import logging
import math
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gluten.cluster.clock import Clock
from gluten.cluster.no_files import NoFiles
from gluten.cluster.node_info import NodeInfo
from gluten.cluster.ports import Dealer, Engine, Instant, NodeFiles
from gluten.cluster.run.assignment import LEFT
from gluten.cluster.slave.admission import Admission
from gluten.cluster.slave.loads import Loads
from gluten.cluster.slave.node_chores import NodeChores
from gluten.cluster.slave.outbox import Outbox
from gluten.cluster.slave.provision import Order, Provision
from gluten.cluster.slave.registration import Registration
from gluten.errors import Refused, WireError
from gluten.net.bus import frames
from gluten.net.bus import messages as wire
from gluten.plan.chores import ChoreDone
from gluten.plan.job import LEASE, NodeEvent
from gluten.plan.split import NodeTask
from gluten.task.limits import MAX_CONNECTIONS
from gluten.task.policy import OPEN, Policy
from gluten.task.task import Task

log = logging.getLogger(__name__)

NAME_PATIENCE = 15.0
"""Seconds to wait for this node's name. The master may still count an earlier process of this name as present."""
QUICK_BEATS = 4
"""The first heartbeats follow one another at once, so that the master's clock is known early."""


class Slave:
    """`info` is what this node reports about itself, `cpu` how busy its machine is (0 to 1). `on_refused` is called
    once if the master refuses this node, which then sends nothing more. `policy` is this node's own: what it loads,
    whoever asks. `unfit` says in words why this host cannot do a task; empty: it can."""

    def __init__(
        self,
        info: NodeInfo,
        dealer: Dealer,
        engine: Engine,
        now: Instant,
        cpu: Callable[[], float],
        on_refused: Callable[[Refused], None],
        lease: float | None = None,
        outbox: Outbox | None = None,
        policy: Policy = OPEN,
        chance: Callable[[], float] = random.random,
        unfit: Callable[[NodeTask], str] = lambda part: "",
        room: Callable[[int], int] = lambda threads: MAX_CONNECTIONS,
        files: NodeFiles | None = None,
    ) -> None:
        """`chance` (0 to 1) spreads the hellos of many slaves. `room` is how many connections this host can open from
        so many threads. `files` are those of workloads."""
        self.info, self._dealer, self._engine, self._now = info, dealer, engine, now
        self._cpu, self._on_refused, self._own_lease = cpu, on_refused, lease
        self._outbox = outbox if outbox is not None else Outbox()
        admission = Admission(policy, f"node {info.name}")
        self._loads = Loads(engine, self._outbox, admission, self._send, now, unfit, room)
        self._chores = NodeChores(engine, admission, self._send)
        self._provision = Provision(files or NoFiles(), self._send, now, self._begin)
        self._lease, self._heartbeat = lease or 15.0, 1.0
        self._clock = Clock()
        self._answered = now()
        """When the last heartbeat that was answered was sent. The answer may have waited here for long."""
        self._next_beat = now()
        self._registration = Registration(now(), chance)
        self.joined = self.refused = False
        self._handlers = self._handled()

    def _handled(self) -> dict[type[wire.Message], Callable[[Any], None]]:
        """What is done with each message of a master."""
        return {
            wire.Welcome: self._on_welcome,
            wire.Refuse: self._on_refuse,
            wire.Challenge: self._on_challenge,
            wire.Beat: self._on_beat,
            wire.TaskOrder: self._provision.order,
            wire.Adjust: self._loads.adjust,
            wire.Stop: self._on_stop,
            wire.Prepare: self._on_prepare,
            wire.Chore: self._on_chore,
            wire.FilePart: self._provision.part,
            wire.Ack: self._on_ack,
            wire.Closed: self._on_closed,
        }

    # The node's calls

    def open(self) -> None:
        """Listen to the bus; `tick` then registers."""
        self._dealer.serve(self.on_frame)

    def tick(self) -> None:
        """Do what has become due."""
        now = self._now()
        self._watch_lease(now)
        if self.refused:
            return
        if not self.joined:
            if self._registration.due(now):
                self._send_hello(now)
            return
        if now >= self._next_beat:
            self._send_heartbeat(now)
        self._provision.step()
        self._send_due()

    @property
    def working(self) -> bool:
        """It needs a tick every tenth of a second: there is load, or something to send or to get."""
        return self.busy or (self.joined and (not self._outbox.empty or self._provision.busy))

    def due(self) -> float:
        """When it needs a tick though it is not working, by its clock; infinity: never."""
        if self.refused:
            return math.inf
        return self._next_beat if self.joined else self._registration.next

    def on_frame(self, frame: bytes) -> None:
        """A frame from the master."""
        try:
            message = frames.decode_down(frame)
        except WireError as error:
            log.warning("from the master: %s", error)
            if error.code == "version":
                self._give_up(str(error))
            return
        self._handlers[type(message)](message)

    def on_event(self, event: NodeEvent) -> None:
        """An event from the engine."""
        if isinstance(event, ChoreDone):
            self._chores.over(event)
        else:
            self._loads.on_event(event)
        if self.joined:
            self._send_due()

    def engine_died(self, reason: str) -> None:
        self._loads.engine_died(reason)
        self._chores.engine_died(reason)

    def drain(self) -> None:
        """The node is about to stop: end the load in good order, begin no other."""
        self._loads.leaving = True
        self._loads.stop_all(LEFT, "it was stopped")

    @property
    def drained(self) -> bool:
        """There is no load, and the master, if it is there, has all counts."""
        return not self.busy and not (self.joined and len(self._outbox))

    def abort(self) -> None:
        """End the load at once."""
        self._loads.abort_all()
        self._chores.end_all()

    def leave(self) -> None:
        """End the load at once and leave the cluster."""
        if self.joined:
            self._send(wire.Bye())
        self.joined, self.refused = False, True
        self.abort()
        self._provision.forget_all()

    def is_answered(self, within: float) -> bool:
        """The master has this node, and answered a heartbeat of the last `within` seconds."""
        return self.joined and self._now() - self._answered < within

    @property
    def busy(self) -> bool:
        return bool(self._loads.running or self._chores.running)

    @property
    def unacknowledged(self) -> int:
        """Deltas that the master has not committed yet."""
        return len(self._outbox)

    # To the master

    def _send_hello(self, now: float) -> None:
        i = self.info
        self._registration.tried(now)
        sent = self._send(
            wire.Hello(wire.PROTOCOL, i.version, i.node, i.name, i.cores, i.python, i.host, i.rpc_port, i.load, i.role)
        )
        if sent:
            self._registration.sent()

    def _send_heartbeat(self, now: float) -> None:
        self._next_beat = now + self._heartbeat
        best = self._clock.best
        offset, rtt = (best.offset, best.rtt) if best else (None, None)
        cpu = min(1.0, max(0.0, self._cpu()))
        self._send(wire.Heartbeat(now, cpu, list(self._loads.running), offset, rtt, max(0.0, now - self._answered)))

    def _send_due(self) -> None:
        now = self._now()
        for kept in self._outbox.due(now):
            frame = self._outbox.frame(kept)
            if frame is None:
                continue
            if not kept.place[2]:  # an ending
                self._loads.repeat_notices(kept.place[:2])
            if not self._dealer.send(frame):
                return
            kept.sent = now

    def _send(self, message: wire.Message) -> bool:
        return self._dealer.send(frames.encode(message))

    # From the master

    def _on_welcome(self, welcome: wire.Welcome) -> None:
        if not self.joined:
            log.info("joined the master (GLuTEN %s)", welcome.version)
        self.joined = True
        self._registration.accepted()
        self._lease, self._heartbeat = self._own_lease or welcome.lease, welcome.heartbeat
        self._clock.clear()
        self._outbox.reconnected()
        self._send_heartbeat(self._now())
        for key in self._loads.running:
            self._loads.repeat_notices(key)
        self._provision.welcomed()
        self._chores.repeat()
        self._send_due()

    def _on_challenge(self, _challenge: wire.Challenge) -> None:
        now, self.joined = self._now(), False
        if not self.refused and self._registration.challenged(now):
            self._send_hello(now)

    def _on_refuse(self, refuse: wire.Refuse) -> None:
        seconds, self.joined = self._registration.refused(self._now()), False
        if refuse.code == "version" or seconds >= NAME_PATIENCE:
            self._give_up(refuse.text)
        elif seconds == 0.0:
            log.warning("%s", refuse.text)

    def _give_up(self, text: str) -> None:
        if not self.refused:
            self.refused, self.joined = True, False
            self._on_refused(Refused(text))

    def _on_beat(self, beat: wire.Beat) -> None:
        now = self._now()
        self._clock.add(beat.t0, beat.t1, now)
        self._answered = max(self._answered, min(beat.t0, now))
        if self.busy:
            self._engine.renew(self._answered + self._lease)
        if self.joined and len(self._clock) <= QUICK_BEATS:
            self._send_heartbeat(now)

    def _begin(self, order: Order, hosts: Sequence[Task], files: Mapping[str, str]) -> None:
        lease = self._answered + self._lease
        if isinstance(order, wire.TaskOrder):
            self._loads.begin(order, hosts, files, lease)
        elif not self._loads.leaving:
            self._chores.begin(order, hosts, files, lease)

    def _on_prepare(self, message: wire.Prepare) -> None:
        if not message.files:
            self._chores.forget(message.run)
        self._provision.prepare(message)

    def _on_chore(self, order: wire.Chore) -> None:
        if not self._chores.answer(order):
            self._provision.order(order)

    def _on_stop(self, order: wire.Stop) -> None:
        self._provision.stop(order.run, order.epoch)
        self._loads.end(order)

    def _on_ack(self, ack: wire.Ack) -> None:
        self._outbox.acknowledged(ack.run, ack.epoch, ack.numbers)

    def _on_closed(self, closed: wire.Closed) -> None:
        self._loads.closed(closed.run, closed.epoch)

    def _watch_lease(self, now: float) -> None:
        if now - self._answered <= self._lease:
            return
        if not self.busy:
            self._provision.forget_all()  # nobody would say that a run is over
            self._chores.forget_all()
        else:
            self._chores.end_all()
            reason = f"received nothing from the master for {self._lease:g} s, so it stopped its load"
            self._loads.stop_all(LEASE, reason)
