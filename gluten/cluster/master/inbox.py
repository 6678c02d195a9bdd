"""Messages from slaves: queued when they arrive, handled in the master's next turn. One short handler a message."""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gluten.cluster.clock import Sample
from gluten.cluster.master.delta_writer import DeltaWriter, Key, parse
from gluten.cluster.master.membership import ClusterNode, Membership
from gluten.cluster.master.scheduler import Scheduler
from gluten.cluster.node_info import NodeInfo
from gluten.cluster.ports import Router
from gluten.cluster.run.assignment import Ending, Moment, RunNotice
from gluten.errors import Refused, WireError
from gluten.net.bus import frames
from gluten.net.bus import messages as wire
from gluten.store.records import StoredDelta
from gluten.task.policy import REFUSED

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A frame from the bus, and when it came. A node's clock is measured by that instant."""

    peer: bytes
    frame: bytes
    at: Moment


class Inbox:
    """A peer that has not registered gets a challenge. Frames that cannot be read are counted (`malformed`)."""

    def __init__(
        self,
        router: Router,
        membership: Membership,
        scheduler: Scheduler,
        writer: DeltaWriter,
        moment: Callable[[], Moment],
        wake: Callable[[], None],
        welcome: wire.Welcome,
        late: Callable[[str], None],
        want: Callable[[ClusterNode, str, int], None],
    ) -> None:
        """`wake` asks for a turn of the master. `late` gets the run of each delta that comes after the run's end.
        `want` gets the node, the file and the offset of each part that a node asks for."""
        self._router, self._membership, self._scheduler, self._writer = router, membership, scheduler, writer
        self._moment, self._wake, self._welcome, self._late = moment, wake, welcome, late
        self._want = want
        self._arrived: deque[Arrival] = deque()
        self._committed: deque[tuple[Key, list[int]]] = deque()
        self.malformed: Counter[str] = Counter()
        self._handlers: dict[type[wire.Message], Callable[[ClusterNode, Any, Moment], None]] = {
            wire.Heartbeat: self._on_heartbeat,
            wire.Delta: self._on_delta,
            wire.Ended: self._on_ended,
            wire.Armed: self._on_armed,
            wire.Refused: self._on_refused,
            wire.NodeNotice: self._on_notice,
            wire.Prepared: self._scheduler.prepared,
            wire.ChoreDone: self._scheduler.chore_done,
            wire.FileWanted: self._on_file_wanted,
            wire.Bye: self._on_bye,
        }

    # Called at any time: these only queue

    def on_frame(self, peer: bytes, frame: bytes) -> None:
        """A frame from the bus."""
        self._arrived.append(Arrival(peer, frame, self._moment()))
        self._wake()

    def acknowledge(self, key: Key, numbers: list[int]) -> None:
        """These deltas are committed."""
        self._committed.append((key, numbers))
        self._wake()

    # Called in the master's turn

    def handle_arrived(self) -> None:
        """Handle all frames that have come; never raises because of what is in them."""
        while self._arrived:
            arrival = self._arrived.popleft()
            try:
                self._handle(arrival)
            except Exception:
                log.exception("a message on the bus could not be handled")

    def send_acknowledgements(self) -> None:
        """Slaves that are present may now forget the deltas that are committed."""
        while self._committed:
            (run, name, epoch), numbers = self._committed.popleft()
            node = self._membership.named(name)
            if node is not None:
                self.send(node, wire.Ack(run, epoch, numbers))

    def probe(self) -> None:
        """Find the nodes whose connection has ended: sending to them fails. A second answer to a heartbeat does the
        others no harm."""
        now = self._moment().now
        for node in self._membership.to_probe(now):
            self._probe(node, now)

    def _probe(self, node: ClusterNode, now: float) -> None:
        if not self.send(node, wire.Beat(node.beat_sent, node.beat_received)):
            self._membership.ended(node, now)

    def send(self, node: ClusterNode, message: wire.Message) -> bool:
        return self._router.send(node.peer, frames.encode(message))

    def _handle(self, arrival: Arrival) -> None:
        try:
            message = frames.decode_up(arrival.frame)
            if isinstance(message, wire.Hello):
                self._on_hello(arrival.peer, message, arrival.at)
            else:
                self._on_message(arrival.peer, message, arrival.at)
        except WireError as error:
            self._on_malformed(arrival.peer, error)

    def _on_message(self, peer: bytes, message: wire.Message, at: Moment) -> None:
        node = self._membership.seen(peer, at.now)
        if node is None:
            self._answer(peer, wire.Challenge())
        else:
            self._handlers[type(message)](node, message, at)

    def _answer(self, peer: bytes, message: wire.Message) -> None:
        self._router.send(peer, frames.encode(message))

    def _on_malformed(self, peer: bytes, error: WireError) -> None:
        self.malformed[error.code] += 1
        if error.code == "version":
            log.warning("a node was refused: %s", error)
            self._answer(peer, wire.Refuse("version", str(error)))
        elif self.malformed[error.code] == 1:
            log.warning("the bus got %s; such messages are dropped and counted", error)

    def _on_hello(self, peer: bytes, hello: wire.Hello, at: Moment) -> None:
        info = NodeInfo(
            hello.node,
            hello.name,
            hello.role,
            hello.cores,
            hello.version,
            hello.python,
            hello.host,
            hello.rpc_port,
            hello.load,
        )
        before = self._membership.namesake(info)
        if before is not None and not before.gone:
            self._probe(before, at.now)
        try:
            node = self._membership.join(info, peer, at.now, at.wall)
        except Refused as error:
            self._answer(peer, wire.Refuse("name", str(error)))
            return
        if before is not None:
            self._scheduler.lose(before.name, "its process ended, and another one took its name", at)
        log.info("node %s joined from %s with %d cores", node.name, info.host, info.cores)
        self.send(node, self._welcome)
        self._scheduler.repeat_adjustments(node)

    def _on_heartbeat(self, node: ClusterNode, beat: wire.Heartbeat, at: Moment) -> None:
        self.send(node, wire.Beat(beat.t0, at.now))
        node.beat(beat.cpu, beat.t0, at.now, beat.unanswered)
        node.run = beat.jobs[0][0] if beat.jobs else None
        if beat.offset is not None and beat.rtt is not None:
            node.clock = Sample(beat.offset, beat.rtt)
        self._scheduler.working(node, beat.jobs, at)

    def _on_delta(self, node: ClusterNode, message: wire.Delta, _at: Moment) -> None:
        delta = parse(message.body)
        live = self._scheduler.find(message.run)
        if live is None or (live.book.final and not live.book.ledger.knows(node.name, message.epoch, message.number)):
            self._late(message.run)
        else:
            live.run.delta(node.name, message.epoch, message.number, delta)
        self._writer.take(
            StoredDelta(message.run, node.name, message.epoch, message.number, delta.second, message.body)
        )

    def _on_ended(self, node: ClusterNode, ended: wire.Ended, at: Moment) -> None:
        live = self._scheduler.find(ended.run)
        if live is None or live.saved:
            self.send(node, wire.Closed(ended.run, ended.epoch))
            return
        ending = Ending(ended.last, ended.state, ended.reason, ended.ended, ended.kind)
        live.run.ended(node.name, ended.epoch, ending, at)
        self._scheduler.changed(live)
        if not live.run.awaits(node.name, ended.epoch):
            self._scheduler.close_lost(node.name, ended.run, ended.epoch)

    def _on_armed(self, node: ClusterNode, armed: wire.Armed, at: Moment) -> None:
        live = self._scheduler.find(armed.run)
        if live is not None:
            live.run.armed(node.name, armed.epoch, armed.late, at)
            self._scheduler.changed(live)

    def _on_refused(self, node: ClusterNode, refused: wire.Refused, at: Moment) -> None:
        live = self._scheduler.find(refused.run)
        if live is not None:
            ending = Ending(0, "failed", f"refused its part: {refused.text}", 0.0, REFUSED)
            live.run.ended(node.name, refused.epoch, ending, at)
            self._scheduler.changed(live)

    def _on_notice(self, node: ClusterNode, message: wire.NodeNotice, at: Moment) -> None:
        live = self._scheduler.find(message.run)
        if live is not None:
            notice = RunNotice(message.kind, message.gap, message.text, message.second)
            live.run.notice(node.name, message.epoch, notice, at)
            self._scheduler.changed(live)

    def _on_file_wanted(self, node: ClusterNode, message: wire.FileWanted, at: Moment) -> None:
        self._scheduler.wants_file(node, at)
        self._want(node, message.sha, message.offset)

    def _on_bye(self, node: ClusterNode, _bye: wire.Bye, at: Moment) -> None:
        self._membership.leave(node.peer)
        log.info("node %s left", node.name)
        self._scheduler.lose(node.name, "it was stopped", at)
