"""What a slave does, over the bus, the engine and the clock that it is handed.

It registers and waits for a master that is not there yet, beats each second, gives subtasks to the engine and
carries what the engine counts to the master until that is acknowledged. When none of its beats was answered for the
length of the lease it stops its load by itself, and so does the engine, which knows the instant. A node calls `tick`
about ten times a second, and has the engine's events come to `on_event`. Nothing here waits.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from typing import Any

from gluten.cluster.clock import Clock
from gluten.cluster.node_info import NodeInfo
from gluten.cluster.ports import Dealer, Engine, Instant
from gluten.cluster.run.assignment import LEASE, LEFT
from gluten.cluster.slave.admission import Admission, Load
from gluten.cluster.slave.fences import Fences
from gluten.cluster.slave.outbox import Outbox
from gluten.cluster.slave.registration import Registration
from gluten.errors import Refused, WireError
from gluten.net.bus import messages as wire
from gluten.plan.backlog import capped
from gluten.plan.job import DeltaReady, EngineEvent, HostTask, LoadEnded, WorkerLost
from gluten.plan.split import NodeTask
from gluten.task.limits import MAX_CONNECTIONS
from gluten.task.policy import OPEN, REFUSED, Policy

log = logging.getLogger(__name__)

NAME_PATIENCE = 15.0
"""A name may belong to this node's last life, which the master has not given up yet."""
QUICK_BEATS = 4
"""So many beats follow one another at once, to know the master's clock early."""

Key = tuple[str, int]


