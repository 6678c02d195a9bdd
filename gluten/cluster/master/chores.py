"""Has one node do the setup of a run before its load, and one node its teardown after it."""

from __future__ import annotations

from collections.abc import Callable

from gluten.cluster.master.membership import LEFT, ClusterNode, Membership
from gluten.cluster.master.run_writer import LiveRun
from gluten.cluster.run import around
from gluten.cluster.run.assignment import Moment
from gluten.cluster.run.run_book import RunBook
from gluten.cluster.run.run_chores import ASKED, DUE, NEW, RunChore
from gluten.net.bus import messages as wire
from gluten.plan.chores import ChoreDone

AGAIN = 2.0
"""Seconds after which a node that has not answered is asked again."""
MARGIN = 15.0
"""Seconds beyond the timeouts of its requests, after which a chore has failed."""
PATIENCE = 30.0
"""Seconds for which a teardown waits for a node that could do it."""


class MasterChores:
    """`send` sends a message to a node. A node that has been silent for `patience` s does nothing any more."""

    def __init__(
        self, membership: Membership, send: Callable[[ClusterNode, wire.Message], bool], patience: float
    ) -> None:
        self._membership, self._send, self._patience = membership, send, patience
        self._names: set[str] = set()

    def set_up(self, live: LiveRun, nodes: list[ClusterNode], at: Moment) -> bool:
        """Ask one of these nodes, which will load, to do the setup. False: the load may begin."""
        setup = live.book.chores.setup
        if setup is None or setup.state != NEW:
            return False
        self._names = {node.name for node in nodes}
        self._ask(live.book, setup, nodes, at)
        return True

    def step(self, live: LiveRun, at: Moment) -> None:
        """Do what has become due."""
        for chore in live.book.chores.all:
            if chore.waits and not live.book.final:
                self._step(live.book, chore, at)

    def ready(self, live: LiveRun) -> list[ClusterNode]:
        """The nodes that load, once setup is done. They have the run's files, if one of them is left."""
        if not live.book.chores.is_set_up or live.book.wanted is not None:
            return []
        able = self._membership.able()
        return [node for node in able if not live.book.files or node.name in self._names] or able

    def done(self, node: ClusterNode, message: wire.ChoreDone, live: LiveRun | None, at: Moment) -> None:
        """A node says what came of a chore."""
        if live is None or live.book.final:
            self._send(node, wire.Prepare(message.run, []))
            return
        said = ChoreDone(message.run, message.kind, message.reason, message.fault, message.taken, message.seconds)
        around.answered(live.book, node.name, node.info.node, said, at)

    def _step(self, book: RunBook, chore: RunChore, at: Moment) -> None:
        node = self._membership.named(chore.name)
        if chore.state == ASKED and at.now - chore.since > chore.longest + MARGIN:
            around.give_up(book, chore, f"node {chore.name} did not answer within {at.now - chore.since:.0f} s", at)
        elif chore.state == ASKED and node is not None and node.info.node == chore.node and not node.gone:
            if at.now - chore.asked >= AGAIN:
                chore.asked = at.now
                self._send(node, _order(book, chore))
        elif chore.state == DUE or self._is_lost(chore, at):
            self._ask_another(book, chore, at)

    def _is_lost(self, chore: RunChore, at: Moment) -> bool:
        """The node that was asked does nothing any more."""
        node = next((node for node in self._membership if node.info.node == chore.node), None)
        if node is None or node.gone or node.state == LEFT:
            return True
        return not node.present and at.now - node.last_seen > self._patience

    def _ask_another(self, book: RunBook, chore: RunChore, at: Moment) -> None:
        if able := self._membership.able():
            self._ask(book, chore, able, at)
        elif chore.state == DUE and at.now - book.ending_since > PATIENCE:
            around.give_up(book, chore, "no node is left that could do it", at)

    def _ask(self, book: RunBook, chore: RunChore, nodes: list[ClusterNode], at: Moment) -> None:
        """A node that an earlier master has asked may know the answer, so it is asked again."""
        node = next((node for node in nodes if node.name == chore.name), nodes[0])
        around.ask(book, chore, node.name, node.info.node, at)
        self._send(node, _order(book, chore))


def _order(book: RunBook, chore: RunChore) -> wire.Message:
    return wire.Chore(book.id, chore.kind, book.asked, dict(book.chores.taken))
