"""Runs, deltas and events to put into stores."""

from __future__ import annotations

import uuid
from typing import Any

from gluten.stats.delta import Delta
from gluten.stats.packed_delta import pack
from gluten.store.records import RunRecord, StoredDelta, StoredEvent
from gluten.task.task import Task


def a_run(**fields: Any) -> RunRecord:
    task = Task(url=fields.pop("url", "http://user:secret@target.example/path"), body=b"\x00\xff")
    given: dict[str, Any] = {"id": uuid.uuid4().hex, "task": task.to_map(), "created_at": 1.25, **fields}
    return RunRecord(**given)


def a_delta(run: str, number: int, node: str = "one", epoch: int = 1) -> StoredDelta:
    seen = Delta(number)
    for micros in (100 + number, 2_000, 3_600_000_000):
        seen.of().response.record(micros)
        seen.of().service.record(micros)
    seen.of().sent, seen.of().completed = 3, 2
    seen.of().status = {200: 1, 503: 1}
    seen.of().fail("reset", "peer closed")
    return StoredDelta(run, node, epoch, number, seen.second, pack(seen))


def an_event(run: str, at: float = 10.0, **fields: Any) -> StoredEvent:
    return StoredEvent(**{"run": run, "at": at, "kind": "started", "text": "load began", **fields})
