"""What slaves say to the master: who they are, that they live, what they counted. One short handler a message."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from typing import Any

from gluten.cluster.clock import Sample
from gluten.cluster.master.delta_writer import DeltaWriter, Key, parse
from gluten.cluster.master.membership import ClusterNode, Membership
from gluten.cluster.master.scheduler import Scheduler
from gluten.cluster.node_info import NodeInfo
from gluten.cluster.ports import Router
from gluten.cluster.run.assignment import Ending, Moment, RunNotice
from gluten.errors import Refused, WireError
from gluten.net.bus import messages as wire
from gluten.store.records import StoredDelta
from gluten.task.policy import REFUSED

log = logging.getLogger(__name__)


class Inbox:
    """Everything from a peer that has not registered is answered by a challenge; frames without meaning are counted."""

    def __init__(
        self,
        router: Router,
        roster: Membership,
        scheduler: Scheduler,
        intake: DeltaWriter,
        moment: Callable[[], Moment],
        welcome: wire.Welcome,
        late: Callable[[str], None],
    ) -> None:
        """`late` is told the run of a delta that comes after its end."""
        self._router, self._roster, self._scheduler, self._intake = router, roster, scheduler, intake
        self._moment, self._welcome, self._late = moment, welcome, late
        self.malformed: Counter[str] = Counter()
        self._handlers: dict[type[wire.Message], Callable[[ClusterNode, Any], None]] = {
            wire.Heartbeat: self._on_heartbeat,
            wire.Delta: self._on_delta,
            wire.Ended: self._on_ended,
            wire.Armed: self._on_armed,
            wire.Refused: self._on_refused,
            wire.NodeNotice: self._on_notice,
            wire.Bye: self._on_bye,
        }

    def on_frame(self, peer: bytes, frame: bytes) -> None:
        """A frame from the bus; never raises because of what is in it."""
        try:
            message = wire.decode_up(frame)
            if isinstance(message, wire.Hello):
                self._on_hello(peer, message)
            else:
                self._on_message(peer, message)
        except WireError as error:
            self._on_malformed(peer, error)

    def send(self, member: ClusterNode, message: wire.Message) -> bool:
        return self._router.send(member.peer, wire.encode(message))

    def probe(self) -> None:
        """Find out whose connection has ended: sending to it says so, and to be answered again does a node no harm."""
        now = self._moment().now
        for member in self._roster.quiet(now):
            if not self.send(member, wire.Beat(member.said, member.beaten)):
                self._roster.ended(member, now)

    def acknowledge(self, key: Key, numbers: list[int]) -> None:
        """Tell the node, if it is here, that it can forget these deltas."""
        run, name, epoch = key
        member = self._roster.named(name)
        if member is not None:
            self.send(member, wire.Ack(run, epoch, numbers))

    def _on_message(self, peer: bytes, message: wire.Message) -> None:
        member = self._roster.heard(peer, self._moment().now)
        if member is None:
            self._answer(peer, wire.Challenge())
        else:
            self._handlers[type(message)](member, message)

    def _answer(self, peer: bytes, message: wire.Message) -> None:
        self._router.send(peer, wire.encode(message))

    def _on_malformed(self, peer: bytes, error: WireError) -> None:
        self.malformed[error.code] += 1
        if error.code == "version":
            log.warning("a node was refused: %s", error)
            self._answer(peer, wire.Refuse("version", str(error)))
        elif self.malformed[error.code] == 1:
            log.warning("the bus got %s; such messages are dropped and counted", error)

    def _on_hello(self, peer: bytes, hello: wire.Hello) -> None:
        at = self._moment()
        info = NodeInfo(
            hello.node, hello.name, hello.role, hello.cores, hello.version, hello.python, hello.host,
            hello.rpc_port, hello.load,
        )  # fmt: skip
        try:
            member = self._roster.join(info, peer, at.now, at.wall)
        except Refused as error:
            self._answer(peer, wire.Refuse("name", str(error)))
            return
        log.info("node %s joined from %s with %d cores", member.name, info.host, info.cores)
        self.send(member, self._welcome)
        self._scheduler.remind(member)

    def _on_heartbeat(self, member: ClusterNode, beat: wire.Heartbeat) -> None:
        now = self._moment().now
        self.send(member, wire.Beat(beat.t0, now))
        member.said, member.beaten, member.unanswered = beat.t0, now, beat.unanswered
        member.cpu = beat.cpu
        member.run = beat.jobs[0][0] if beat.jobs else None
        if beat.offset is not None and beat.rtt is not None:
            member.clock = Sample(beat.offset, beat.rtt)
        self._scheduler.working(member, beat.jobs)

    def _on_delta(self, member: ClusterNode, message: wire.Delta) -> None:
        delta = parse(message.body)
        live = self._scheduler.find(message.run)
        if live is None or (live.run.final and not live.run.ledger.knows(member.name, message.epoch, message.number)):
            self._late(message.run)
        else:
            live.run.delta(member.name, message.epoch, message.number, delta)
        self._intake.take(
            StoredDelta(message.run, member.name, message.epoch, message.number, delta.second, message.body)
        )

    def _on_ended(self, member: ClusterNode, ended: wire.Ended) -> None:
        live = self._scheduler.find(ended.run)
        if live is None or live.saved:
            self.send(member, wire.Closed(ended.run, ended.epoch))
            return
        ending = Ending(ended.last, ended.state, ended.reason, ended.ended, ended.kind)
        live.run.ended(member.name, ended.epoch, ending, self._moment())
        self._scheduler.settle(live)
        if not live.run.awaits(member.name, ended.epoch):
            self._scheduler.close_share(member, ended.run, ended.epoch)

    def _on_armed(self, member: ClusterNode, armed: wire.Armed) -> None:
        live = self._scheduler.find(armed.run)
        if live is not None:
            live.run.armed(member.name, armed.epoch, armed.late, self._moment())
            self._scheduler.settle(live)

    def _on_refused(self, member: ClusterNode, refused: wire.Refused) -> None:
        live = self._scheduler.find(refused.run)
        if live is not None:
            ending = Ending(0, "failed", f"refused its part: {refused.text}", 0.0, REFUSED)
            live.run.ended(member.name, refused.epoch, ending, self._moment())
            self._scheduler.settle(live)

    def _on_notice(self, member: ClusterNode, said: wire.NodeNotice) -> None:
        live = self._scheduler.find(said.run)
        if live is not None:
            notice = RunNotice(said.kind, said.gap, said.text, said.second)
            live.run.notice(member.name, said.epoch, notice, self._moment())
            self._scheduler.settle(live)

    def _on_bye(self, member: ClusterNode, _bye: wire.Bye) -> None:
        self._roster.leave(member.peer)
        log.info("node %s left", member.name)
        self._scheduler.lose(member.name, "it was stopped")
