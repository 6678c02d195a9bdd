"""Reading the deltas of a run, a page at a time; and which numbers there are."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from peewee import Select, fn

from gluten.store.models import DeltaRow
from gluten.store.records import Known, StoredDelta
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


def known(session: Session, run: int) -> dict[tuple[str, int], Known]:
    """Which numbers of each (node, epoch) of the run with this number are committed; to be called in `read`."""
    # Numbers without a gap keep their distance to their rank: each distance is one range.
    key = (DeltaRow.node, DeltaRow.epoch)
    rank = fn.row_number().over(partition_by=key, order_by=[DeltaRow.number])
    # Not "node": peewee's `c` keeps something of its own under that name.
    source = DeltaRow.node.alias("source")
    ranked = DeltaRow.select(source, DeltaRow.epoch, DeltaRow.number, (DeltaRow.number - rank).alias("island"))
    inner = ranked.where(DeltaRow.run == run).alias("ranked")
    node, epoch, low, high = inner.c.source, inner.c.epoch, fn.min(inner.c.number), fn.max(inner.c.number)
    query = Select((inner,), (node, epoch, low.alias("low"), high.alias("high")))
    query = query.group_by(node, epoch, inner.c.island).order_by(node, epoch, low)
    rows = query.tuples().execute(session.database)
    return {
        name: Known(tuple((low, high) for *_, low, high in ranges))
        for name, ranges in groupby(rows, key=lambda row: (row[0], row[1]))
    }


def paged(page: Any, run: str, size: int | None = None) -> Iterator[StoredDelta]:
    """Every delta of `run`, by calls of `page` (`Store.delta_page` or its like)."""
    after: DeltaKey | None = None
    while got := page(run, after, size or PAGE):
        yield from got
        after = (got[-1].node, got[-1].epoch, got[-1].number)
