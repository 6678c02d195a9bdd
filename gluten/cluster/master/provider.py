"""Gets the files of runs to the nodes, before the runs begin, and tells the nodes when they are over."""

from __future__ import annotations

from collections.abc import Callable

from gluten.cluster.master.membership import ClusterNode, Membership
from gluten.cluster.master.preparation import Preparation
from gluten.cluster.master.run_writer import LiveRun
from gluten.cluster.ports import MasterFiles
from gluten.cluster.run.assignment import Moment
from gluten.cluster.run.run_book import RunBook
from gluten.errors import GlutenError
from gluten.net.bus import messages as wire
from gluten.store.files.feed_files import read_text

GONE = "the master was restarted, and a secret feed is kept on disk only while it is needed: send the task again"


class Provider:
    """One run at a time is prepared. `send` sends a message to a node."""

    def __init__(
        self, files: MasterFiles, membership: Membership, send: Callable[[ClusterNode, wire.Message], bool]
    ) -> None:
        self._files, self._membership, self._send = files, membership, send
        self._preparation: Preparation | None = None

    # The files of a run

    def keep(self, run: RunBook) -> None:
        """The run needs its files until it is over."""
        if run.files:
            self._files.keep(run.id, run.files)

    def recover(self, run: RunBook) -> None:
        """Find out which files the run of an earlier master needs. A calling greenlet may wait."""
        if not run.asked.files:
            return
        try:
            run.files = self._files.apart(lambda: read_text(run.asked)).files
            self._files.keep(run.id, run.files)
        except GlutenError as error:
            run.lacking = str(error)
        if any(run.files.values()):
            run.lacking = GONE
        elif missing := next((name for name, sha in run.asked.files if not self._files.has(sha)), ""):
            run.lacking = f"the master was restarted, and lacks the file {missing!r}: send the task again"

    def over(self, run: RunBook) -> None:
        """The run is over: neither the master nor any node need keep anything for it."""
        if not run.asked.files and not run.chores.all:
            return
        self._files.release(run.id)
        if self._preparation is not None and self._preparation.run == run.id:
            self._preparation = None
        self._tell_over(run.id, [node for node in self._membership if node.present])

    def _tell_over(self, run: str, nodes: list[ClusterNode]) -> None:
        for node in nodes:
            self._send(node, wire.Prepare(run, []))

    # Before a run begins

    def prepare(self, live: LiveRun, nodes: list[ClusterNode], at: Moment) -> bool:
        """Send what a run needs to these nodes. False: it needs no files."""
        files = live.book.files
        if not files:
            return False
        size = sum(self._files.size(sha) or 0 for sha in files)
        names = {node.name: node.info.node for node in nodes}
        self._preparation = Preparation(live.book.id, files, size, names, at.now)
        live.run.prepare(len(nodes), at)
        for node in nodes:
            self._ask(node)
        return True

    def step(self, live: LiveRun, at: Moment) -> list[ClusterNode] | None:
        """Do what has become due. The nodes that have the files, once no other is waited for; else None."""
        preparation = self._preparation
        if preparation is None or live.book.wanted is not None:
            return None
        for name in preparation.ask_again(at.now):
            if (node := self._membership.named(name)) is not None:
                self._ask(node)
        present = [(node.name, node.info.node) for node in self._membership if node.present]
        for name, why in preparation.leave_out(present, at.now).items():
            live.run.left_out(name, why, at)
        live.run.waits(len(preparation.waiting))
        return None if preparation.waiting else self._ready(live, preparation, at)

    def _ready(self, live: LiveRun, preparation: Preparation, at: Moment) -> list[ClusterNode] | None:
        able = [node for node in self._membership.able() if node.name in preparation.ready]
        if able:
            self._preparation = None
            return able
        if not any(self._membership.named(name) for name in preparation.ready):
            whys = "; ".join(f"{name}: {why}" for name, why in preparation.left_out.items())
            live.run.fail(f"no node has the files that it needs: {whys or 'all nodes that had them are gone'}", at)
        return None

    def _ask(self, node: ClusterNode) -> None:
        assert self._preparation is not None
        self._send(node, wire.Prepare(self._preparation.run, list(self._preparation.files.items())))

    # What nodes say

    def heard(self, node: ClusterNode, at: Moment) -> None:
        """The node asks for a part of a file."""
        if self._preparation is not None:
            self._preparation.heard(node.name, at.now)

    def prepared(self, node: ClusterNode, message: wire.Prepared, live: LiveRun | None, at: Moment) -> None:
        """The node has a run's files, or says why it has not."""
        if live is None or live.book.final:
            self._tell_over(message.run, [node])
            return
        preparation = self._preparation
        is_awaited = preparation is not None and preparation.run == message.run
        if preparation and is_awaited and (why := preparation.answered(node.name, node.info.node, message.text)):
            live.run.left_out(node.name, why, at)
