"""Narrows and orders a list of runs. The figures are those of the totals that people query in SQL."""

from __future__ import annotations

from typing import Any

from peewee import JOIN, Table, fn

from gluten.listing import Listing
from gluten.store.codec import clean
from gluten.store.models import Run
from gluten.store.removal import there
from gluten.store.session import Session

_COLUMNS = {
    "rate": "rate_per_s",
    "p50": "response_p50_us",
    "p95": "response_p95_us",
    "p99": "response_p99_us",
    "requests": "completed",
    "duration": "duration_s",
}
_TOTAL: Any = Table("gluten_total", ("run", "verdict", "good", "failed", *_COLUMNS.values()))


def narrowed(query: Any, by: Listing) -> Any:
    """The query of runs, for this list alone and in its order."""
    if by.states:
        query = query.where(Run.state.in_(by.states))
    if by.name:
        query = query.where(Run.name == clean(by.name))
    if by.verdict or by.sort != "number":
        query = query.join(_TOTAL, JOIN.LEFT_OUTER, on=(_TOTAL.run == Run.number))
    if by.verdict:
        query = query.where(_TOTAL.verdict == by.verdict)
    return query.order_by(*_order(by))


def names(session: Session, most: int) -> list[tuple[str, int, int]]:
    """(name, how many runs have it, number of the newest of them), the latest names first."""
    newest = fn.max(Run.number)
    query = Run.select(Run.name, fn.count(Run.number), newest).where(there(), Run.name != "").group_by(Run.name)
    rows = query.order_by(newest.desc()).limit(most).tuples()
    return session.read(lambda: [(name, int(count), int(last)) for name, count, last in rows.execute(session.database)])


def _order(by: Listing) -> list[Any]:
    """Runs of equal figures: the newest first. Databases differ in where null comes, so it has a place of its own."""
    if by.sort == "number":
        return [Run.number.asc() if by.ascending else Run.number.desc()]
    figure = _figure(by.sort)
    return [figure.is_null(), figure.asc() if by.ascending else figure.desc(), Run.number.desc()]


def _figure(sort: str) -> Any:
    if sort == "errors":
        return _TOTAL.completed + _TOTAL.failed - _TOTAL.good
    return getattr(_TOTAL, _COLUMNS[sort])
