"""A run read back from the store: for a restarted master, and to report it once more after late deltas."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gluten.cluster.run.assignment import ENDED, LOST, Assignment, Ending, Moment, RunEvent
from gluten.cluster.run.gaps import LOSS, Gaps, missing_cause
from gluten.cluster.run.run import Run
from gluten.cluster.run.run_book import RunBook
from gluten.plan.run_state import QUEUED, STOPPING
from gluten.plan.split import PlanNode, node_task
from gluten.report.load_duration import planned_end, seen_until
from gluten.slo.slo import MISSED_EVENT
from gluten.store.delta_bodies import delta_of
from gluten.store.records import NodeEnd, RunRecord, StoredDelta, StoredEvent
from gluten.task.task import Task

if TYPE_CHECKING:
    from gluten.workload.workload import Workload

VERSIONS_PER_SECOND = 10_000
"""More than a run's version can rise by in a second. So a restarted master starts above every version that was seen."""

KEPT = "kept"
"""The key of a record's summary under which `kept` is stored. Only the next master reads it."""

Plans = Mapping[int, Sequence[Mapping[str, Any]]]


def kept(run: RunBook) -> dict[str, Any]:
    """What the next master needs of a run, beside its assignments, deltas and events."""
    ends = [
        [name, epoch, assignment.ending.last]
        for (name, epoch), assignment in run.assignments.items()
        if assignment.ending
    ]
    known = {"wanted": run.wanted, "gaps": run.gaps.to_list(), "skews": run.skews, "ends": ends}
    return known | {"threads": run.task.threads, "most": run.most}


def recover(
    record: RunRecord,
    plans: Plans,
    deltas: Iterable[StoredDelta],
    events: Iterable[StoredEvent],
    wall: float,
    workload: Workload | None = None,
) -> Run:
    """The run with its assignments, deltas and events. Each assignment counts as ended where its deltas end. `workload`
    is what its task's file says."""
    book, known = _book(record, wall, workload), _known(record)
    book.epoch = max([record.epoch, *plans])
    book.events = [RunEvent(e.at, e.second, e.kind, e.node, e.text, book.version) for e in events]
    book.chores.recall(book.events)
    if book.slos is not None:
        book.slos.recall(event.text for event in book.events if event.kind == MISSED_EVENT)
    if (threads := known.get("threads")) is not None:
        book.task, book.most = book.asked.resolved(threads), known.get("most")
    book.assignments = {(assignment.name, assignment.epoch): assignment for assignment in _assignments(book, plans)}
    run = Run(book)
    for stored in deltas:
        run.delta(stored.node, stored.epoch, stored.number, delta_of(stored))
    _recall(book, known)
    _lose(book)
    return run


def _book(record: RunRecord, wall: float, workload: Workload | None) -> RunBook:
    """What the record itself knows of the run."""
    task = Task.from_map(record.task)  # the store has no secrets
    book = RunBook(record.id, record.number, task, record.created_at, record.key, record.who, task, workload)
    book.started_at = record.started_at
    for second, rate in record.adjustments:
        book.adjust(second, rate)
    book.version = max(1, int((wall - record.created_at) * VERSIONS_PER_SECOND))
    return book


def _known(record: RunRecord) -> Mapping[str, Any]:
    return (record.summary or {}).get(KEPT) or {}


def _recall(run: RunBook, known: Mapping[str, Any]) -> None:
    """Restore what `kept` has stored. Deltas that arrived late are not missing any more."""
    run.gaps, run.skews = Gaps(known.get("gaps", ())), dict(known.get("skews", {}))
    ends = {(name, epoch): last for name, epoch, last in known.get("ends", ())}
    for (name, epoch), assignment in run.assignments.items():
        assignment.ending = Ending(ends.get((name, epoch), 0), "failed", "", _seen_until(run, name))
        if (name, missing_cause(epoch)) in run.gaps:
            run.gaps.correct(name, missing_cause(epoch), run.ledger.missing(name, epoch, assignment.ending.last))


def readopt(run: Run, record: RunRecord, at: Moment) -> None:
    """Let a recovered run go on. Its nodes still work on it, or will report that they do not."""
    if record.state == QUEUED or record.started_at is None:
        run.book.assignments, run.book.epoch = {}, 0
        if record.state == STOPPING:
            run.fail(f"it was being ended before it began: {record.reason}", at)
        return
    # Run-second 0 is known in Unix time alone: the earlier master's monotonic clock may be that of another machine.
    run.book.start = at.now - (at.wall - record.started_at)
    for assignment in run.book.assignments.values():
        assignment.ending = None
    wanted = _known(record).get("wanted")
    run.resume(record.state, tuple(wanted) if wanted else None, at)


def conclude(run: RunBook, record: RunRecord, nodes: Sequence[NodeEnd]) -> None:
    """Give a recovered run that is over the end that it had, by what its report says of the `nodes`. Its counts include
    what has arrived since."""
    run.state, run.reason, run.ended_at = record.state, record.reason, record.ended_at
    summary = record.summary or {}
    run.kind, run.duration = summary.get("kind", ""), summary.get("duration")
    run.load_end = max((node.ended for node in nodes if node.ended is not None), default=run.duration)
    for node in nodes:
        if node.start_skew is not None:
            run.skews[node.name] = node.start_skew
        if node.ended is not None:
            _end_at(run, node.name, node.ended)


def _end_at(run: RunBook, name: str, ended: float) -> None:
    """A node that was not lost has said when its load ended."""
    for assignment in run.assignments.values():
        if assignment.name == name and assignment.state != LOST and assignment.ending:
            assignment.ending = replace(assignment.ending, ended=ended)


def _seen_until(run: RunBook, name: str) -> float:
    return seen_until(run.ledger.last_sent(name), planned_end(run.task, run.schedule))


def _reported_until(run: RunBook, name: str) -> float:
    last = run.ledger.last_second(name)
    return 0.0 if last is None else min(last + 1.0, run.task.duration or math.inf)


def _lose(run: RunBook) -> None:
    """Restore from the events which nodes were lost, and how many seconds of their counts are missing."""
    lost = {event.node for event in run.events if event.kind == "node_lost"}
    for assignment in run.assignments.values():
        if assignment.name in lost:
            assignment.state = LOST
    for event in run.events:
        if event.kind == "rebalanced" and event.second is not None:
            run.gaps.correct(event.node, LOSS, event.second - math.ceil(_reported_until(run, event.node)))


def _assignments(run: RunBook, plans: Plans) -> Iterable[Assignment]:
    for epoch, plan in sorted(plans.items()):
        for plain in plan:
            node = PlanNode(plain["node"], plain["name"], plain["cores"])
            threads = tuple(plain["threads"])
            task = node_task(node, run.task, threads, plain["begin"], plain.get("left"), run.most)
            yield Assignment(task, epoch, 0.0, ENDED)
