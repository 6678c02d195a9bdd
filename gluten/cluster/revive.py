"""A run as the store knows it, back in memory: what a restarted master starts from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gluten.cluster.run import Run
from gluten.cluster.share import ENDED, Ending, RunEvent, Share
from gluten.load.delta import Delta
from gluten.load.plan import Candidate, subtask
from gluten.load.task import Task
from gluten.store.records import RunRecord, StoredDelta, StoredEvent

VERSIONS_PER_SECOND = 10_000
"""More than a run's version can rise by: what a restarted master tells is newer than what anybody has seen."""


def revive(
    record: RunRecord,
    plans: Mapping[int, Sequence[Mapping[str, Any]]],
    deltas: Iterable[StoredDelta],
    events: Iterable[StoredEvent],
    wall: float,
) -> Run:
    """The run with its shares, deltas and events; every share counts as ended where its deltas end."""
    run = Run(record.id, record.number, Task.from_map(record.task), record.created_at, record.key, record.who)
    run.started_at, run.epoch = record.started_at, record.epoch
    for second, rate in record.adjustments:
        run.adjustments.append((second, rate))
        run.schedule = run.schedule.adjusted(second, rate) if run.schedule else None
    run.version = max(1, int((wall - record.created_at) * VERSIONS_PER_SECOND))
    run.events = [RunEvent(e.at, e.second, e.kind, e.node, e.text, run.version) for e in events]
    run.shares = {(share.name, share.epoch): share for share in _shares(run.task, plans)}
    for kept in deltas:
        run.delta(kept.node, kept.epoch, kept.number, Delta.from_map(kept.delta))
    for share in run.shares.values():
        seen = run.ledger.last_second(share.name)
        share.ending = Ending(0, "failed", "", 0.0 if seen is None else seen + 1.0)
    return run


def _shares(task: Task, plans: Mapping[int, Sequence[Mapping[str, Any]]]) -> Iterable[Share]:
    for epoch, parts in sorted(plans.items()):
        for plain in parts:
            node = Candidate(plain["node"], plain["name"], plain["cores"])
            part = subtask(node, task, tuple(plain["threads"]), plain["begin"])
            yield Share(part, epoch, 0.0, ENDED)
