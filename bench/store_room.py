"""What the tables for SQL (docs/sql.md) add to the store: room, and time to write a second of a run.

    python -m bench.store_room [SECONDS] [URL]

It stores SECONDS (1200) seconds of a run with 20 names in a new SQLite file, or in the empty database of the URL: first
the delta of each second, then its rows.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from gluten.stats.delta import Delta
from gluten.stats.packed_delta import pack
from gluten.stats.row import row
from gluten.store.database_url import sqlite_url
from gluten.store.migrations import sql
from gluten.store.records import RunRecord, StoredDelta
from gluten.store.store import Store
from gluten.task.task import Task

NAMES, A_SECOND = 20, 50
"""Named requests, and how often each is sent in a second."""
TABLES = ("gluten_delta", "gluten_second", "gluten_request_second")


def a_second(number: int, chance: random.Random) -> Delta:
    """Response times as many services have them: log-normal, about 3 ms."""
    delta = Delta(number)
    for name in range(NAMES):
        stats = delta.of(f"request number {name}")
        for _ in range(A_SECOND):
            micros = int(chance.lognormvariate(8, 0.6))
            stats.response.record(micros)
            stats.service.record(max(1, micros - chance.randrange(20)))
        stats.sent = stats.completed = A_SECOND
        stats.status = {200: A_SECOND}
        stats.read, stats.written = 1000 * A_SECOND, 400 * A_SECOND
    delta.connections = delta.peak = 100
    return delta


def timed(work: Callable[[], None]) -> float:
    """Milliseconds that the work takes."""
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


def fill(store: Store, seconds: int) -> tuple[float, float]:
    """The medians of what deltas and rows of a second take, in milliseconds."""
    task = Task(url="http://t.test/").to_map()
    run = store.create_run(RunRecord(id=uuid.uuid4().hex, task=task, state="running", started_at=1.0)).id
    chance, deltas, rows = random.Random(7), [], []
    for number in range(seconds):
        delta = a_second(number, chance)
        kept = StoredDelta(run, "node", 1, number + 1, number, pack(delta))
        plain = row(delta, NAMES * A_SECOND, {"node": delta})
        deltas.append(timed(lambda kept=kept: store.save_deltas([kept])))  # type: ignore[misc]
        rows.append(timed(lambda plain=plain: store.save_seconds(run, [plain], [None])))  # type: ignore[misc]
    return statistics.median(deltas), statistics.median(rows)


def room(store: Store, url: str) -> dict[str, float]:
    """Megabytes of each table with its indexes."""
    found = {}
    for table in TABLES:
        query = (
            f"select sum(pgsize) from dbstat where name in (select name from sqlite_master where tbl_name = '{table}')"
        )
        if url.startswith("postgres"):
            query = f"select pg_total_relation_size('{table}')"
        found[table] = float(sql(store._session.database, query).fetchone()[0]) / 1e6
    return found


def main() -> None:
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 1200
    with tempfile.TemporaryDirectory() as folder:
        url = sys.argv[2] if len(sys.argv) > 2 else sqlite_url(Path(folder) / "room.db")
        store = Store.open(url)
        deltas, rows = fill(store, seconds)
        print(f"a second: its delta {deltas:.2f} ms, its rows {rows:.2f} ms")
        for table, megabytes in room(store, url).items():
            print(f"{table}: {megabytes:.2f} MB")
        store.close()


if __name__ == "__main__":
    main()
