"""Finding and showing runs, at hand and stored, and what people keep about them. What uses the store waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, cast

from gluten.cluster.master import views
from gluten.cluster.master.broadcast import Broadcast
from gluten.cluster.master.history import History
from gluten.cluster.master.journal import Journal
from gluten.cluster.master.reporting import Reporter
from gluten.cluster.master.run_writer import LiveRun
from gluten.cluster.master.scheduler import Scheduler
from gluten.cluster.ports import AsyncStore, Instant
from gluten.cluster.run.ledger import Ledger
from gluten.cluster.run.waiting import why
from gluten.documents import (
    AuditDocument,
    BaselineDocument,
    NameDocument,
    ReportDocument,
    RunDocument,
    UpdateDocument,
    WindowDocument,
)
from gluten.errors import NotFound, StoreError, WrongState
from gluten.listing import EVERY, Listing
from gluten.report.window import window
from gluten.stats.delta import Delta
from gluten.stats.histogram import Histogram
from gluten.stats.request_stats import Stats
from gluten.store.records import RunRecord
from gluten.store.reports.named_rows import unpacked

Link = Callable[[str], str]

SHORT = 200
"""Rows of named requests and seconds. As JSON they are written within 5 ms."""

ID_DIGITS = 32
MAX_NAMES = 200
BASELINE = "baseline:"
"""Before a name: the run that is pinned for it."""


class Located(NamedTuple):
    """Where a run is. `stored`: all of it is in the store; `short`: its report is at hand, and short."""

    run: str
    stored: bool
    short: bool


class Queries:
    """`unread` is why the store could not list the runs last time; empty: it did."""

    def __init__(
        self,
        store: AsyncStore,
        journal: Journal,
        scheduler: Scheduler,
        history: History,
        report: Reporter,
        link: Link,
        now: Instant,
        watchers: Broadcast,
        give_way: Callable[[], None],
    ) -> None:
        """`watchers` is sent when a run has changed."""
        self._store, self._journal, self._scheduler, self._history = store, journal, scheduler, history
        self._report, self._link, self._now = report, link, now
        self._watchers, self._give_way = watchers, give_way
        self.unread = ""

    @property
    def notice(self) -> str:
        """That a list lacks runs; empty: it lacks none."""
        return f"{self.unread} (earlier runs are in it)" if self.unread else ""

    # Finding

    def find(self, ref: str) -> LiveRun | RunRecord:
        """Raises NotFound."""
        if ref.startswith(BASELINE):
            ref = self._baseline(ref.removeprefix(BASELINE))
        wanted = ref.strip().lower()
        wanted = wanted.replace("-", "") if len(wanted) == 36 else wanted
        at_hand = self._scheduler.runs
        if wanted == "last" and at_hand:
            return self._newest(at_hand[-1])
        for live in at_hand:
            if wanted in (live.book.id, str(live.book.number)):
                return live
        record = self._history.find(wanted)
        return self._scheduler.find(record.id) or record

    def _newest(self, at_hand: LiveRun) -> LiveRun | RunRecord:
        """The newest run. After a restart of the master, one that is over may be newer than those that are at hand."""
        try:
            record = self._history.find("last")
        except (NotFound, StoreError):
            return at_hand
        return record if record.number > at_hand.book.number else at_hand

    def id_of(self, ref: str) -> str:
        """Raises NotFound."""
        found = self.find(ref)
        return found.book.id if isinstance(found, LiveRun) else found.id

    def locate(self, ref: str) -> Located:
        """Raises NotFound."""
        found = self.find(ref)
        if not isinstance(found, LiveRun):
            return Located(found.id, found.final, False)
        return Located(found.book.id, found.saved, found.report is not None and _is_short(found.report))

    def unfinished(self, ref: str, what: str) -> LiveRun:
        """Raises NotFound, WrongState."""
        found = self.find(ref)
        if isinstance(found, LiveRun):
            return found
        raise WrongState(f"run {found.number} is over ({found.state}): there is nothing to {what}")

    def baselines(self) -> list[BaselineDocument]:
        """The run pinned for each name. Raises StoreError."""
        return [{"name": name, "run": run, "number": number} for name, run, number in self._store.pinned()]

    def _baseline(self, name: str) -> str:
        for known in self.baselines():
            if known["name"] == name:
                return str(known["run"])
        called = f"runs called {name!r}" if name else "runs without a name"
        raise NotFound(f"no baseline is pinned for {called}: pin one with `gluten.pyz baseline RUN`")

    # Showing

    def run(self, ref: str) -> RunDocument:
        """Raises NotFound."""
        found = self.find(ref)
        return self.live_map(found) if isinstance(found, LiveRun) else self._history.run_map(found)

    def runs(self, limit: int, before: int | None, search: str, by: Listing = EVERY) -> list[RunDocument]:
        """In the order of `by`, without the texts of workloads. While the store is away, those that are at hand."""
        try:
            records, self.unread = self._history.runs(limit, before, search, by), ""
        except StoreError as error:
            self.unread = str(error)
            at_hand = [live for live in self._scheduler.runs if before is None or live.book.number < before]
            shown = [views.listed(self.live_map(live)) for live in reversed(at_hand)]
            return [run for run in shown if by.admits(run)][:limit]
        shown = []
        for record in records:
            shown.append(views.listed(self._map_of(record)))
            self._give_way()
        # The store learns a new state a moment after the run has it.
        return [run for run in shown if not by.states or run["state"] in by.states]

    def names(self) -> list[NameDocument]:
        """The names of runs, the latest first. Raises StoreError."""
        return [{"name": name, "runs": count, "last": last} for name, count, last in self._store.names(MAX_NAMES)]

    def report(self, ref: str, request: str | None = None) -> ReportDocument:
        """The report; of a run that is not over, as far as it has come. `request`: the rows have this named
        request alone; empty: none of them. Raises NotFound, WrongState."""
        found = self.find(ref)
        if not isinstance(found, LiveRun):
            return self._history.report(found, request)
        if found.book.start is None and not found.book.final:
            raise WrongState(f"run {found.book.number} is queued: it has no report yet")
        report = found.report if found.report is not None else self._report(found.book, self._link(found.book.id))
        return report if request is None else cast(ReportDocument, unpacked(report, request))

    def window(self, ref: str, first: int, last: int) -> WindowDocument:
        """The figures of the run-seconds from `first` to before `last`, of all their requests. Raises NotFound,
        StoreError."""
        found, total = self.find(ref), Delta()
        if not isinstance(found, LiveRun):
            return self._history.window(found, first, last)
        ledger = found.book.ledger
        for second in sorted(name for name in ledger.seconds if first <= name < last):
            total.add(ledger.seconds[second].delta)
            self._give_way()
        sent = ledger.last_sent()
        ended = found.book.load_end if sent is None or found.book.final else sent + 1.0
        return window(total, first, last, found.book.duration, ended)

    def pulse(self, ref: str, seconds: int) -> list[int]:
        """Completed requests of a live run's last so many seconds, but for the newest. Raises NotFound."""
        found = self.find(ref)
        return views.pulse(found.book, seconds) if isinstance(found, LiveRun) else []

    def counted(self, run: str) -> Iterator[tuple[str, Stats, Histogram]]:
        """What each named request of a run at hand has counted, and its response times after the warmup. It gives way
        after each."""
        live = self._scheduler.find(run)
        ledger = live.book.ledger if live is not None else Ledger()
        for name, stats in list(ledger.total.by_name.items()):
            yield name, stats, ledger.shown.by_name.get(name, Stats()).response
            self._give_way()

    def update(self, ref: str, after: int = 0, request: str | None = None) -> UpdateDocument:
        """What changed after version `after`, at once; `request` as in `report`. Raises NotFound."""
        found = self.find(ref)
        if isinstance(found, LiveRun):
            return views.update(found.book, after, self.live_map(found), self._give_way, request)
        return self._history.update(found, after, request)

    def wait(self, ref: str, after: int, timeout: float, request: str | None = None) -> UpdateDocument:
        """The same, once there is something newer or the run is over, at the latest after `timeout` s."""
        found, until = self.find(ref), self._now() + timeout
        while isinstance(found, LiveRun) and found.book.version <= after and not found.over:
            if self._now() >= until or not self._watchers.wait(until - self._now()):
                break
        return self.update(found.book.id if isinstance(found, LiveRun) else found.id, after, request)

    def live_map(self, live: LiveRun) -> RunDocument:
        """The run map of one at hand."""
        queue = self._scheduler.position(live)
        shown = views.run_map(live.book, self._now(), self._link(live.book.id), queue, live.report)
        if live.book.final and not live.over:
            shown["state"] = "stopping"
        if queue is not None:
            active = self._scheduler.active
            shown["waits"] = why(live.book.reason, queue - 1, active.book.number if active else None)
        if not live.over:
            shown["notice"] = self._journal.notice
        return shown

    # What people keep about runs

    def annotate(self, ref: str, text: str) -> str:
        """Store a person's note on a run in place of the earlier one. Raises NotFound, StoreError."""
        run = self.id_of(ref)
        self._store.write_note(run, text)
        return self._store.read_note(run)

    def annotation(self, ref: str) -> str:
        """Raises NotFound, StoreError."""
        return self._store.read_note(self.id_of(ref))

    def deeds(self, ref: str) -> list[AuditDocument]:
        """Who did what to the run, oldest first. A deleted one is known by its whole id.

        Raises NotFound, StoreError."""
        try:
            entries = self._store.audit_entries(self.id_of(ref))
        except NotFound:
            entries = self._store.audit_entries(ref) if len(ref) == ID_DIGITS else []
            if not entries:
                raise
        return [views.audit_map(entry) for entry in entries]

    def pin(self, ref: str, pinned: bool) -> RunDocument:
        """Make a run the baseline of its name, or no longer. Raises NotFound, WrongState, StoreError."""
        run = self.run(ref)
        if run["state"] != "finished":
            raise WrongState(f"run {run['number']} is {run['state']}: only a run that finished can be a baseline")
        if not pinned and run["id"] not in [baseline["run"] for baseline in self.baselines()]:
            raise WrongState(f"run {run['number']} is no baseline")
        self._store.pin(run["name"], run["id"] if pinned else None)
        return run

    def _map_of(self, record: RunRecord) -> RunDocument:
        live = self._scheduler.find(record.id)
        return self.live_map(live) if live is not None else self._history.run_map(record)


def _is_short(report: ReportDocument) -> bool:
    return len(report["seconds"]) * (1 + len(report.get("by_request", ()))) <= SHORT
