"""What a trial found, for programs: as keys and plain values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

# A node asks for trials, and makes none itself.
if TYPE_CHECKING:
    from gluten.engine.trial.tried import Tried

Plain = dict[str, Any]


def document(requests: Sequence[Plain], reason: str = "") -> Plain:
    """`requests` are as `plain_of` makes them. `reason`: why the others were not tried."""
    return {"good": not reason and all(one["good"] for one in requests), "requests": list(requests), "reason": reason}


def plain_of(one: Tried) -> Plain:
    """Keys as those of a report's failures; `time` in microseconds, `pause` in seconds."""
    whole = one.exchange.to_map()
    error = {"kind": one.kind, "text": one.exchange.text} if one.kind else None
    return {
        "request": one.name,
        "good": one.good,
        "sent": whole["sent"],
        "answer": whole["answer"],
        "error": error,
        "time": None if error else round(one.seconds * 1e6),
        "checks": [{"check": check, "holds": holds} for check, holds in one.checks],
        "taken": dict(one.takes),
        "session": one.session,
        "pause": round(one.pause, 3),
        "ended": one.ended,
    }
