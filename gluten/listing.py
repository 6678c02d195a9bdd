"""Which runs a list shows, and in which order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from gluten.documents import RunState

STATES: tuple[str, ...] = get_args(RunState)
VERDICTS = ("valid", "suspect", "invalid")
SORTS = ("number", "rate", "p50", "p95", "p99", "errors", "requests", "duration")
"""What a list can be sorted by. `requests`: those that were answered; `errors`: those that were not good."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Only runs in one of `states`, with this verdict, of exactly this name; what is empty selects nothing.

    A run that has no such figure, because it is not over, comes last in every order but the one by `number`.
    """

    states: tuple[str, ...] = ()
    verdict: str = ""
    name: str = ""
    sort: str = "number"
    ascending: bool = False

    def admits(self, run: Mapping[str, Any]) -> bool:
        """Whether the list shows this run map. (A store asks its database instead.)"""
        verdict = (run.get("verdict") or {}).get("value", "")
        state = not self.states or run["state"] in self.states
        return state and self.verdict in ("", verdict) and self.name in ("", run.get("name"))


EVERY = Listing()
"""All runs, newest first."""
