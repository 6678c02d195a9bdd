"""Converts records to rows and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gluten.store.codec import clean, digest, from_json, pack, storable, to_json, unpack
from gluten.store.models import DeltaRow, Event, Run
from gluten.store.records import RunRecord, StoredDelta, StoredEvent
from gluten.store.reports.named_rows import packed
from gluten.task.secrets import redact_url

DELTA_COLUMNS = ("run", "node", "epoch", "number", "second", "body")
EVENT_COLUMNS = ("run", "digest", "at", "second", "kind", "node", "text")
SHARE_COLUMNS = ("run", "epoch", "position", "share")

CHANGING = frozenset({"state", "reason", "plan", "started_at", "ended_at", "epoch", "adjustments", "summary", "report"})
"""The fields of a run that may change after it was created."""
_JSON = frozenset({"adjustments", "summary", "report"})
_PLAIN = ("id", "name", "state", "reason", "who", "epoch", "created_at", "started_at", "ended_at")


def run_columns(record: RunRecord, number: int) -> dict[str, Any]:
    """The columns of a new run's row."""
    columns: dict[str, Any] = {name: column(name, getattr(record, name)) for name in (*_PLAIN, *_JSON)}
    columns.update(number=number, task=pack(storable(record.task)), key=record.key or None, words=_search_text(record))
    return columns


def column(name: str, value: Any) -> Any:
    """The value of a run's field in the form that its column stores."""
    if name in _JSON:
        return to_json(packed(value) if name == "report" else value)
    return clean(value) if isinstance(value, str) else value


def run_record(row: Run, plan: list[dict[str, Any]]) -> RunRecord:
    """The inverse of `run_columns`."""
    return RunRecord(
        **{name: getattr(row, name) for name in _PLAIN},
        **{name: from_json(getattr(row, name)) for name in _JSON},
        number=row.number,
        task=storable(unpack(row.task)),  # older versions stored what is refused today, such as a NUL in a name
        key=row.key or "",
        plan=plan,
    )


def _search_text(record: RunRecord) -> str:
    url = redact_url(str(record.task.get("url", "")))
    return clean(" ".join((record.name, url, record.who, record.id))).lower()


def share_rows(number: int, epoch: int, plan: Iterable[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(number, epoch, position, pack(share)) for position, share in enumerate(plan)]


def delta_row(number: int, kept: StoredDelta) -> tuple[Any, ...]:
    return (number, clean(kept.node), kept.epoch, kept.number, kept.second, kept.body)


def stored_delta(run: str, row: DeltaRow) -> StoredDelta:
    return StoredDelta(run, row.node, row.epoch, row.number, row.second, bytes(row.body))


def event_row(number: int, event: StoredEvent) -> tuple[Any, ...]:
    texts = (clean(event.kind), clean(event.node), clean(event.text))
    return (number, digest(event), event.at, event.second, *texts)


def stored_event(run: str, row: Event) -> StoredEvent:
    return StoredEvent(run, row.at, row.kind, row.text, row.second, row.node)
