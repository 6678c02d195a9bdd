"""What a master does, over the bus, the store and the clocks that it is handed.

A node calls `open` once, `tick`, `sum_up` and `flush` about ten times a second, each in a greenlet of its own; the
services and pages call the rest, each in a greenlet. Only `open`, `flush`, `submit` and what asks for stored runs
wait for the store. What slaves say comes from the bus to `reception`.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from gluten.audit import AuditEntry
from gluten.cluster.master import reporting, views
from gluten.cluster.master.broadcast import Broadcast
from gluten.cluster.master.delta_writer import DeltaWriter, Key
from gluten.cluster.master.history import History
from gluten.cluster.master.inbox import Inbox
from gluten.cluster.master.journal import Journal
from gluten.cluster.master.late_deltas import LateDeltas
from gluten.cluster.master.membership import LOST_AFTER, ClusterNode, Membership
from gluten.cluster.master.queries import Queries
from gluten.cluster.master.reporting import Reporter
from gluten.cluster.master.scheduler import LiveRun, Scheduler
from gluten.cluster.ports import AsyncStore, Instant, Router
from gluten.cluster.run.assignment import Moment
from gluten.cluster.run.run import QUEUED, Run
from gluten.engine.certificates import check_certificates
from gluten.errors import WrongState
from gluten.net.bus import messages as wire
from gluten.report.document import no_give_way
from gluten.store.records import RunRecord
from gluten.task.policy import OPEN, Policy
from gluten.task.task import Task
from gluten.version import __version__

log = logging.getLogger(__name__)

Map = dict[str, Any]

LEASE = 15.0
HEARTBEAT = 1.0
QUIET_EACH = 0.001
"""Who watches is told of changes at most once in so many seconds for each node: a row of all nodes has its price."""
STALL = 1.5
"""A master that did not tick for so many seconds could not hear its nodes, and does not hold it against them."""


class Master:
    """`now` is monotonic, `wall` Unix time; `base` is the web interface's address, such as http://host:8888; `policy`
    says which tasks are taken."""

    def __init__(
        self,
        router: Router,
        desk: AsyncStore,
        now: Instant,
        wall: Instant,
        base: str,
        roster: Membership | None = None,
        lease: float = LEASE,
        heartbeat: float = HEARTBEAT,
        policy: Policy = OPEN,
        give_way: Callable[[], None] = no_give_way,
    ) -> None:
        """`breathe` gives others a turn in the midst of what takes long: reports, and rows for who asks for many."""
        self._router, self._desk, self._now, self._wall = router, desk, now, wall
        self.base, self._policy = base, policy
        self._roster = roster if roster is not None else Membership()
        self._report: Reporter = partial(reporting.build, give_way=give_way)
        self._journal = Journal(desk)
        self._scheduler = Scheduler(
            self._roster, self._send, self._journal, self._report, self._link, self._moment, max(lease, LOST_AFTER),
            policy.max_connections,
        )  # fmt: skip
        self._late = LateDeltas(desk, self._journal, now)
        self._intake = DeltaWriter(desk, self._journal, self._acknowledge, before=self._late.mark)
        self._reception = Inbox(
            router, self._roster, self._scheduler, self._intake, self._moment,
            wire.Welcome(wire.PROTOCOL, __version__, lease, heartbeat), self._late.heard,
        )  # fmt: skip
        self._history = History(desk, self._link)
        self._catalog = Queries(
            desk, self._scheduler, self._history, self._report, self._link, now, self._waits, give_way
        )
        self._bell = Broadcast()
        self._seen_version, self._quiet_until = 0, 0.0
        self._ticked = now()

    # The node's calls

    def open(self) -> None:
        """Take up what an earlier master left unfinished, then listen to the bus. Raises StoreError."""
        for run in self._history.recover(self._moment):
            log.warning("run %d is taken up again: it is %s", run.number, run.state)
            # It was taken by other rules, or its secrets went with the master that knew them.
            if run.state == QUEUED and (why := run.withheld or self._policy.refuses(run.task)):
                run.fail(why, self._moment())
            self._scheduler.adopt(run)
        self._late.open()
        self._ticked = self._now()
        self._router.serve(self._reception.on_frame)

    def tick(self) -> None:
        """To be called about ten times a second; never waits."""
        now = self._now()
        if now - self._ticked > STALL:
            self._roster.excuse(now - self._ticked)
            self._scheduler.excuse(now - self._ticked)
        self._ticked = now
        for member in self._roster.sweep(now):
            log.warning("node %s: lost, nothing was heard for %.0f s", member.name, now - member.heard)
            self._scheduler.silent(member, now - member.heard)
        self._reception.probe()
        self._scheduler.tick()
        self._announce()

    def sum_up(self) -> None:
        """Report the runs that have ended."""
        if self._scheduler.sum_up():
            self._bell.ring()

    def flush(self) -> bool:
        """Store what waits and acknowledge it; waits for the store. False where that is away: wait a second."""
        return self._intake.flush() and self._journal.flush() and self._late.rebuild(self._saved, self._rebuild)

    def _saved(self, run: str) -> bool:
        """Its report is the store's alone."""
        live = self._scheduler.find(run)
        return live is None or live.saved

    def _rebuild(self, run: str) -> None:
        if self._history.rebuild(run, self._moment(), self._report):
            log.info("late numbers of run %s came in: its report is built again", run[:8])
            self._scheduler.forget(run)

    @property
    def store_away(self) -> str:
        """What the store complains of, empty while it works."""
        return self._journal.away

    @property
    def notice(self) -> str:
        """What a person who looks at any page should know; empty: nothing."""
        unread = self._catalog.unread
        return self._waits() or (f"{unread} (earlier runs are in it)" if unread else "")

    def _waits(self) -> str:
        """The same of a run that is on."""
        away = self.store_away
        return f"{away} (what is counted waits for it, and nothing is lost)" if away else ""

    def drain(self) -> None:
        """The master is about to end: stop the run that is on, begin no other; `drained` once it is written down."""
        self._scheduler.closing = True
        active = self._scheduler.active
        if active is not None and not active.run.final:
            active.run.stop(self._moment(), "the end of the master")
            self._changed(active)

    @property
    def drained(self) -> bool:
        return self._scheduler.active is None and not len(self._intake)

    def abort(self) -> None:
        """Have the run that is on end at once, what is in flight left in flight."""
        self._scheduler.abort()

    def leave(self) -> None:
        """The master ends: so does its run, which is written down by one more `flush`. Queued ones stay queued."""
        for live in self._scheduler.runs:
            if live.run.active:
                live.run.leave("the master was stopped", self._moment())
                self._scheduler.settle(live)
        self._announce()
        self.sum_up()

    # The facade

    def submit(self, task: Task, key: str = "", who: str = "") -> Map:
        """Queue a task; the same key gives the same run. Raises TaskError, Refused, WrongState (also for a key that
        stands for another task), StoreError.

        Its secrets are in memory alone: what is stored is the task without them.
        """
        for live in self._scheduler.runs:
            if key and live.run.key == key:
                _check_same(live.run.asked.public().to_map(), task.public().to_map(), live.run.number)
                return self._catalog.live_map(live)
        task.check_whole()
        check_certificates(task)
        self._policy.check(task)
        if self._scheduler.closing:
            raise WrongState("the master is being stopped: send the task once it is back")
        if not any(member.present and member.info.load for member in self._roster):
            raise WrongState("no node takes part in load: start a slave, or the master without --no-load")
        record = RunRecord(
            id=uuid.uuid4().hex, task=task.public().to_map(), name=task.name, key=key, who=who, created_at=self._wall()
        )
        kept = self._desk.create_run(record)
        _check_same(kept.task, record.task, kept.number)
        if not self._is_new(kept, record):
            return self.run(kept.id)
        live = self._scheduler.add(Run(kept.id, kept.number, task, kept.created_at, key, who))
        self._announce()
        return self._catalog.live_map(live)

    def _is_new(self, kept: RunRecord, record: RunRecord) -> bool:
        """The run is to be queued here: it was stored just now, or earlier when the store's answer did not come."""
        if self._scheduler.find(kept.id) is not None:
            return False  # another asker with the same key was quicker
        return kept.id == record.id or kept.state == QUEUED

    def stop(self, ref: str, who: str = "") -> Map:
        """End a run early. Raises NotFound, WrongState."""
        live = self._catalog.unfinished(ref, "stop")
        live.run.stop(self._moment(), who)
        return self._changed(live)

    def adjust(self, ref: str, rate: float, who: str = "") -> Map:
        """Change a running task's rate (requests/s). Raises NotFound, WrongState, TaskError, Refused."""
        live = self._catalog.unfinished(ref, "adjust")
        self._policy.check_rate(rate)
        live.run.adjust(rate, self._moment(), who)
        return self._changed(live)

    def run(self, ref: str) -> Map:
        """Raises NotFound."""
        return self._catalog.run(ref)

    def runs(self, limit: int = 50, before: int | None = None, search: str = "") -> list[Map]:
        """Newest first. While the store is away, those that are at hand."""
        return self._catalog.runs(limit, before, search)

    @property
    def malformed(self) -> dict[str, int]:
        """How many frames of the bus meant nothing, by what was wrong with them."""
        return dict(self._reception.malformed)

    def nodes(self) -> list[Map]:
        return [views.node_map(member, self._now()) for member in self._roster]

    def report(self, ref: str) -> Map:
        """The report; of a run that is not over, as far as it has come. Raises NotFound, WrongState."""
        return self._catalog.report(ref)

    def window(self, ref: str, first: int, last: int) -> Map:
        """The figures of the run-seconds from `first` to before `last`, of all their requests. Raises NotFound,
        StoreError."""
        return self._catalog.window(ref, first, last)

    def pulse(self, ref: str, seconds: int) -> list[int]:
        """Completed requests of a live run's last so many seconds, but for the newest. Raises NotFound."""
        return self._catalog.pulse(ref, seconds)

    def annotate(self, ref: str, text: str) -> str:
        """Keep what people say of a run, in place of what they said. Raises NotFound, StoreError."""
        run = str(self.run(ref)["id"])
        self._desk.write_note(run, text)
        return self._desk.read_note(run)

    def annotation(self, ref: str) -> str:
        """Raises NotFound, StoreError."""
        return self._desk.read_note(self.run(ref)["id"])

    def note(self, deed: AuditEntry) -> None:
        """Put on record what somebody did; stored by the next `flush`."""
        self._journal.note(replace(deed, at=self._wall()))

    def audit_log(self, ref: str) -> list[Map]:
        """Who did what to the run, oldest first. Raises NotFound, StoreError."""
        return [views.audit_map(known) for known in self._desk.deeds(self._catalog.id_of(ref))]

    def pin(self, ref: str, pinned: bool = True) -> Map:
        """Have later runs of its name compared with this run, or no more. Raises NotFound, WrongState, StoreError."""
        run = self.run(ref)
        if run["state"] != "finished":
            raise WrongState(f"run {run['number']} is {run['state']}: only a run that finished can be a baseline")
        if not pinned and run["id"] not in [known["run"] for known in self.baselines()]:
            raise WrongState(f"run {run['number']} is no baseline")
        self._desk.pin(run["name"], run["id"] if pinned else None)
        return run

    def baselines(self) -> list[Map]:
        """The run pinned for each name. Raises StoreError."""
        return self._catalog.baselines()

    def end_session(self, session: str, until: float) -> None:
        """Remember beyond this process that a session of the web page was logged out."""
        self._journal.end_session(session, until, self._wall())

    def update(self, ref: str, after: int = 0) -> Map:
        """What changed after version `after`, at once. Raises NotFound."""
        return self._catalog.update(ref, after)

    def wait(self, ref: str, after: int, timeout: float) -> Map:
        """The same, once there is something newer or the run is over, at the latest after `timeout` s."""
        found, until = self._catalog.find(ref), self._now() + timeout
        while isinstance(found, LiveRun) and found.run.version <= after and not found.over:
            if self._now() >= until or not self._bell.wait(until - self._now()):
                break
        return self.update(found.run.id if isinstance(found, LiveRun) else found.id, after)

    # What the parts of a master tell each other

    def _changed(self, live: LiveRun) -> Map:
        self._scheduler.settle(live)
        self._announce()
        return self._catalog.live_map(live)

    def _send(self, member: ClusterNode, message: wire.Message) -> bool:
        return self._reception.send(member, message)

    def _acknowledge(self, key: Key, numbers: list[int]) -> None:
        self._reception.acknowledge(key, numbers)

    def _link(self, run: str) -> str:
        return f"{self.base}/runs/{run}"

    def _moment(self) -> Moment:
        return Moment(self._now(), self._wall())

    def _announce(self) -> None:
        """Wake who waits if a run has changed; in a large cluster with pauses."""
        version, now = self._scheduler.versions, self._now()
        if version != self._seen_version and now >= self._quiet_until:
            self._seen_version, self._quiet_until = version, now + QUIET_EACH * len(self._roster)
            self._bell.ring()


def _check_same(known: Map, asked: Map, number: int) -> None:
    """An idempotency key is for sending one task again; the numbers of another one would be taken for this one's."""
    if differing := sorted(name for name in {*known, *asked} if known.get(name) != asked.get(name)):
        raise WrongState(
            f"this idempotency key belongs to run {number}, whose task differs ({', '.join(differing)}): choose another"
        )
