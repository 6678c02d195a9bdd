"""The methods of a master that only the web pages need."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from gluten import facade
from gluten.documents import AuditDocument, NameDocument, Plain, ReportDocument, UpdateDocument, WindowDocument
from gluten.stats.histogram import Histogram
from gluten.stats.request_stats import Stats
from gluten.task.task import Task


class WebFacade(facade.Facade, Protocol):
    @property
    def notice(self) -> str:
        """A text that every page shows, or an empty text."""

    # `request`: the rows have this named request alone; empty: none of them.
    def report(self, ref: str, request: str | None = None) -> ReportDocument: ...
    def update(self, ref: str, after: int = 0, request: str | None = None) -> UpdateDocument: ...
    def wait(self, ref: str, after: int, timeout: float, request: str | None = None) -> UpdateDocument: ...
    def window(self, ref: str, first: int, last: int) -> WindowDocument: ...
    def names(self) -> list[NameDocument]:
        """The names that runs have, the latest first."""

    def pulse(self, ref: str, seconds: int) -> list[int]:
        """Completed requests in each of the last `seconds` of a live run, without the newest one."""

    def counted(self, run: str) -> Iterable[tuple[str, Stats, Histogram]]:
        """Of a run at hand: the name of each request, what it has counted, and the response times that are measured.
        Nobody may change them."""

    def attempt(self, task: Task) -> Plain:
        """Send each request of the task once: good, requests (as failures of a report, with checks), reason."""

    def annotate(self, ref: str, text: str) -> str: ...
    def annotation(self, ref: str) -> str: ...
    def audit_log(self, ref: str) -> list[AuditDocument]:
        """Who did what to the run, oldest first: at, action, way, role, address, who, detail."""
