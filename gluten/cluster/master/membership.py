"""Which nodes are in the cluster, and in which state. Pure: `now` (monotonic s) comes in.

A node is known by its id, which each process makes for itself. People see its name, which no two present nodes share.
Its state follows from when a message of it came last (`last_seen`):

- alive: not yet 4 s ago.
- suspect: it has been silent for 4 s or more. "Silent" always means that no message of the node arrives, for whatever
  reason. A suspect node is still present: it may be making load, and its next message makes it alive.
- lost: it has been silent for 10 s. It has to register again. When its work is given to others is another question: at
  once where its process is known to have ended, else when its lease has ended (`Scheduler.silent`).
- left: it was stopped and has sent its `Bye`. Nothing more is expected from it.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from gluten.cluster.clock import Sample
from gluten.cluster.node_info import NodeInfo
from gluten.errors import Refused

ALIVE, SUSPECT, LOST, LEFT = "alive", "suspect", "lost", "left"
SUSPECT_AFTER = 4.0
LOST_AFTER = 10.0
PROBE_AFTER = 1.2
"""A node has missed a heartbeat. The master then probes whether its connection still exists."""
GIVEN_UP = 2.9
"""A silent master makes a slave close its connection, but not before so many seconds (`net.bus.DEALER_SILENT_MS`). A
connection that ends sooner has ended with its process. It is no sign of a broken link behind which load goes on."""
FORGET_AFTER = 3600.0
MAX_NODES = 10_000
PROBE_PAUSE = 0.1
"""Seconds between two probes of a node."""
HISTORY, HISTORY_PAUSE = 60, 0.5
"""How many figures of a node's CPU are kept, and the least seconds between two. A sooner heartbeat adds none."""


@dataclass(slots=True)
class ClusterNode:
    """A node that has registered; `peer` is the connection on which its last message came."""

    info: NodeInfo
    peer: bytes
    last_seen: float
    joined_at: float
    order: int
    state: str = ALIVE
    cpu: float = 0.0
    cpu_history: deque[float] = field(default_factory=lambda: deque(maxlen=HISTORY))
    """`cpu`, about once a second, oldest first."""
    run: str | None = None
    clock: Sample | None = None
    beat_sent: float = 0.0
    """When it sent its last heartbeat, by its own clock."""
    beat_received: float = 0.0
    """When that heartbeat came."""
    unanswered: float = 0.0
    """How long before that heartbeat it had sent the last one that was answered."""
    gone: bool = False
    """Its process has ended."""

    @property
    def name(self) -> str:
        return self.info.name

    def beat(self, cpu: float, sent: float, received: float, unanswered: float) -> None:
        """A heartbeat came."""
        if received - self.beat_received >= HISTORY_PAUSE:
            self.cpu_history.append(cpu)
        self.cpu, self.beat_sent, self.beat_received, self.unanswered = cpu, sent, received, unanswered

    @property
    def present(self) -> bool:
        return self.state in (ALIVE, SUSPECT)

    @property
    def able(self) -> bool:
        """It can be given load now: it takes part, is alive, and its clock is known."""
        return self.state == ALIVE and self.info.load and self.clock is not None


