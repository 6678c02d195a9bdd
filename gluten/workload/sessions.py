"""How many sessions the rows of unique feeds allow. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import NamedTuple

from gluten.workload.mix import Mix
from gluten.workload.workload import Feed, Workload


class RowsEnd(NamedTuple):
    """`session` is the number of the first session that finds no row in `feed`: so many sessions begin before."""

    session: int
    feed: Feed


def most_sessions(workload: Workload, rows: Mapping[str, int]) -> int | None:
    """How many sessions can begin. None: no feed ends. `rows` are how many each feed has."""
    end = rows_end(workload, rows)
    return None if end is None else end.session


def rows_end(workload: Workload, rows: Mapping[str, int]) -> RowsEnd | None:
    """Where the rows of the first feed end. None: no feed ends."""
    mix = Mix(workload.weights, workload.seed)
    ends = [_end(workload, mix, feed, rows[feed.name]) for feed in workload.feeds if feed.pick == "unique"]
    return min((end for end in ends if end is not None), key=lambda end: end.session, default=None)


def _end(workload: Workload, mix: Mix, feed: Feed, rows: int) -> RowsEnd | None:
    uses = [at for at, session in enumerate(workload.sessions) if feed.name in workload.feeds_of(session)]
    if not uses:
        return None
    # Each block has a use at least, so the row after the last is asked for before so many blocks have ended.
    sessions = range(mix.block * (rows + 2))
    first = bisect_right(sessions, rows, key=lambda number: sum(mix.before(at, number + 1) for at in uses))
    return RowsEnd(first, feed)
