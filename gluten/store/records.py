"""What the store keeps, as plain values. Nothing here knows a database."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gluten.plan.run_state import FINAL


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One run of the history.

    `id` is 32 hex digits; `number` rises from 1 and is given by the store. `task` is `Task.to_map()`, `plan`
    one plain map a node (bytes allowed in both). Instants are Unix seconds. `key` is the idempotency key,
    unique where it is not empty. `adjustments` are [run-second, requests/s]. `summary` and `report` are kept
    as JSON, so their keys come back as texts; `Store.runs` leaves `report` out.
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


@dataclass(frozen=True, slots=True)
class StoredDelta:
    """One node's delta, named so that it is counted once: by run (its id), node's name, epoch and number."""

    run: str
    node: str
    epoch: int
    number: int
    second: int
    body: bytes
    """The delta as its slave packed it. `delta_bodies.delta_of` reads it."""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One line of a run's history. `at` is Unix seconds, `second` the run-second, where there is one."""

    run: str
    at: float
    kind: str
    text: str
    second: int | None = None
    node: str = ""
