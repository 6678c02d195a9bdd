"""Reading the deltas of a run, a page at a time; and which numbers there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gluten.store.models import DeltaRow
from gluten.store.records import StoredDelta
from gluten.store.session import Session

PAGE = 500
"""Deltas that are read at once."""
WINDOW_PAGE = 50
"""The same where somebody else's run is not to wait while they are merged."""

DeltaKey = tuple[str, int, int]
"""(node, epoch, number): a delta's place in its run."""


def page(
    session: Session, run: int, after: DeltaKey | None, limit: int, seconds: tuple[int, int] | None
) -> list[DeltaRow]:
    """The next rows of the run with this number (`Store.delta_page`); to be called in `read`."""
    key = (DeltaRow.node, DeltaRow.epoch, DeltaRow.number)
    query = DeltaRow.select().where(DeltaRow.run == run).order_by(*key).limit(limit)
    if seconds is not None:
        query = query.where(DeltaRow.second >= seconds[0], DeltaRow.second < seconds[1])
    if after is not None:
        node, epoch, last = after
        later = (DeltaRow.epoch > epoch) | ((DeltaRow.epoch == epoch) & (DeltaRow.number > last))
        query = query.where((DeltaRow.node > node) | ((DeltaRow.node == node) & later))
    return list(query.execute(session.database))


def paged(page: Any, run: str, size: int | None = None) -> Iterator[StoredDelta]:
    """Every delta of `run`, by calls of `page` (`Store.delta_page` or its like)."""
    after: DeltaKey | None = None
    while got := page(run, after, size or PAGE):
        yield from got
        after = (got[-1].node, got[-1].epoch, got[-1].number)
