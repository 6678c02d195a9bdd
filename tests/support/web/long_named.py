"""A finished run of many seconds and many named requests, in a real store, as a master leaves it.

Its rows are one real row, told again for each second with other counts: to merge each second anew would take minutes.
"""

from __future__ import annotations

import math
import time
import uuid
from typing import Any

from gluten.cluster.master import recovery, views
from gluten.cluster.master.reporting import build
from gluten.cluster.run.assignment import Ending, Moment
from gluten.cluster.run.run import Run
from gluten.cluster.run.run_book import RunBook
from gluten.plan.split import PlanNode, split
from gluten.stats.delta import Delta
from gluten.store.records import RunRecord, StoredEvent
from gluten.store.store import Store
from gluten.task.task import Task

EACH = 50
"""Requests a second of each name."""


DRAWN = """
const box = document.querySelector('#charts');
const charts = box ? [...box.querySelectorAll('.chart')] : [];
const all = charts.length && charts.every((e) => e.querySelector('canvas') || e.querySelector('.nodata')?.isConnected);
return Number(box?.dataset.seconds) >= arguments[0] && all ? performance.now() : 0;
"""
"""The page's time (ms), once it has drawn so many seconds; else 0."""
MANY = 200


def names(count: int) -> list[str]:
    return [f"GET /shop/part-{index:02}" for index in range(count)]


def write(store: Store, seconds: int, requests: int) -> str:
    """Store the run. Returns its id."""
    ended = time.time()
    begun = Moment(100.0, ended - seconds)
    task = Task("http://shop.test/", 8, 200, float(seconds), rate=float(EACH * requests), name="long shop")
    record = store.create_run(RunRecord(id=uuid.uuid4().hex, task=task.to_map(), name=task.name, created_at=begun.wall))
    run = Run(RunBook(record.id, record.number, task, begun.wall))
    run.begin(split(task, [PlanNode("berlin-1", "berlin-1", 8)]), begun.now, begun)
    run.armed("berlin-1", 1, 0.0, begun)
    run.tick(begun)
    run.delta("berlin-1", 1, 1, _delta(requests))
    over = Moment(begun.now + seconds, ended)
    run.ended("berlin-1", 1, Ending(1, "finished", "", float(seconds)), over)
    run.tick(over)
    _save(store, run.book, seconds)
    return record.id


def write_many(store: Store) -> None:
    """Store 200 short runs, each with a name and a place in every list."""
    for _ in range(MANY):
        write(store, 3, 2)


def _delta(requests: int) -> Delta:
    made = Delta()
    for place, name in enumerate(names(requests)):
        stats = made.of(name)
        for step in range(EACH):
            stats.response.record(1500 + 37 * step * (place + 1))
            stats.service.record(1400 + 31 * step * (place + 1))
        stats.sent = stats.completed = EACH
        stats.status = {200: EACH - 1, 503: 1}
        stats.read, stats.written = EACH * 900, EACH * 90
    made.in_flight, made.connections, made.cpu = 30, 50, 0.4
    return made


def _save(store: Store, run: RunBook, seconds: int) -> None:
    report: Any = build(run, "")
    first = report["seconds"][0]
    report["seconds"] = [_at(first, second) for second in range(seconds)]
    summary = views.run_map(run, 0.0, "", report=report) | {recovery.KEPT: recovery.kept(run)}
    summary["by_request"] = views.of_report(report | {"task": {"workload": "x"}})["by_request"]
    store.add_events([StoredEvent(run.id, e.wall, e.kind, e.text, e.second, e.node) for e in run.events])
    plan = [views.assignment_record(assignment) for assignment in run.assignments.values()]
    store.save_run(run.id, epoch=run.epoch)
    times = {"started_at": run.started_at, "ended_at": run.ended_at}
    store.save_run(run.id, plan=plan, state=run.state, report=report, summary=summary, **times)


def _at(row: dict[str, Any], second: int) -> dict[str, Any]:
    """The row of another second: p99 goes up and down, by name and in all."""
    wave = 1.0 + 0.3 * math.sin(second / 90)
    named = {
        name: figures | {"p99": round(figures["p99"] * wave), "completed": figures["completed"] - second % 7}
        for name, figures in row["by_request"].items()
    }
    whole = {"second": second, "version": second + 1, "p99": round(row["p99"] * wave), "by_request": named}
    return row | whole | {"completed": sum(figures["completed"] for figures in named.values())}
