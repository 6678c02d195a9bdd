"""Answers of searches for the capacity, as they stand in a report."""

from __future__ import annotations

from typing import Any

from tests.support.reports import closed

TEXT = "holds 12,400/s (95 %), misses at 12,650/s: p99 of pay; the target was the limit"
SLO = "p99 < 250ms"


def trial(rate: float, begin: int, end: int, state: str = "holds", **more: Any) -> dict[str, Any]:
    """A window at this rate. The closer it is to 13,000/s, the longer its times."""
    p50 = 8000.0 / max(0.05, 1 - rate / 13_000)
    figures = {"p50": p50, "p95": 3.1 * p50, "p99": 4.6 * p50, "errors": 0.0, "in_flight": round(rate * p50 / 1e6)}
    return {"rate": rate, "from": begin, "to": end, "state": state, "slo": SLO} | figures | more


TRIALS = [
    trial(10.0, 1, 4),
    trial(6400.0, 5, 9),
    trial(12_800.0, 10, 13, "misses", errors=0.031, in_flight=4210),
    trial(12_650.0, 20, 35, "misses"),
    trial(12_500.0, 36, 51, "undecided"),
    trial(12_400.0, 52, 82),
]


def found(**more: Any) -> dict[str, Any]:
    """An answer with everything in it."""
    document: dict[str, Any] = {
        "unit": "requests/s",
        "holds": 12_400.0,
        "misses": 12_650.0,
        "confidence": 0.95,
        "precision": 0.02,
        "limit": "target",
        "node": None,
        "slo": SLO,
        "recovers": True,
        "moved": False,
        "trials": [dict(one) for one in TRIALS],
        "text": TEXT,
    }
    return document | more


def searched(seconds: int = 12, at_least: float | None = None, **more: Any) -> Any:
    """A report with an answer. Only the first seconds are there."""
    report = closed(seconds)
    report["task"]["at_least"] = at_least
    return report | {"capacity": found(**more)}
