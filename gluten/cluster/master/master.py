"""What a master does, over the bus, the store and the clocks that it is handed. `Master.turn` shows it as a whole."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from gluten.audit import AuditEntry
from gluten.cluster.master import reporting, views
from gluten.cluster.master.broadcast import Broadcast
from gluten.cluster.master.delta_writer import DeltaWriter
from gluten.cluster.master.file_server import FileServer
from gluten.cluster.master.history import History
from gluten.cluster.master.inbox import Inbox
from gluten.cluster.master.journal import Journal
from gluten.cluster.master.late_deltas import LateDeltas
from gluten.cluster.master.membership import LOST_AFTER, ClusterNode, Membership
from gluten.cluster.master.orders import Orders
from gluten.cluster.master.provider import Provider
from gluten.cluster.master.queries import Queries
from gluten.cluster.master.retention.deletion import Deletion
from gluten.cluster.master.run_writer import RunWriter
from gluten.cluster.master.scheduler import Scheduler
from gluten.cluster.master.tables.table_writer import TableWriter
from gluten.cluster.no_files import NoFiles
from gluten.cluster.ports import AsyncStore, Instant, MasterFiles, Router, Trials
from gluten.cluster.run.assignment import Moment
from gluten.documents import (
    AuditDocument,
    BaselineDocument,
    NameDocument,
    NodeDocument,
    ReportDocument,
    RunDocument,
    UpdateDocument,
    WindowDocument,
)
from gluten.facade import Upload
from gluten.listing import EVERY, Listing
from gluten.net.bus import messages as wire
from gluten.plan.run_state import QUEUED
from gluten.task.policy import OPEN, Policy
from gluten.task.task import Task
from gluten.version import __version__

log = logging.getLogger(__name__)
T = TypeVar("T")

LEASE, HEARTBEAT = 15.0, 1.0
QUIET_EACH = 0.001
"""Watchers get changes at most once in so many seconds for each node: a row of all nodes has its price."""
STALL, SLEEP = 1.5, 1.2
"""A master that had no turn for `STALL` seconds received nothing. It does not hold that silence against its nodes. An
idle one sleeps for `SLEEP` seconds at most (`daemon.rounds.REST`), which are no stall."""


class Master:
    """A node calls `open` once. Then it has four greenlets:

    - one calls `turn` when it is `due`, ten times a second while it is `busy`, and `react` when `wake` was called.
    - one calls `flush` while something is `unstored`. It waits for the store.
    - one calls `build_reports` while a run is `unreported`. It takes long and gives way.
    - one calls `serve_files`, which waits for the disk, when `wake_files` was called.

    All other methods are what people ask for. Each runs in the greenlet of the service or page that asks.
    """

    def __init__(
        self, router: Router, store: AsyncStore, now: Instant, wall: Instant, base: str,
        lease: float = LEASE, heartbeat: float = HEARTBEAT, policy: Policy = OPEN,
        give_way: Callable[[], None] = lambda: None, wake: Callable[[], None] = lambda: None,
        files: MasterFiles | None = None, wake_files: Callable[[], None] = lambda: None,
        trials: Trials | None = None, queue_timeout: float | None = None,
    ) -> None:  # fmt: skip
        """`now` is monotonic, `wall` Unix time. `base` is the web page's address, such as http://host:8888. `policy`
        says which tasks are accepted. What takes long calls `give_way` often, to give others a turn: reports, and many
        rows. `wake` is called when `react`, `flush` or `build_reports` has something to do. `files` are those of
        workloads. `trials` sends requests that people try. Queued runs fail after `queue_timeout` s without a node."""
        self._router, self._now, self._wall, self.base, self._policy = router, now, wall, base, policy
        self._report = partial(reporting.build, give_way=give_way)
        moment, report, link, send, most = self._moment, self._report, self._link, self._send, policy.max_connections
        self._membership, self._watchers = Membership(), Broadcast()
        self._files = files or NoFiles()
        self._journal, self._history = Journal(store, now), History(store, link, self._files)
        nodes, journal = self._membership, self._journal
        run_writer, silence = RunWriter(journal, report, link, moment), max(lease, LOST_AFTER)
        self._provider = Provider(self._files, nodes, send)
        self._file_server = FileServer(self._files, self._send, wake_files)
        self._scheduler = Scheduler(
            nodes, send, journal, run_writer, moment, wake, self._provider, silence, most, queue_timeout
        )
        self._late, self._tables = LateDeltas(store, journal, now), TableWriter(store, journal, self._scheduler, now)
        self._writer = DeltaWriter(store, journal, lambda *done: self._inbox.acknowledge(*done), before=self._late.mark)
        welcome = wire.Welcome(wire.PROTOCOL, __version__, lease, heartbeat)
        late, want = self._late.arrived, self._file_server.want
        self._inbox = Inbox(router, nodes, self._scheduler, self._writer, moment, wake, welcome, late, want)
        runs, effect, seen = self._scheduler, self._take_effect, self._watchers
        self.queries = queries = Queries(store, journal, runs, self._history, report, link, now, seen, give_way)
        self.orders = Orders(store, nodes, runs, queries, policy, moment, effect, self._files, self._provider, trials)
        self.deletion = Deletion(store, journal, runs, self._history, queries, wall, wake)
        self._last_turn, self._stall, self._wake, self.counted = now(), STALL, wake, queries.counted

    # The node's calls

    @property
    def busy(self) -> bool:
        return self._scheduler.busy or self._watchers.is_behind(self._scheduler.versions)

    def due(self) -> float:
        """When it needs a turn though it is not busy (monotonic s)."""
        return self._membership.due(self._now())

    @property
    def unsettled(self) -> bool:
        """Counts, events or reports of runs wait for the store."""
        return bool(len(self._writer) or len(self._journal) or len(self._late))

    @property
    def unstored(self) -> bool:
        """`flush` has something to do, now or soon."""
        return self.unsettled or self.deletion.purging or self._tables.filling

    @property
    def unreported(self) -> bool:
        return self._scheduler.unreported

    def turn(self) -> None:
        """What a master does, from top to bottom."""
        at = self._moment()
        self._excuse_pause(at.now)  # after a pause of the master itself
        self._inbox.handle_arrived()  # messages of nodes, in the order of their arrival
        self._judge_silence(at)  # nodes that become suspect or lost
        self._inbox.probe()  # nodes that have missed a heartbeat
        self._scheduler.tick()  # the active run, then the next one of the queue
        self._scheduler.settle()  # orders to nodes; events and states to the journal
        self._inbox.send_acknowledgements()  # of deltas that `flush` has committed
        self._wake_watchers()  # if a run has changed
        self._stall = STALL if self.busy else STALL + SLEEP

    def react(self) -> None:
        """The part of a turn that must not wait for the next one."""
        self._inbox.handle_arrived()
        self._scheduler.settle()
        self._inbox.send_acknowledgements()

    def flush(self) -> bool:
        """Store what waits: deltas, seconds for SQL, events, states and reports, the reports of runs with late deltas;
        remove some rows of deleted runs. False where the store is away: wait a second."""
        stored = self._writer.flush() and self._tables.flush() and self._journal.flush()
        return stored and self._late.rebuild(self._scheduler.is_saved, self._rebuild) and self.deletion.purge()

    def build_reports(self) -> None:
        """Build the reports of the runs that have ended."""
        if self._scheduler.build_reports():
            self._watchers.send()
            self._wake()

    def serve_files(self) -> bool:
        """Send nodes parts of the files that they need. False: nobody asks for any."""
        return self._file_server.serve()

    def open(self) -> None:
        """Take over what an earlier master left unfinished, then listen to the bus. Raises StoreError."""
        for run in self._history.recover(self._moment):
            book = run.book
            log.warning("run %d goes on after the restart: it is %s", book.number, book.state)
            self._provider.recover(book)
            # Other rules may have accepted it, or its secrets went with the master that knew them.
            if book.state == QUEUED and (why := book.withheld or self._policy.refuses(book.task)):
                run.fail(why, self._moment())
            self._scheduler.adopt(run)
        self._scheduler.settle()
        self._late.open()
        self.deletion.purging = self._tables.filling = True
        self._last_turn = self._now()
        self._router.serve(self._inbox.on_frame)

    def drain(self) -> None:
        """The master is about to end: stop the active run, begin no other; `drained` once it is stored."""
        self._scheduler.closing = True
        active = self._scheduler.active
        if active is not None and not active.book.final:
            active.run.stop(self._moment(), "the end of the master")
            self._scheduler.changed(active)
            self._take_effect()

    @property
    def drained(self) -> bool:
        return self._scheduler.active is None and not len(self._writer)

    def abort(self) -> None:
        """End the active run at once; requests in flight are left in flight."""
        self._scheduler.abort()

    def leave(self) -> None:
        """The master ends, and so does its run, which one more `flush` stores. Queued runs stay queued."""
        for live in self._scheduler.runs:
            if live.book.active:
                live.run.leave("the master was stopped", self._moment())
                self._scheduler.changed(live)
        self._take_effect()
        self.build_reports()

    # Steps of a turn

    def _excuse_pause(self, now: float) -> None:
        pause, self._last_turn = now - self._last_turn, now
        if pause > self._stall:
            self._membership.excuse(pause)
            self._scheduler.excuse(pause)

    def _judge_silence(self, at: Moment) -> None:
        for node in self._membership.sweep(at.now):
            silent = at.now - node.last_seen
            log.warning("node %s is lost: nothing was received from it for %.0f s", node.name, silent)
            self._scheduler.silent(node, silent, at)

    def _wake_watchers(self) -> None:
        """Wake those who wait if a run has changed; in a large cluster with pauses."""
        self._watchers.send_changed(self._scheduler.versions, self._now(), QUIET_EACH * len(self._membership))

    def _take_effect(self) -> None:
        """What somebody has just ordered must not wait for a turn: the answer shows it."""
        self._scheduler.settle()
        self._wake_watchers()
        self._wake()

    def _rebuild(self, run: str) -> None:
        if self._history.rebuild(run, self._moment(), self._report):
            self._scheduler.forget(run)

    # What people ask

    def submit(self, task: Task, key: str = "", who: str = "") -> RunDocument:
        """Queue a task (`Orders.submit`). Raises TaskError, Refused, WrongState, StoreError."""
        return self.orders.submit(task, key, who)

    def missing_files(self, files: Sequence[str]) -> list[str]:
        """Which of these files, by their SHA-256, are not here. The others stay for a day at least."""
        return [sha for sha in files if not self._files.touch(sha)]

    def upload(self, sha: str, size: int | None = None) -> Upload:
        """A file that somebody sends. Raises Refused, TooLarge, StoreError."""
        return self._files.upload(sha, size)

    def apart(self, work: Callable[[], T]) -> T:
        """Do what takes long on a native thread. Only the calling greenlet waits."""
        return self._files.apart(work)

    def attempt(self, task: Task) -> dict[str, Any]:
        """Send each request of the task once (`Orders.attempt`). Raises TaskError, Refused, WrongState, StoreError."""
        return self.orders.attempt(task)

    def stop(self, ref: str, who: str = "") -> RunDocument:
        """End a run early. Raises NotFound, WrongState."""
        return self.orders.stop(ref, who)

    def adjust(self, ref: str, rate: float, who: str = "") -> RunDocument:
        """Change a running task's rate (requests/s). Raises NotFound, WrongState, TaskError, Refused."""
        return self.orders.adjust(ref, rate, who)

    def delete(self, ref: str) -> RunDocument:
        """Delete a run that is over. Raises NotFound, WrongState, StoreError."""
        return self.deletion.delete(ref)

    @property
    def store_away(self) -> str:
        """Why the store does not answer; empty while it does."""
        return self._journal.away

    @property
    def notice(self) -> str:
        """What a person who looks at any page should know; empty: nothing."""
        return self._journal.notice or self.queries.notice

    @property
    def malformed(self) -> dict[str, int]:
        """How many frames of the bus could not be read, by what was wrong with them."""
        return dict(self._inbox.malformed)

    def nodes(self) -> list[NodeDocument]:
        return [views.node_map(node, self._now()) for node in self._membership]

    def run(self, ref: str) -> RunDocument:
        return self.queries.run(ref)

    def runs(
        self, limit: int = 50, before: int | None = None, search: str = "", by: Listing = EVERY
    ) -> list[RunDocument]:
        return self.queries.runs(limit, before, search, by)

    def names(self) -> list[NameDocument]:
        return self.queries.names()

    def report(self, ref: str, request: str | None = None) -> ReportDocument:
        return self.queries.report(ref, request)

    def window(self, ref: str, first: int, last: int) -> WindowDocument:
        return self.queries.window(ref, first, last)

    def pulse(self, ref: str, seconds: int) -> list[int]:
        """Completed requests of a live run's last so many seconds, but for the newest. Raises NotFound."""
        return self.queries.pulse(ref, seconds)

    def annotate(self, ref: str, text: str) -> str:
        """Store a person's note on a run in place of the earlier one. Raises NotFound, StoreError."""
        return self.queries.annotate(ref, text)

    def annotation(self, ref: str) -> str:
        return self.queries.annotation(ref)

    def note(self, deed: AuditEntry) -> None:
        """Put on record what somebody did; the next `flush` stores it."""
        self._journal.note(replace(deed, at=self._wall()))
        self._wake()

    def audit_log(self, ref: str) -> list[AuditDocument]:
        return self.queries.deeds(ref)

    def pin(self, ref: str, pinned: bool = True) -> RunDocument:
        """Make a run the baseline of its name, or no longer. Raises NotFound, WrongState, StoreError."""
        return self.queries.pin(ref, pinned)

    def baselines(self) -> list[BaselineDocument]:
        return self.queries.baselines()

    def end_session(self, session: str, until: float) -> None:
        """Store that a session of the web page was logged out."""
        self._journal.end_session(session, until, self._wall())
        self._wake()

    def update(self, ref: str, after: int = 0, request: str | None = None) -> UpdateDocument:
        """What changed after version `after`, at once. Raises NotFound."""
        return self.queries.update(ref, after, request)

    def wait(self, ref: str, after: int, timeout: float, request: str | None = None) -> UpdateDocument:
        """The same, once there is something newer or the run is over, at the latest after `timeout` s."""
        return self.queries.wait(ref, after, timeout, request)

    def _send(self, node: ClusterNode, message: wire.Message) -> bool:
        return self._inbox.send(node, message)

    def _link(self, run: str) -> str:
        return f"{self.base}/runs/{run}"

    def _moment(self) -> Moment:
        return Moment(self._now(), self._wall())
