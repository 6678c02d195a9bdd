"""A delta that an earlier version stored is read as the counts of one named request."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgpack
import pytest

from gluten.stats.delta import Delta
from gluten.stats.request_stats import REQUEST, Stats
from gluten.store.database_url import parse, sqlite_url
from gluten.store.delta_bodies import delta_of
from gluten.store.records import StoredDelta
from gluten.store.rows import DELTA_COLUMNS
from gluten.store.session import Session
from gluten.store.store import Store
from tests.support.reports import second
from tests.support.store_records import a_delta, a_run

DAY = 86_400
LATER = ("opened", "backlog", "peak", "host_cpu", "steal")
"""What the first versions did not store."""


def flat(delta: Delta, *without: str) -> bytes:
    """A body as it was before requests had names: one map without its second, in msgpack and zlib."""
    plain = delta.to_map()
    plain |= plain.pop("by_name")[REQUEST]
    for name in ("second", *without):
        del plain[name]
    return zlib.compress(msgpack.packb(plain, use_bin_type=True), 1)


def old(second: int, body: bytes) -> StoredDelta:
    return StoredDelta("a" * 32, "one", 1, second + 1, second, body)


def test_a_row_from_before_requests_had_names_has_the_counts_of_one() -> None:
    kept = second(7, {1000: 5, 2000: 3}, peak=4, opened=2, backlog=1, host_cpu=0.5, steal=0.25)
    kept.of().fail("reset", "peer closed")
    assert delta_of(old(7, flat(kept))).to_map() == kept.to_map()


def test_a_row_of_the_first_versions_says_nothing_of_connections_and_of_the_machine() -> None:
    read = delta_of(old(7, flat(second(7, {1000: 5}, peak=4, host_cpu=0.5), *LATER)))
    assert (read.opened, read.backlog, read.peak, read.host_cpu, read.steal) == (0, 0, 0, 0.0, 0.0)
    assert (read.second, read.completed, list(read.by_name)) == (7, 5, [REQUEST])


@pytest.mark.parametrize(
    "body",
    [
        b"x",
        zlib.compress(b""),
        zlib.compress(msgpack.packb(5)),
        zlib.compress(msgpack.packb({})),
        flat(second(7, {1000: 5}), "status"),
        flat(second(7, {1000: 5}), "lag"),
        flat(second(7, {1000: 5}))[:-3],
    ],
)
def test_a_body_that_no_version_has_written_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):
        delta_of(old(7, body))


def rows(run: int) -> Iterator[tuple[Any, ...]]:
    """A day of deltas, one a second, of ten kinds. The first half lacks what the first versions did not store."""
    kinds = [second(0, {1000 + at: 1 + at, 5000: 1}) for at in range(10)]
    first, later = [flat(kind, *LATER) for kind in kinds], [flat(kind) for kind in kinds]
    for at in range(DAY):
        yield (run, "one", 1, at + 1, at, (first if at < DAY // 2 else later)[at % 10])


@pytest.mark.slow
def test_a_day_of_old_rows_is_read_and_takes_new_ones(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "gluten.db")
    store = Store.open(url)
    run = store.create_run(a_run())
    store.close()
    session = Session(parse(url))
    session.open()
    session.write(lambda: session.insert("gluten_delta", DELTA_COLUMNS, list(rows(run.number))))
    store = Store(session)
    store.save_deltas([a_delta(run.id, DAY, "two")])
    total, seconds = Stats(), 0
    for kept in store.deltas(run.id):
        read = delta_of(kept)
        assert kept.second == read.second
        assert list(read.by_name) == [REQUEST]
        total.add(read.total)
        seconds += 1
    # Ten kinds have 2 + 3 + … + 11 = 65 requests in ten seconds; the new row has two.
    assert (seconds, total.completed, len(total.response)) == (DAY + 1, 65 * DAY // 10 + 2, 65 * DAY // 10 + 3)
    assert total.response.percentile(50) == 1007
    assert sum(1 for _ in store.window(run.id, DAY // 2 - 5, DAY // 2 + 5)) == 10
    store.close()
