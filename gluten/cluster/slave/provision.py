"""What this node needs before it can begin: the files of a run, and what the run's text says.

The master says which files a run needs (`prepare`), and the node gets those that it lacks, one after the other. An
order whose files are not here waits for them. A run's files are kept until the master says that the run is over, or
until nothing was heard from it for the length of the lease.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from gluten.cluster.ports import Download, Instant, Job, NodeFiles
from gluten.cluster.slave.fetch import Fetch
from gluten.errors import GlutenError
from gluten.net.bus import messages as wire
from gluten.store.files.feed_files import Inspection, read_text
from gluten.task.task import Task

log = logging.getLogger(__name__)

Hosts = tuple[Task, ...]
"""A task once for each host that it asks."""
Order = wire.TaskOrder | wire.Chore
Begin = Callable[[Order, Hosts, Mapping[str, str]], None]
"""Makes load or does a chore, with the files' paths by their names."""


@dataclass(slots=True)
class Need:
    """What one run needs here. `files` are SHA-256, and whether they are secret. `orders` wait, by their
    places."""

    files: dict[str, bool] = field(default_factory=dict)
    orders: dict[int | str, Order] = field(default_factory=dict)
    text: Job[Inspection] | None = None
    told: bool = True
    """The master knows that the files are here, or did not ask."""


class Provision:
    """`begin` is called for an order once all is here. `send` sends a message to the master."""

    def __init__(self, files: NodeFiles, send: Callable[[wire.Message], bool], now: Instant, begin: Begin) -> None:
        self._files, self._send, self._now, self._begin = files, send, now, begin
        self._needs: dict[str, Need] = {}
        self._fetch: Fetch | None = None

    @property
    def busy(self) -> bool:
        """A file is on its way here, or an order waits."""
        return self._fetch is not None or any(need.orders or not need.told for need in self._needs.values())

    # From the master

    def prepare(self, message: wire.Prepare) -> None:
        """Get these files, and answer once they are here. Without files: the run is over."""
        if not message.files:
            self.forget(message.run)
            return
        need = self._needs.setdefault(message.run, Need())
        need.files |= dict(message.files)
        need.told = False
        self.step()

    def order(self, order: Order) -> None:
        """Begin it, once what it needs is here."""
        task = order.task
        if not task.workload:
            self._begin(order, (task,), {})
            return
        need = self._needs.setdefault(order.run, Need())
        need.orders[order.place] = order
        if need.text is None:
            need.text = self._files.begin(partial(read_text, task), self.step)
        self.step()

    def stop(self, run: str, epoch: int) -> bool:
        """Whether the order waited here. It does not begin any more."""
        need = self._needs.get(run)
        if need is None or need.orders.pop(epoch, None) is None:
            return False
        self._send(wire.Refused(run, epoch, "it was stopped before its files were here"))
        return True

    def part(self, part: wire.FilePart) -> None:
        if self._fetch is not None and self._fetch.sha == part.sha:
            try:
                self._fetch.part(part, self._now())
            except GlutenError as error:
                self._fail(part.sha, str(error))
        self.step()

    def welcomed(self) -> None:
        """There is a new connection. The master learns again for which runs files are here."""
        if self._fetch is not None:
            self._fetch.reset()
        for need in self._needs.values():
            need.told = False
        self.step()

    # This node's own will

    def forget(self, run: str) -> None:
        """The run needs nothing any more."""
        if self._needs.pop(run, None) is not None:
            self._files.release(run)

    def forget_all(self) -> None:
        for run in list(self._needs):
            self.forget(run)
        self.step()

    def step(self) -> None:
        """Do what can be done now."""
        self._read()
        self._look_at_fetch()
        for run, need in list(self._needs.items()):
            if self._missing(need) is None:
                self._complete(run, need)
        self._ask()

    def _read(self) -> None:
        """Take what the texts of runs say."""
        for run, need in list(self._needs.items()):
            if need.text is not None and need.text.done and need.orders:
                try:
                    need.files |= need.text.result().files
                except GlutenError as error:
                    self._refuse(run, need, str(error))

    def _missing(self, need: Need) -> str | None:
        """A file that the run needs and that is not here."""
        return next((sha for sha in need.files if not self._files.has(sha)), None)

    def _complete(self, run: str, need: Need) -> None:
        """All files are here."""
        waits_for_text = need.text is not None and not need.text.done
        try:
            self._files.keep(run, need.files)
            if not need.told:
                need.told = self._send(wire.Prepared(run, ""))
            if need.text is not None and not waits_for_text:
                self._begin_all(need, need.text.result().hosts)
        except GlutenError as error:
            self._refuse(run, need, str(error))

    def _begin_all(self, need: Need, hosts: Hosts) -> None:
        while need.orders:
            order = need.orders.pop(next(iter(need.orders)))
            paths = {name: self._files.path(sha) for name, sha in order.task.files}
            self._begin(order, hosts, paths)

    def _look_at_fetch(self) -> None:
        fetch = self._fetch
        if fetch is None:
            return
        if fetch.problem:
            self._fail(fetch.sha, fetch.problem)
        elif fetch.done:
            self._fetch = None
        elif not any(fetch.sha in need.files for need in self._needs.values()):
            fetch.drop()
            self._fetch = None

    def _fail(self, sha: str, why: str) -> None:
        """The runs that need this file cannot have it."""
        log.warning("the file %s did not come: %s", sha, why)
        if self._fetch is not None:
            self._fetch.drop()
            self._fetch = None
        for run, need in list(self._needs.items()):
            if sha in need.files:
                self._refuse(run, need, why)

    def _refuse(self, run: str, need: Need, why: str) -> None:
        if not need.told:
            self._send(wire.Prepared(run, why or "it failed"))
        for order in need.orders.values():
            self._send(_refusal(order, why))
        self.forget(run)

    def _ask(self) -> None:
        """Ask for parts of the file that comes now, or of the first that is missing."""
        if self._fetch is None:
            missing = next(filter(None, map(self._missing, self._needs.values())), None)
            if missing is None:
                return
            secret = any(need.files.get(missing) for need in self._needs.values())
            self._fetch = Fetch(missing, partial(self._download, missing, secret))
        for offset in self._fetch.wanted(self._now()):
            self._send(wire.FileWanted(self._fetch.sha, offset))

    def _download(self, sha: str, secret: bool, size: int) -> Download:
        return self._files.download(sha, size, secret, self.step)


def _refusal(order: Order, why: str) -> wire.Message:
    if isinstance(order, wire.Chore):
        return wire.ChoreDone(order.run, order.kind, why, "", {}, 0.0)
    return wire.Refused(order.run, order.epoch, why)