class Membership:
    """All nodes, in the order in which they first registered."""

    def __init__(self, suspect_after: float = SUSPECT_AFTER, lost_after: float = LOST_AFTER) -> None:
        self._limits = (suspect_after, lost_after)
        self._nodes: dict[str, ClusterNode] = {}
        self._peers: dict[bytes, ClusterNode] = {}
        self._names: dict[str, ClusterNode] = {}
        self._count = 0

    def __len__(self) -> int:
        return len(self._nodes)

    def __iter__(self) -> Iterator[ClusterNode]:
        return iter(sorted(self._nodes.values(), key=lambda node: node.order))

    def join(self, info: NodeInfo, peer: bytes, now: float, wall: float) -> ClusterNode:
        """Register, or register again. Raises `Refused` for a name that a present node has, whose process lives."""
        other = self._names.get(info.name)
        if other is not None and other.info.node != info.node:
            if other.present and not other.gone:
                raise Refused(_taken(info.name, other, now))
            self._forget(other)
        if len(self._nodes) >= MAX_NODES and info.node not in self._nodes:
            raise Refused(f"the master knows {MAX_NODES} nodes already, which is the most")
        return self._place(info, peer, now, wall)

    def seen(self, peer: bytes, now: float) -> ClusterNode | None:
        """A message came from `peer`: its node, which is alive. None: it has to register (again)."""
        node = self._peers.get(peer)
        if node is None or not node.present:
            return None
        node.last_seen = now
        node.state, node.gone = ALIVE, False
        return node

    def leave(self, peer: bytes) -> ClusterNode | None:
        """The node has sent its `Bye`."""
        node = self._peers.pop(peer, None)
        if node is not None:
            node.state, node.run = LEFT, None
        return node

    def named(self, name: str) -> ClusterNode | None:
        """The present node of this name."""
        node = self._names.get(name)
        return node if node is not None and node.present else None

    def namesake(self, info: NodeInfo) -> ClusterNode | None:
        """The present node, of another process, that has the name of this one."""
        other = self.named(info.name)
        return other if other is not None and other.info.node != info.node else None

    def able(self) -> list[ClusterNode]:
        return [node for node in self if node.able]

    def to_probe(self, now: float) -> list[ClusterNode]:
        """The nodes that have missed a heartbeat. A probe soon after it shows whether the process has ended; later
        the connection ends in any case."""
        missed = (n for n in self._nodes.values() if n.present and not n.gone and now - n.last_seen > PROBE_AFTER)
        return [node for node in missed if now - node.beat_received + node.unanswered < GIVEN_UP]

    def ended(self, node: ClusterNode, now: float) -> None:
        """Its connection has ended."""
        node.gone = now - node.beat_received + node.unanswered < GIVEN_UP

    def excuse(self, seconds: float) -> None:
        """The master itself was paused for so long. This silence is not held against the nodes."""
        for node in self._nodes.values():
            node.last_seen += seconds

    def sweep(self, now: float) -> list[ClusterNode]:
        """Give each node its state; the nodes that have just become lost."""
        lost = []
        for node in list(self._nodes.values()):
            if node.present and self._judge(node, now) == LOST:
                lost.append(node)
            elif not node.present and now - node.last_seen > FORGET_AFTER:
                self._forget(node)
        return lost

    def due(self, now: float) -> float:
        """When `sweep` finds something next, or a silent node is probed again, unless nodes send messages before.
        Infinity: never. Nodes whose heartbeats come have no part in it, so that the master need not wake for them."""
        return min((_next_judgement(node, now, self._limits) for node in self._nodes.values()), default=math.inf)

    def _judge(self, node: ClusterNode, now: float) -> str:
        silent = now - node.last_seen
        node.state = LOST if silent >= self._limits[1] else SUSPECT if silent >= self._limits[0] else ALIVE
        if node.state == LOST:
            node.run = None
            self._peers.pop(node.peer, None)
        return node.state

    def _place(self, info: NodeInfo, peer: bytes, now: float, wall: float) -> ClusterNode:
        node = self._nodes.get(info.node)
        if node is None:
            self._count += 1
            node = ClusterNode(info, peer, now, wall, self._count)
            self._nodes[info.node] = node
        elif node.name != info.name:
            self._names.pop(node.name, None)
        before = self._peers.pop(peer, None)
        if before is not None and before is not node:
            before.peer = b""
        self._peers.pop(node.peer, None)
        node.info, node.peer, node.last_seen, node.state, node.gone = info, peer, now, ALIVE, False
        self._peers[peer] = self._names[info.name] = node
        return node

    def _forget(self, node: ClusterNode) -> None:
        self._nodes.pop(node.info.node, None)
        self._peers.pop(node.peer, None)
        if self._names.get(node.name) is node:
            del self._names[node.name]


def _next_judgement(node: ClusterNode, now: float, limits: tuple[float, float]) -> float:
    """When the silence of a node means something new."""
    if not node.present:
        return node.last_seen + FORGET_AFTER
    silent = now - node.last_seen
    if silent >= PROBE_AFTER and not node.gone and now - node.beat_received + node.unanswered < GIVEN_UP:
        return now + PROBE_PAUSE
    return min((node.last_seen + limit for limit in limits if limit > silent), default=now)


def _taken(name: str, other: ClusterNode, now: float) -> str:
    return (
        f"node {name}: a node of this name is already here (on {other.info.host}, last seen "
        f"{max(0.0, now - other.last_seen):.0f} s ago): give this one another --name, or wait until that one has gone"
    )
