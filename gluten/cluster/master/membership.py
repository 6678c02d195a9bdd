"""Who is in the cluster, and who of them is alive. Pure: `now` (monotonic s) comes in.

Any traffic counts as a sign of life. A node is suspect after 4 s of silence and lost after 10 s. A node is known by
its id, which each process makes for itself, and shown by its name, which is unique among the living.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gluten.cluster.clock import Sample
from gluten.cluster.node_info import NodeInfo
from gluten.errors import Refused

ALIVE, SUSPECT, LOST, LEFT = "alive", "suspect", "lost", "left"
SUSPECT_AFTER = 4.0
LOST_AFTER = 10.0
QUIET_AFTER = 1.2
"""A node that has missed a heartbeat: is its connection still there?"""
GIVEN_UP = 2.9
"""A slave that hears nothing closes its connection itself, but not so early (`net.bus.DEALER_SILENT_MS`): one that
ends sooner was ended by its process' end, and is no sign of a broken link behind which load goes on."""
FORGET_AFTER = 3600.0
MAX_NODES = 10_000


@dataclass(slots=True)
class ClusterNode:
    """A node that has registered; `peer` is the connection that it was last heard on."""

    info: NodeInfo
    peer: bytes
    heard: float
    joined_at: float
    order: int
    state: str = ALIVE
    cpu: float = 0.0
    run: str | None = None
    clock: Sample | None = None
    said: float = 0.0
    """When it said its last heartbeat, by its own clock,"""
    beaten: float = 0.0
    """when that came,"""
    unanswered: float = 0.0
    """and how long before it it had said what was answered."""
    gone: bool = False
    """Its process has ended."""

    @property
    def name(self) -> str:
        return self.info.name

    @property
    def present(self) -> bool:
        return self.state in (ALIVE, SUSPECT)

    @property
    def able(self) -> bool:
        """Can be given load now: it takes part, is alive, and its clock is known."""
        return self.state == ALIVE and self.info.load and self.clock is not None


class Membership:
    """All members, in the order in which they first came."""

    def __init__(self, suspect_after: float = SUSPECT_AFTER, lost_after: float = LOST_AFTER) -> None:
        self._limits = (suspect_after, lost_after)
        self._members: dict[str, ClusterNode] = {}
        self._peers: dict[bytes, ClusterNode] = {}
        self._names: dict[str, ClusterNode] = {}
        self._count = 0

    def __len__(self) -> int:
        return len(self._members)

    def __iter__(self) -> Iterator[ClusterNode]:
        return iter(sorted(self._members.values(), key=lambda member: member.order))

    def join(self, info: NodeInfo, peer: bytes, now: float, wall: float) -> ClusterNode:
        """Register, or register again. Raises `Refused` for a name that a living node has."""
        other = self._names.get(info.name)
        if other is not None and other.info.node != info.node:
            if other.present:
                raise Refused(_taken(info.name, other, now))
            self._forget(other)
        if len(self._members) >= MAX_NODES and info.node not in self._members:
            raise Refused(f"the master knows {MAX_NODES} nodes already, which is the most")
        return self._place(info, peer, now, wall)

    def heard(self, peer: bytes, now: float) -> ClusterNode | None:
        """The member behind `peer`, who is alive; None where it has to register (again)."""
        member = self._peers.get(peer)
        if member is None or not member.present:
            return None
        member.heard = now
        member.state, member.gone = ALIVE, False
        return member

    def leave(self, peer: bytes) -> ClusterNode | None:
        """The member says goodbye."""
        member = self._peers.pop(peer, None)
        if member is not None:
            member.state, member.run = LEFT, None
        return member

    def named(self, name: str) -> ClusterNode | None:
        """The present member of this name."""
        member = self._names.get(name)
        return member if member is not None and member.present else None

    def able(self) -> list[ClusterNode]:
        return [member for member in self if member.able]

    def quiet(self, now: float) -> list[ClusterNode]:
        """Who may have gone just now: the end of a connection tells so only for a while."""
        doubted = (m for m in self._members.values() if m.present and not m.gone and now - m.heard > QUIET_AFTER)
        return [member for member in doubted if now - member.beaten + member.unanswered < GIVEN_UP]

    def ended(self, member: ClusterNode, now: float) -> None:
        """Its connection has ended."""
        member.gone = now - member.beaten + member.unanswered < GIVEN_UP

    def excuse(self, seconds: float) -> None:
        """The master itself was away for so long: nobody can be blamed for silence."""
        for member in self._members.values():
            member.heard += seconds

    def sweep(self, now: float) -> list[ClusterNode]:
        """Judge everybody by their silence; who was lost just now."""
        lost = []
        for member in list(self._members.values()):
            if member.present and self._judge(member, now) == LOST:
                lost.append(member)
            elif not member.present and now - member.heard > FORGET_AFTER:
                self._forget(member)
        return lost

    def _judge(self, member: ClusterNode, now: float) -> str:
        silent = now - member.heard
        member.state = LOST if silent >= self._limits[1] else SUSPECT if silent >= self._limits[0] else ALIVE
        if member.state == LOST:
            member.run = None
            self._peers.pop(member.peer, None)
        return member.state

    def _place(self, info: NodeInfo, peer: bytes, now: float, wall: float) -> ClusterNode:
        known = self._members.get(info.node)
        if known is None:
            self._count += 1
            known = ClusterNode(info, peer, now, wall, self._count)
            self._members[info.node] = known
        elif known.name != info.name:
            self._names.pop(known.name, None)
        before = self._peers.pop(peer, None)
        if before is not None and before is not known:
            before.peer = b""
        self._peers.pop(known.peer, None)
        known.info, known.peer, known.heard, known.state, known.gone = info, peer, now, ALIVE, False
        self._peers[peer] = self._names[info.name] = known
        return known

    def _forget(self, member: ClusterNode) -> None:
        self._members.pop(member.info.node, None)
        self._peers.pop(member.peer, None)
        if self._names.get(member.name) is member:
            del self._names[member.name]


def _taken(name: str, other: ClusterNode, now: float) -> str:
    return (
        f"node {name}: a node of this name is already here (on {other.info.host}, heard "
        f"{max(0.0, now - other.heard):.0f} s ago): give this one another --name, or wait until that one has gone"
    )
