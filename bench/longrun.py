"""Writes a long run into a real store, as a master would leave it. It takes a minute instead of two hours.

    python -m bench.longrun FOLDER [--seconds 7200] [--nodes 4]

It writes FOLDER/gluten.db with the store's own functions: the run with its plan, one delta a second of each node with
histograms, events, and the report that the master's own code makes from them. Serve it with
`gluten.pyz --master-mode --no-load --db sqlite:///FOLDER/gluten.db`.
"""

from __future__ import annotations

import argparse
import math
import random
import time
import uuid
from functools import partial
from pathlib import Path
from typing import Any

from gluten.cluster.master import recovery, views
from gluten.cluster.master.reporting import build
from gluten.cluster.master.tables.table_writer import only_name, write_report
from gluten.cluster.run.assignment import Ending, Moment
from gluten.cluster.run.run import Run
from gluten.cluster.run.run_book import RunBook
from gluten.plan.split import PlanNode, split
from gluten.stats.delta import Delta
from gluten.stats.packed_delta import pack
from gluten.store.records import RunRecord, StoredDelta, StoredEvent
from gluten.store.store import Store
from gluten.task.task import Task

SECONDS, NODES, CORES = 7200, 4, 8
EACH = 1000
"""Requests a second of one node."""
KINDS = 12
SLOW = 5.0
"""The target is this many times slower for half a minute in every ten minutes."""
PAGE = 500


def kinds(rng: random.Random, factor: float) -> list[dict[str, Any]]:
    """Deltas of a node, without the values that differ from second to second."""
    return [_kind(rng, factor).to_map() for _ in range(KINDS)]


def _kind(rng: random.Random, factor: float) -> Delta:
    made = Delta()
    for _ in range(EACH):
        micros = int(factor * rng.lognormvariate(7.3, 0.5))
        made.of().response.record(micros)
        made.of().service.record(int(micros * 0.97))
        made.lateness.record(40 + micros % 90)
    made.of().sent = made.of().completed = EACH
    made.of().status = {200: EACH - 3, 503: 3}
    made.of().read, made.of().written = EACH * 900, EACH * 90
    made.in_flight, made.connections = 30, 50
    return made


def delta(second: int, node: int, plain: dict[str, Any]) -> Delta:
    """One second of a node. A few requests time out while the target is slow."""
    made = Delta.from_map(plain)
    made.second = second
    made.cpu = 0.4 + 0.1 * math.sin(second / 40 + node)
    if second % 600 in (307, 311):
        made.of().sent, made.of().failed = EACH + 2, 2
        made.of().errors, made.of().samples = {"timeout": 2}, {"timeout": "no answer within 2s"}
    return made


def write(store: Store, seconds: int = SECONDS, nodes: int = NODES) -> str:
    """Store a run of that length that has just ended. Returns its id."""
    ended = time.time()
    begun = Moment(100.0, ended - seconds)
    task = Task(
        "http://shop.test/checkout", nodes * CORES, nodes * 50, float(seconds), rate=float(EACH * nodes), name="soak"
    )
    record = store.create_run(RunRecord(id=uuid.uuid4().hex, task=task.to_map(), name=task.name, created_at=begun.wall))
    run = Run(RunBook(record.id, record.number, task, begun.wall))
    names = [f"berlin-{index}" for index in range(1, nodes + 1)]
    run.begin(split(task, [PlanNode(name, name, CORES) for name in names]), begun.now, begun)
    for name in names:
        run.armed(name, 1, 0.0, begun)
        run.book.skews[name] = 0.0004
    run.tick(begun)
    _load(store, run, names, seconds)
    over = Moment(begun.now + seconds, ended)
    for name in names:
        run.ended(name, 1, Ending(seconds, "finished", "", float(seconds)), over)
    run.tick(over)
    _save(store, run.book)
    return run.book.id


def _load(store: Store, run: Run, names: list[str], seconds: int) -> None:
    rng = random.Random(7)
    usual, slow = kinds(rng, 1.0), kinds(rng, SLOW)
    page: list[StoredDelta] = []
    for second in range(seconds):
        for index, name in enumerate(names):
            choice = slow if second % 600 in range(300, 330) else usual
            made = delta(second, index, choice[rng.randrange(KINDS)])
            page.append(StoredDelta(run.book.id, name, 1, second + 1, second, pack(made)))
            run.delta(name, 1, second + 1, made)
        if len(page) >= PAGE or second == seconds - 1:
            store.save_deltas(page)
            page = []


def _save(store: Store, run: RunBook) -> None:
    """Store the end of the run, as the scheduler does."""
    report = build(run, "")
    summary = views.run_map(run, 0.0, "", report=report) | {recovery.KEPT: recovery.kept(run)}
    store.add_events([StoredEvent(run.id, e.wall, e.kind, e.text, e.second, e.node) for e in run.events])
    plan = [views.assignment_record(assignment) for assignment in run.assignments.values()]
    write_report(store, run.id, report, partial(only_name, run))
    store.save_run(run.id, epoch=run.epoch)
    store.save_run(
        run.id,
        plan=plan,
        state=run.state,
        started_at=run.started_at,
        ended_at=run.ended_at,
        report=report,
        summary=summary,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    parser.add_argument("--nodes", type=int, default=NODES)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    store = Store.open(f"sqlite:///{options.folder / 'gluten.db'}")
    begun = time.monotonic()
    run = write(store, options.seconds, options.nodes)
    store.close()
    size = (options.folder / "gluten.db").stat().st_size / 1e6
    took = time.monotonic() - begun
    print(f"{run}: {options.seconds} s of {options.nodes} nodes, {size:.0f} MB, made in {took:.0f} s")


if __name__ == "__main__":
    main()