class Slave:
    """`intro` says who this node is, `cpu` how busy its machine is (0 to 1). `on_refused` is told once if the master
    will not have this node; it then stays silent. `policy` is this node's own: what it loads, whoever asks.
    `unfit` says why this host cannot do a part, in words."""

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
    ) -> None:
        """`chance` (0 to 1) spreads the hellos of many slaves; `room` says how many connections this host can open from
        so many threads."""
        self.info, self._dealer, self._engine, self._now = info, dealer, engine, now
        self._cpu, self._on_refused, self._own_lease = cpu, on_refused, lease
        self._outbox = outbox if outbox is not None else Outbox()
        self._burden = Admission(policy, f"node {info.name}")
        self._unfit, self._room = unfit, room
        self._lease, self._heartbeat = lease or 15.0, 1.0
        self._clock = Clock()
        self._jobs: dict[Key, Load] = {}
        self._lapsed: dict[Key, tuple[str, str]] = {}  # load that ends for a cause of ours -> (kind, reason)
        self._notices: dict[Key, list[wire.NodeNotice]] = {}
        self._fences = Fences(self._outbox.known)
        self._heard = now()  # when we said what the master answered last: it may have waited here for long
        self._next_beat = now()
        self._registration = Registration(now(), chance)
        self.joined = self.refused = self._leaving = False
        self._handlers: dict[type[wire.Message], Callable[[Any], None]] = {
            wire.Welcome: self._on_welcome, wire.Refuse: self._on_refuse, wire.Challenge: self._on_challenge,
            wire.Beat: self._on_beat, wire.TaskOrder: self._on_subtask, wire.Adjust: self._on_adjust,
            wire.Stop: self._on_stop, wire.Ack: self._on_ack, wire.Closed: self._on_closed,
        }  # fmt: skip

    # The node's calls

    def open(self) -> None:
        """Listen to the bus; `tick` then registers."""
        self._dealer.serve(self.on_frame)

    def tick(self) -> None:
        """What the passing of time brings about."""
        now = self._now()
        self._watch_lease(now)
        if self.refused:
            return
        if not self.joined:
            if self._registration.due(now):
                self._hello(now)
            return
        if now >= self._next_beat:
            self._beat(now)
        self._send_due()

    def on_frame(self, frame: bytes) -> None:
        """A frame from the master."""
        try:
            message = wire.decode_down(frame)
        except WireError as error:
            log.warning("from the master: %s", error)
            if error.code == "version":
                self._give_up(str(error))
            return
        self._handlers[type(message)](message)

    def on_event(self, event: EngineEvent) -> None:
        """What the engine says."""
        if isinstance(event, DeltaReady):
            load = self._jobs.get((event.run, event.epoch))
            report_offset = self._now() + load.report_offset if load is not None else 0.0
            self._outbox.add(event.run, event.epoch, event.delta.to_map(), report_offset)
            if load is not None and (text := capped(event.delta, load.room)):
                load.room = None
                self._say(wire.NodeNotice(event.run, event.epoch, "capped", 0, text, event.delta.second))
            if self._outbox.full:
                self._lapse("", f"{len(self._outbox)} seconds of counts wait for the master: no more can be kept")
        elif isinstance(event, WorkerLost):
            self._notice(event)
        else:
            self._ended(event)
        if self.joined:
            self._send_due()

    def engine_died(self, reason: str) -> None:
        """No event will come for the load that there was."""
        for run, epoch in list(self._jobs):
            self._ended(LoadEnded(run, epoch, "failed", reason, 0.0))

    def drain(self) -> None:
        """The node is about to leave: end the load in good order, begin no other."""
        self._leaving = True
        self._lapse(LEFT, "it was stopped")

    @property
    def drained(self) -> bool:
        """No load, and the master, if it is there, has what was counted."""
        return not self._jobs and not (self.joined and len(self._outbox))

    def abort(self) -> None:
        """End the load at once."""
        for run, epoch in list(self._jobs):
            self._engine.abort(run, epoch)

    def leave(self) -> None:
        """End the load at once and say goodbye."""
        if self.joined:
            self._send(wire.Bye())
        self.joined, self.refused = False, True
        self.abort()

    def hears(self, within: float) -> bool:
        """The master has this node, and answered it in the last `within` seconds."""
        return self.joined and self._now() - self._heard < within

    @property
    def busy(self) -> bool:
        return bool(self._jobs)

    @property
    def unacknowledged(self) -> int:
        """Deltas that the master has not committed yet."""
        return len(self._outbox)

    # To the master

    def _hello(self, now: float) -> None:
        i = self.info
        self._registration.tried(now)
        said = self._send(
            wire.Hello(wire.PROTOCOL, i.version, i.node, i.name, i.cores, i.python, i.host, i.rpc_port, i.load, i.role)
        )
        if said:
            self._registration.said()

    def _beat(self, now: float) -> None:
        self._next_beat = now + self._heartbeat
        best = self._clock.best
        offset, rtt = (best.offset, best.rtt) if best else (None, None)
        cpu = min(1.0, max(0.0, self._cpu()))
        self._send(wire.Heartbeat(now, cpu, list(self._jobs), offset, rtt, max(0.0, now - self._heard)))

    def _send_due(self) -> None:
        now = self._now()
        for kept in self._outbox.due(now):
            frame = self._outbox.frame(kept)
            if frame is None:
                continue
            if not kept.place[2]:  # an ending
                self._repeat_notices(kept.place[:2])
            if not self._dealer.send(frame):
                return
            kept.sent = now

    def _send(self, message: wire.Message) -> bool:
        return self._dealer.send(wire.encode(message))

    # From the master

    def _on_welcome(self, welcome: wire.Welcome) -> None:
        if not self.joined:
            log.info("joined the master (GLuTEN %s)", welcome.version)
        self.joined = True
        self._registration.accepted()
        self._lease, self._heartbeat = self._own_lease or welcome.lease, welcome.heartbeat
        self._clock.clear()
        self._outbox.reconnected()
        self._beat(self._now())
        for key in self._jobs:
            self._repeat_notices(key)
        self._send_due()

    def _on_challenge(self, _challenge: wire.Challenge) -> None:
        now, self.joined = self._now(), False
        if not self.refused and self._registration.challenged(now):
            self._hello(now)

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
        self._heard = max(self._heard, min(beat.t0, now))
        if self._jobs:
            self._engine.renew(self._heard + self._lease)
        if self.joined and len(self._clock) <= QUICK_BEATS:
            self._beat(now)

    def _on_subtask(self, order: wire.TaskOrder) -> None:
        key = (order.run, order.epoch)
        if key in self._jobs:
            self._send(wire.Armed(order.run, order.epoch, 0.0))  # the first answer was lost
            return
        known = self._fences.highest(order.run)
        if order.epoch <= known:
            self._send(wire.Refused(order.run, order.epoch, f"epoch {order.epoch} is over, {known} is known"))
            return
        if self._leaving:
            return  # the farewell is the answer
        load = Load.of(order.node_task, order.adjustments, order.start_at)
        odd = self._burden.untimely(order.start_at + order.node_task.begin - self._now()) or self._unfit(
            order.node_task
        )
        if why := odd or self._burden.unwilling(order.node_task.task, load, self._jobs.values()):
            log.warning("a part of run %s was refused: %s", order.run[:8], why)
            self._send(wire.Refused(order.run, order.epoch, why))
            return
        room = self._burden.room(order.node_task, load, self._jobs.values(), self._room(len(order.node_task.threads)))
        self._fences.set(order.run, order.epoch)
        self._engine.renew(self._heard + self._lease)
        self._jobs[key] = load
        self._outbox.begin(order.run, order.epoch)
        adjustments = tuple(order.adjustments)
        self._engine.start(HostTask(order.run, order.epoch, order.node_task, order.start_at, adjustments, room))
        late = max(0.0, self._now() - order.start_at - order.node_task.begin)
        self._send(wire.Armed(order.run, order.epoch, late))

    def _on_adjust(self, order: wire.Adjust) -> None:
        key, change = (order.run, order.epoch), (order.second, order.rate)
        load = self._jobs.get(key)
        if load is None or change in load.adjusted:
            return
        load.adjusted.add(change)
        if why := self._burden.adjusted(load, order.rate, self._jobs.values()):
            self._stop_for(key, REFUSED, why)
            return
        self._engine.adjust(order.run, order.epoch, order.rate, order.second)
        second = int(max(order.second, self._now() - load.start_at))
        text = f"took the rate of {order.rate:g}/s in second {second}"
        self._say(wire.NodeNotice(order.run, order.epoch, "adjust_taken", 0, text, second))

    def _on_stop(self, order: wire.Stop) -> None:
        key = (order.run, order.epoch)
        self._fences.set(order.run, order.epoch)  # a subtask that comes after its stop is refused
        load = self._jobs.get(key)
        if load is None:
            return
        if order.abort:
            self._engine.abort(order.run, order.epoch)
        elif not load.ending:
            self._engine.stop(order.run, order.epoch)
        load.ending = True

    def _on_ack(self, ack: wire.Ack) -> None:
        self._outbox.acknowledged(ack.run, ack.epoch, ack.numbers)

    def _on_closed(self, closed: wire.Closed) -> None:
        self._outbox.closed(closed.run, closed.epoch)
        self._notices.pop((closed.run, closed.epoch), None)

    # Load

    def _watch_lease(self, now: float) -> None:
        if self._jobs and now - self._heard > self._lease:
            self._lapse(LEASE, f"heard nothing from the master for {self._lease:g} s, so it stopped its load")

    def _lapse(self, kind: str, reason: str) -> None:
        """Stop all load by our own will."""
        for key in list(self._jobs):
            self._stop_for(key, kind, reason)

    def _stop_for(self, key: Key, kind: str, reason: str) -> None:
        if key not in self._lapsed:
            log.warning("%s", reason)
            self._lapsed[key] = (kind, reason)
            self._engine.stop(*key)

    def _notice(self, lost: WorkerLost) -> None:
        log.warning("%s", lost.text)
        self._say(wire.NodeNotice(lost.run, lost.epoch, "worker_lost", lost.gap, lost.text, None))

    def _say(self, notice: wire.NodeNotice) -> None:
        """Now, and again on each new connection and with the ending, since it may be lost."""
        self._notices.setdefault((notice.run, notice.epoch), []).append(notice)
        self._send(notice)

    def _repeat_notices(self, key: Key) -> None:
        for notice in self._notices.get(key, ()):
            self._send(notice)

    def _ended(self, event: LoadEnded) -> None:
        key = (event.run, event.epoch)
        if self._jobs.pop(key, None) is None:
            return
        state, reason, kind = event.state, event.reason, event.kind
        if key in self._lapsed:
            state, (kind, reason) = "failed", self._lapsed.pop(key)
        elif state == "failed":
            log.warning("run %s: %s", event.run[:8], reason)
        self._outbox.end(event.run, event.epoch, state, reason, event.ended, kind)
