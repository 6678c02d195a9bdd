"""Runs as the reading process sees them: what is stored, and the reports that the node sent along."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from gluten.cluster.master.history import History
from gluten.cluster.no_files import NoFiles
from gluten.documents import ReportDocument, UpdateDocument, WindowDocument
from gluten.errors import WrongState
from gluten.report.measured import measured_from
from gluten.stats.delta import Delta
from gluten.store.delta_bodies import delta_of
from gluten.store.reports.named_rows import unpacked
from gluten.store.store import Store
from gluten.task.task import Task


class StoredRuns:
    """`base` is the address of the web page. `shipped` are reports by the ids of their runs."""

    def __init__(self, store: Store, base: str, shipped: Mapping[str, ReportDocument]) -> None:
        self._store, self._shipped = store, shipped
        self._history = History(store, lambda run: f"{base}/runs/{run}", NoFiles())

    def report(self, ref: str, request: str | None = None) -> ReportDocument:
        if shipped := self._shipped.get(ref):
            return cast(ReportDocument, unpacked(shipped, request))
        return self._history.report(self._store.run(ref), request)

    def sums(self, ref: str, is_late: Callable[[], bool]) -> tuple[Delta, Delta]:
        """The sum of all deltas, and the sum of those whose response times count. Raises WrongState once it is late."""
        record = self._store.head(ref)
        first, total = measured_from(Task.from_map(record.task)), Delta()
        timed = Delta() if first else total
        for stored in self._store.deltas(record.id):
            if is_late():
                raise WrongState(f"run {record.number} is too long to be counted once more")
            delta = delta_of(stored)
            total.follow(delta)
            if first and delta.second >= first:
                timed.follow(delta)
        return total, timed if timed.sent else total

    def window(self, ref: str, first: int, last: int) -> WindowDocument:
        return self._history.window(self._store.run(ref), first, last)

    def update(self, ref: str, after: int = 0, request: str | None = None) -> UpdateDocument:
        return self._history.update(self._store.run(ref), after, request)
