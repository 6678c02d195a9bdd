"""The records of the store, as plain values that know no database."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gluten.plan.run_state import FINAL


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One run of the history.

    `id` has 32 hex digits. The store gives each run its `number`, from 1 upwards. `task` is `Task.to_map()`, and `plan`
    has one plain map for each node; both may contain bytes. Times are in Unix seconds. `key` is the idempotency key,
    which is unique if it is not empty. `adjustments` are [run-second, requests/s]. `summary` and `report` are stored as
    JSON, so their keys come back as texts. `Store.runs` leaves `report` out. A report that comes back is packed
    (`reports/named_rows`).
    """

    id: str
    task: dict[str, Any]
    number: int = 0
    name: str = ""
    state: str = "queued"
    reason: str = ""
    plan: list[dict[str, Any]] = field(default_factory=list)
    created_at: float = 0.0
    started_at: float | None = None
    ended_at: float | None = None
    key: str = ""
    who: str = ""
    epoch: int = 0
    adjustments: list[list[float]] = field(default_factory=list)
    summary: dict[str, Any] | None = None
    report: dict[str, Any] | None = None

    @property
    def final(self) -> bool:
        return self.state in FINAL


class NodeEnd(NamedTuple):
    """What a report says of a node. `ended` is the run-second at which its load ended; None in early reports."""

    name: str
    sent: int
    completed: int
    failed: int
    start_skew: float | None
    ended: float | None


@dataclass(frozen=True, slots=True)
class StoredDelta:
    """The delta of one node. Run (an id), name of the node, epoch and number identify it, so it is counted once."""

    run: str
    node: str
    epoch: int
    number: int
    second: int
    body: bytes
    """The delta as its slave packed it. `delta_bodies.delta_of` reads it."""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One line of a run's history. `at` is in Unix seconds. `second` is the run-second, or None."""

    run: str
    at: float
    kind: str
    text: str
    second: int | None = None
    node: str = ""
