"""Reads the deltas of a run in pages, and which of their numbers are stored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gluten.store.models import DeltaRow
from gluten.store.records import StoredDelta
from gluten.store.session import Session

PAGE = 500
"""The number of deltas that are read at once."""
WINDOW_PAGE = 50
"""The same for a window of seconds. It is small so that merging a page does not delay another run."""

DeltaKey = tuple[str, int, int]
"""(node, epoch, number): it identifies a delta in its run."""


def page(
    session: Session, run: int, after: DeltaKey | None, limit: int, seconds: tuple[int, int] | None
) -> list[DeltaRow]:
    """The next rows of the run with this number (see `Store.delta_page`). Call it within `Session.read`."""
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
    """All deltas of `run`, read by calls of `page`, which is `Store.delta_page` or similar."""
    after: DeltaKey | None = None
    while got := page(run, after, size or PAGE):
        yield from got
        after = (got[-1].node, got[-1].epoch, got[-1].number)
