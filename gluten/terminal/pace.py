"""What the plan of a run counts, and how far that has come: requests, or sessions where there are scenarios. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from gluten.terminal.terminal import Span

Map = Mapping[str, Any]


class Pace(NamedTuple):
    """`what` the plan counts. `asked` in this second (None: no rate is asked), `begun` of it; `done` so far."""

    what: str
    asked: float | None
    begun: int
    done: int

    @property
    def short(self) -> bool:
        """Whether less came than was asked for. After the plan's end no rate is asked."""
        return self.asked is not None and self.asked > 0 and self.begun < 0.99 * self.asked


def pace(run: Map, row: Map | None) -> Pace:
    """Of a run, and of its second `row`."""
    row = row or {}
    sessions = run.get("sessions")
    if sessions is None:
        return Pace("requests", row.get("asked"), row.get("completed", 0), run["completed"] + run["failed"])
    ended = sessions["finished"] + sessions["ended"] + sessions["cut"]
    return Pace("sessions", row.get("asked"), row.get("begun", 0), ended)


def session_spans(run: Map, row: Map) -> list[Span]:
    """The sessions of a run, behind their label. Empty: it has none."""
    sessions = run.get("sessions")
    if sessions is None:
        return []
    now = pace(run, row)
    spans: list[Span] = [(f"{now.begun:,}", "warn" if now.short else "bold")]
    spans += [(f" of {now.asked:,.6g} asked", "")] if now.asked else []
    spans.append((f" began   {row.get('active', 0):,} at once   ", ""))
    spans.append((f"{sessions['finished']:,} finished", "dim"))
    for name in ("ended", "cut", "dropped"):
        if sessions[name]:
            spans.append((f", {sessions[name]:,} {name}", "warn"))
    return spans


def session_words(run: Map, row: Map) -> str:
    """The same for a line of a log; empty: there are none."""
    sessions = run.get("sessions")
    return f"  sessions {''.join(text for text, _ in session_spans(run, row))}" if sessions else ""
