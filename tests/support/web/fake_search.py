"""The search of a simulated run of `http://…/search…`: it doubles the rate, and then narrows the interval.

The capacity is 12,500/s, of a run of `/search?at=9000` 9,000/s.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from gluten.task.task import Task

Map = Any
CAPACITY = 12_500.0
SHORT, LONG = 3, 12
"""Seconds of a trial far from the capacity, and close to it."""


def found(task: Task, elapsed: float, over: bool) -> Map | None:
    """What the search has found after so many seconds. None: the run does not search."""
    url = urlsplit(task.url)
    if url.path != "/search":
        return None
    capacity = float(parse_qs(url.query).get("at", [CAPACITY])[0])
    trials = [one for one in _trials(capacity) if one["from"] < elapsed]
    if trials and trials[-1]["to"] > elapsed:
        trials[-1] |= {"to": int(elapsed), "state": "undecided", "slo": None}
    holds = max((one["rate"] for one in trials if one["state"] == "holds"), default=None)
    misses = min((one["rate"] for one in trials if one["state"] == "misses"), default=None)
    return {
        "unit": "requests/s",
        "holds": holds,
        "misses": misses,
        "confidence": 0.95,
        "precision": 0.02,
        "limit": "target" if over else None,
        "node": None,
        "slo": "p99 < 250ms" if misses else None,
        "recovers": True if misses else None,
        "moved": False,
        "trials": trials,
        "text": _text(holds, misses, over),
    }


def _trials(capacity: float) -> list[Map]:
    """All trials, one after the other, a second between two."""
    rates = [10 * 2.0**step for step in range(12) if 10 * 2.0 ** (step - 1) < capacity]
    low, high = rates[-2], rates[-1]
    while high > 1.02 * low:
        rates.append(round((low * high) ** 0.5))
        low, high = (rates[-1], high) if rates[-1] <= capacity else (low, rates[-1])
    made: list[Map] = []
    for rate in [*rates, low]:
        begin = made[-1]["to"] + 1 if made else 1
        made.append(_trial(rate, capacity, begin))
    return made


def _trial(rate: float, capacity: float, begin: int) -> Map:
    misses, close = rate > capacity, 0.9 < rate / capacity < 1.1
    p50 = 9000.0 / max(0.03, 1 - rate / (1.05 * capacity))
    return {
        "rate": rate,
        "from": begin,
        "to": begin + (LONG if close else SHORT),
        "state": "misses" if misses else "holds",
        "slo": "p99 < 250ms",
        "p50": p50,
        "p95": 1.2 * p50,
        "p99": 1.3 * p50,
        "errors": max(0.0, min(1.0, rate / (1.05 * capacity) - 1)),
        "in_flight": round(rate * p50 / 1e6),
    }


def _text(holds: float | None, misses: float | None, over: bool) -> str:
    if holds is None:
        return "no rate holds yet"
    upper = f", misses at {misses:,.0f}/s: p99 < 250ms" if misses else ""
    return (
        f"holds {holds:,.0f}/s{' (95 %)' if over else ''}{upper}{'; the target was the limit' if over else ' so far'}"
    )
