"""Runs that are over, from the store. Every method blocks the greenlet and may raise StoreError."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from gluten.cluster.master import views
from gluten.cluster.master.recovery import KEPT as NEXT
from gluten.cluster.master.recovery import conclude, kept, readopt, recover
from gluten.cluster.master.reporting import Reporter
from gluten.cluster.ports import AsyncStore
from gluten.cluster.run.assignment import Moment
from gluten.cluster.run.run import Run
from gluten.errors import NotFound, TaskError
from gluten.report.outcome import good_of
from gluten.store.records import RunRecord, StoredEvent
from gluten.task.task import Task

log = logging.getLogger(__name__)

Map = dict[str, Any]

KEPT = 4
"""Records with their reports, which may be long, that are kept at hand."""
UNREADABLE = "the master was restarted, and could not read the run back"


class History:
    def __init__(self, desk: AsyncStore, link: Callable[[str], str]) -> None:
        self._desk, self._link = desk, link
        self._records: OrderedDict[str, RunRecord] = OrderedDict()

    def find(self, ref: str) -> RunRecord:
        """By number, prefix of the id, or `last`. Raises NotFound."""
        for known in self._records.values():
            if ref in (known.id, str(known.number)):
                return known
        record = self._desk.run(ref)
        if record.final:
            self._records[record.id] = record
            while len(self._records) > KEPT:
                self._records.popitem(last=False)
        return record

    def runs(self, limit: int, before: int | None, search: str) -> list[RunRecord]:
        return self._desk.runs(limit, before, search)

    def run_map(self, record: RunRecord) -> Map:
        """The run map of a record, by its summary where there is one."""
        link = {"link": self._link(record.id), "state": record.state, "number": record.number, "queue": None}
        known = {name: value for name, value in (record.summary or _bare(record)).items() if name != NEXT}
        if "good" not in known:
            # An earlier version wrote it. A list's records have no report to tell by: then nobody knows.
            known["good"] = good_of(record.report) if record.report else None
        return known | link

    def report(self, record: RunRecord) -> Map:
        """Raises NotFound."""
        if record.report is None:
            raise NotFound(f"run {record.number}: it has no report: it never began")
        return record.report | {"link": self._link(record.id)}

    def update(self, record: RunRecord, after: int) -> Map:
        """What changed after version `after`; of a run that is over nothing changes any more."""
        plain, report = self.run_map(record), record.report or {}
        rows = [row for row in report.get("seconds", ()) if row["version"] > after]
        events = [event for event in report.get("events", ()) if event.get("version", 1) > after]
        version = plain["version"]
        return {"version": version, "run": plain, "rows": rows, "events": events, "final": record.final}

    def recover(self, moment: Callable[[], Moment]) -> list[Run]:
        """What a master that is gone has left unfinished, oldest first, to go on with."""
        runs = []
        for record in self._desk.unfinished():
            try:
                run = self._recover(record, moment())
                readopt(run, record, moment())
                runs.append(run)
            except (ValueError, KeyError, TaskError) as error:
                log.error("run %d cannot be read back: %s", record.number, error)
                self._desk.save_run(record.id, state="failed", reason=UNREADABLE, ended_at=moment().wall)
        return runs

    def rebuild(self, run: str, at: Moment, report: Reporter) -> bool:
        """Report a run that is over again, by what the store has now. False where that is nothing new."""
        try:
            record = self._desk.run(run)
        except NotFound:
            return False  # of another database
        if not record.final or record.report is None:
            return False
        try:
            revived = self._recover(record, at)
            conclude(revived, record)
        except (ValueError, KeyError) as error:
            log.error("run %d cannot be read back, so its report stays as it is: %s", record.number, error)
            return False
        document = report(revived, self._link(run))
        if _counts(document) == _counts(record.report):
            return False
        came = revived.add_late(document, record.report, at)
        document = report(revived, self._link(run))
        summary = views.run_map(revived, at.now, self._link(run), report=document) | {NEXT: kept(revived)}
        events = [StoredEvent(run, e.wall, e.kind, e.text, None, e.node) for e in came]
        self._desk.save_run(run, report=document, summary=summary, events=events)
        self._records.pop(run, None)
        return True

    def _recover(self, record: RunRecord, at: Moment) -> Run:
        plans, events = self._desk.assignments(record.id), self._desk.events(record.id)
        return recover(record, plans, self._desk.deltas(record.id), events, at.wall)


def _counts(report: Map) -> list[tuple[str, int, int, int]]:
    """By node: what is different when a delta has come."""
    return [(node["name"], node["sent"], node["completed"], node["failed"]) for node in report["nodes"]]


def _bare(record: RunRecord) -> Map:
    """A run map of nothing but the record."""
    task = Task.from_map(record.task)
    zeros = dict.fromkeys(("sent", "completed", "good", "failed", "dropped", "in_flight", "p50", "p99"), 0)
    return zeros | views.QUIET | {
        "id": record.id, "name": record.name, "reason": record.reason, "kind": "",
        "url": task.redacted()["url"], "created_at": views.rfc3339(record.created_at),
        "started_at": views.rfc3339(record.started_at), "ended_at": views.rfc3339(record.ended_at),
        "asked_duration": task.duration, "elapsed": 0.0, "duration": None, "asked_rate": task.rate,
        "task": task.redacted(), "plan": [], "rate": 0.0, "verdict": None, "version": 1, "who": record.who,
    }  # fmt: skip
