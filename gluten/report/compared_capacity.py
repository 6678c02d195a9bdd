"""Runs that searched for the capacity, side by side. Their counts, times and rates are of whole searches, which went
through many rates, so they say nothing of the target. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Found = Mapping[str, Any]


def capacity_of(report: Found) -> Found | None:
    """What the search has found. None: the run did not search, or is of an earlier version."""
    found: Found | None = report.get("capacity")
    return found


def reason_of(report: Found) -> str:
    """Why the run ended. A search ends with its answer, which stands elsewhere: then there is no more to say."""
    found = capacity_of(report)
    reason = str(report["reason"])
    return "" if found is not None and reason == found["text"] else reason


def searched(report: Found) -> bool:
    return capacity_of(report) is not None


def are_apart(a: Found, b: Found) -> bool | None:
    """Whether the intervals of two answers have nothing in common. None: one is open to a side, and may reach the
    other."""
    if _below(a, b) or _below(b, a):
        return True
    return None if a["misses"] is None or b["misses"] is None else False


def _below(low: Found, high: Found) -> bool:
    return low["misses"] is not None and high["holds"] is not None and low["misses"] <= high["holds"]
