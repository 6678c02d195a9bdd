"""Writes a run to the store, by the journal: its events and its state while it is on, and its report at the end."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from gluten.cluster.master import recovery, reporting, views
from gluten.cluster.master.journal import Journal
from gluten.cluster.master.reporting import Reporter
from gluten.cluster.run.assignment import Moment
from gluten.cluster.run.run import Run
from gluten.cluster.run.run_book import RunBook
from gluten.documents import ReportDocument
from gluten.plan.run_state import QUEUED
from gluten.store.records import StoredEvent

log = logging.getLogger(__name__)

Mark = tuple[object, ...]


class LiveRun:
    """A run that is queued, active or just over. `saved`: its report is stored. `written` is the number of its events
    that were given to the journal, `mark` tells which state was written last."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.report: ReportDocument | None = None
        self.reporting = False
        self.saved = False
        self.written = 0
        self.mark: Mark = (QUEUED, 0, 0, 0)

    @property
    def book(self) -> RunBook:
        """What is known of the run."""
        return self.run.book

    @property
    def over(self) -> bool:
        """It has ended and its report is there; until then it is shown as stopping."""
        return self.report is not None

    @property
    def unreported(self) -> bool:
        """It has ended and nobody builds its report yet."""
        return self.book.final and not self.over and not self.reporting


class RunWriter:
    """`link` gives a run's address for people."""

    def __init__(
        self, journal: Journal, report: Reporter, link: Callable[[str], str], moment: Callable[[], Moment]
    ) -> None:
        self._journal, self._report, self._link, self._moment = journal, report, link, moment

    def events(self, live: LiveRun) -> None:
        """Write the events that are new."""
        run = live.book
        new, live.written = run.events[live.written :], len(run.events)
        for event in new:
            log.info("run %d: %s", run.number, event.text)
        self._journal.add_events([StoredEvent(run.id, e.wall, e.kind, e.text, e.second, e.node) for e in new])

    def state(self, live: LiveRun) -> None:
        """Write what the next master has to know, if that has changed."""
        run, new = live.book, mark(live.book)
        if new == live.mark or run.final:
            return
        fields: dict[str, Any] = {"state": run.state, "started_at": run.started_at}
        fields["adjustments"] = [list(pair) for pair in run.adjustments]
        if run.epoch != live.mark[1]:
            fields["epoch"] = run.epoch
            latest = [each for each in run.assignments.values() if each.epoch == run.epoch]
            fields["plan"] = [views.assignment_record(assignment) for assignment in latest]
        summary = views.run_map(run, self._moment().now, self._link(run.id))
        live.mark = new
        self._journal.save(run.id, **fields, summary=summary | {recovery.KEPT: recovery.kept(run)})

    def report(self, live: LiveRun, done: Callable[[], None]) -> None:
        """Build the report of a run that is over, and write it. `done` is called once it is stored."""
        run, link = live.book, self._link(live.book.id)
        # Of a run that never began there is nothing to compute, so its report is built without giving way.
        build = self._report if run.start is not None else reporting.build
        live.reporting = True
        try:
            live.report = report = build(run, link)
        finally:
            live.reporting = False
        summary = views.run_map(run, self._moment().now, link, report=report) | {recovery.KEPT: recovery.kept(run)}
        self._journal.save(
            run.id,
            done,
            state=run.state,
            reason=run.reason,
            started_at=run.started_at,
            ended_at=run.ended_at,
            adjustments=[list(pair) for pair in run.adjustments],
            report=report,
            summary=summary,
        )


def mark(run: RunBook) -> Mark:
    """A value that differs if the stored state of the run has to be written again."""
    return run.state, run.epoch, len(run.adjustments), len(run.gaps)
