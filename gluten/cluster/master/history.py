"""Runs that are over, from the store. Every method blocks the greenlet and may raise StoreError."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from gluten.cluster.master import views
from gluten.cluster.master.recovery import KEPT as NEXT
from gluten.cluster.master.recovery import conclude, kept, readopt, recover
from gluten.cluster.master.reporting import Reporter
from gluten.cluster.master.tables.table_writer import only_name, write_report
from gluten.cluster.ports import AsyncStore, MasterFiles
from gluten.cluster.run.assignment import Moment
from gluten.cluster.run.run import Run
from gluten.documents import ReportDocument, Row, RunDocument, UpdateDocument, WindowDocument
from gluten.errors import NotFound, TaskError
from gluten.listing import Listing
from gluten.plan.requests import workload_of
from gluten.report.outcome import good_of
from gluten.report.window import window
from gluten.stats.delta import Delta
from gluten.stats.row import without_hdr
from gluten.store.delta_bodies import delta_of
from gluten.store.records import RunRecord, StoredEvent
from gluten.store.reports.named_rows import unpacked
from gluten.task.task import Task

if TYPE_CHECKING:
    from gluten.workload.workload import Workload

log = logging.getLogger(__name__)

KEPT = 4
"""How many records are kept in memory, without their reports."""
PAGE = 50
"""Runs of a list that are read at once."""
UNREADABLE = "the master was restarted, and could not read the run back"


class History:
    """`files` does what takes long apart from the hub."""

    def __init__(self, store: AsyncStore, link: Callable[[str], str], files: MasterFiles) -> None:
        self._store, self._link, self._files = store, link, files
        self._records: OrderedDict[str, RunRecord] = OrderedDict()

    def find(self, ref: str) -> RunRecord:
        """By number, prefix of the id, or `last`, without its report. Raises NotFound."""
        for at_hand in self._records.values():
            if ref in (at_hand.id, str(at_hand.number)):
                return at_hand
        record = self._store.head(ref)
        if record.final and "good" not in (record.summary or {}):
            record = self._store.run(record.id)  # an earlier version stored it: its report knows more
        if record.final:
            self._records[record.id] = record
            while len(self._records) > KEPT:
                self._records.popitem(last=False)
        return record

    def forget(self, run: str) -> None:
        """The run was deleted."""
        self._records.pop(run, None)

    def runs(self, limit: int, before: int | None, search: str, by: Listing) -> list[RunRecord]:
        """A list by number is read page by page, and the store does other work between two pages."""
        if (by.sort, by.ascending) != ("number", False):
            return self._store.runs(limit, before, search, by)
        found: list[RunRecord] = []
        while len(found) < limit:
            most = min(PAGE, limit - len(found))
            page = self._store.runs(most, before, search, by)
            found += page
            if len(page) < most:
                break
            before = page[-1].number
        return found

    def run_map(self, record: RunRecord) -> RunDocument:
        """The run map of a record, by its summary where there is one."""
        link = {"link": self._link(record.id), "state": record.state, "number": record.number, "queue": None}
        known = {name: value for name, value in (record.summary or _bare(record)).items() if name != NEXT}
        if "good" not in known:
            # An earlier version stored it. The records of a list have no report: then it is not known.
            known["good"] = good_of(record.report) if record.report else None
        return cast(RunDocument, known | link)

    def report(self, record: RunRecord, request: str | None = None) -> ReportDocument:
        """`request`: as `update` has it. Raises NotFound."""
        report = self._report(record)
        if report is None:
            raise NotFound(f"run {record.number}: it has no report: it never began")
        return cast(ReportDocument, unpacked(report, request) | {"link": self._link(record.id)})

    def _report(self, record: RunRecord) -> dict[str, Any] | None:
        """It may be long, so it is read for each question."""
        return record.report if record.report is not None else self._store.run(record.id).report

    def window(self, record: RunRecord, first: int, last: int) -> WindowDocument:
        """The figures of the run-seconds from `first` to before `last`, of all their requests."""
        total, report = Delta(), self._report(record) or {}
        for stored in self._store.window(record.id, first, last):
            total.add(delta_of(stored))
        return window(total, first, last, report.get("duration"), report.get("ended"))

    def update(self, record: RunRecord, after: int, request: str | None = None) -> UpdateDocument:
        """What changed after version `after`. A run that is over does not change any more. `request`: the rows have
        this named request alone; empty: none of them."""
        plain, report = self.run_map(record), unpacked(self._report(record) or {}, request)
        rows = [cast(Row, without_hdr(dict(row))) for row in report.get("seconds", ()) if row["version"] > after]
        events = [event for event in report.get("events", ()) if event.get("version", 1) > after]
        version = plain["version"]
        return {"version": version, "run": views.brief(plain), "rows": rows, "events": events, "final": record.final}

    def recover(self, moment: Callable[[], Moment]) -> list[Run]:
        """The runs that an earlier master left unfinished, oldest first, ready to go on."""
        runs = []
        for record in self._store.unfinished():
            try:
                run = self._recover(record, moment())
                readopt(run, record, moment())
                runs.append(run)
            except (ValueError, KeyError, TaskError) as error:
                log.error("run %d cannot be read back: %s", record.number, error)
                self._store.save_run(record.id, state="failed", reason=UNREADABLE, ended_at=moment().wall)
        return runs

    def rebuild(self, run: str, at: Moment, report: Reporter) -> bool:
        """Report a run that is over once more, by what the store has now. False where nothing is new."""
        try:
            record = self._store.head(run)
        except NotFound:
            return False  # it belongs to another database
        before = self._store.node_ends(run) if record.final else []
        if not before:
            return False  # no node has worked on it
        try:
            revived = self._recover(record, at)
            conclude(revived.book, record, before)
        except (ValueError, KeyError, TaskError) as error:
            log.error("run %d cannot be read back, so its report stays as it is: %s", record.number, error)
            return False
        document = report(revived.book, self._link(run))
        if _counts(document) == {node.name: (node.sent, node.completed, node.failed) for node in before}:
            return False
        new = revived.add_late(document, {node.name: node.sent for node in before}, at)
        document = report(revived.book, self._link(run))
        summary = views.run_map(revived.book, at.now, self._link(run), report=document) | {NEXT: kept(revived.book)}
        events = [StoredEvent(run, e.wall, e.kind, e.text, None, e.node) for e in new]
        self._store.save_run(run, report=document, summary=summary, events=events)
        write_report(self._store, run, document, partial(only_name, revived.book))
        self._records.pop(run, None)
        log.info("late counts of run %d arrived: its report is built again", record.number)
        return True

    def _recover(self, record: RunRecord, at: Moment) -> Run:
        plans, events = self._store.assignments(record.id), self._store.events(record.id)
        return recover(record, plans, self._store.deltas(record.id), events, at.wall, self._workload(record))

    def _workload(self, record: RunRecord) -> Workload | None:
        """What the file of its task says. To read it may take seconds."""
        if not record.task.get("workload"):
            return None
        return self._files.apart(lambda: workload_of(Task.from_map(record.task)))


def _counts(report: ReportDocument) -> dict[str, tuple[int, int, int]]:
    """By node: the counts that a late delta changes."""
    return {node["name"]: (node["sent"], node["completed"], node["failed"]) for node in report["nodes"]}


def _bare(record: RunRecord) -> RunDocument:
    """The run map of a record that has no summary."""
    task = Task.from_map(record.task)
    zeros = dict.fromkeys(("sent", "completed", "good", "failed", "dropped", "in_flight", "p50", "p95", "p99"), 0)
    plain = zeros | views.QUIET | {
        "id": record.id, "name": record.name, "reason": record.reason, "kind": "",
        "url": task.redacted()["url"], "created_at": views.rfc3339(record.created_at),
        "started_at": views.rfc3339(record.started_at), "ended_at": views.rfc3339(record.ended_at),
        "asked_duration": task.duration, "elapsed": 0.0, "duration": None, "asked_rate": task.rate,
        "task": task.redacted(), "plan": [], "rate": 0.0, "verdict": None, "slo": [], "version": 1, "who": record.who,
    }  # fmt: skip
    return cast(RunDocument, plain)
