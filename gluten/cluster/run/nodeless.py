"""Runs that cannot begin because no node takes part in load: when they say so, and when they fail. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Generic, Protocol, TypeVar

from gluten.cluster.run import around
from gluten.cluster.run.assignment import Moment
from gluten.cluster.run.run_book import RunBook
from gluten.plan.run_state import FAILED
from gluten.units import format_duration

SAID_AFTER = 5.0
"""Seconds without a node. After a restart of the master its nodes are back sooner."""
WAITS = "no node takes part in load: it begins when one joins"


class Waiting(Protocol):
    @property
    def book(self) -> RunBook: ...


W = TypeVar("W", bound=Waiting)


class Nodeless(Generic[W]):
    """`timeout` is the number of seconds after which the runs fail. None: they wait for ever. `changed` gets each run
    that is judged."""

    def __init__(self, timeout: float | None, changed: Callable[[W], None]) -> None:
        self._timeout, self._changed = timeout, changed
        self._since: float | None = None

    def judge(self, runs: Iterable[W], nodes: Collection[object], at: Moment) -> bool:
        """These runs could begin on these nodes. True where there are any."""
        if nodes:
            self._since = None
        elif self._since is None:
            self._since = at.now
        for run in runs:
            if not run.book.final and run.book.wanted is None:
                self._judge(run.book, at)
                self._changed(run)
        return self._since is None

    def excuse(self, seconds: float) -> None:
        """The master itself was paused for so long."""
        if self._since is not None:
            self._since += seconds

    def _judge(self, book: RunBook, at: Moment) -> None:
        waited = 0.0 if self._since is None else at.now - self._since
        if self._timeout is not None and waited >= self._timeout:
            lasted = format_duration(self._timeout)
            why = f"no node took part in load for {lasted}: start a slave, and send the task again"
            around.end(book, (FAILED, why, ""), at)
        elif waited >= SAID_AFTER and book.reason != WAITS:
            book.reason = WAITS
            book.record_event(at, "no_node", f"{WAITS}{self._limit()}")
        elif self._since is None and book.reason == WAITS:
            book.reason = ""
            book.touch()

    def _limit(self) -> str:
        return "" if self._timeout is None else f"; without one it fails after {format_duration(self._timeout)}"
