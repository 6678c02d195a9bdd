"""Sessions in the live view: what became of them so far, and a table by scenario. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gluten.terminal.named_table import named_table
from gluten.terminal.terminal import Span, Theme
from gluten.units import format_micros

Map = Mapping[str, Any]

_SHORT = ("begun", "ended", "p99")
_LONG = ("p95",)


def session_lines(sessions: Map, row: Map) -> Iterator[list[Span]]:
    """The sessions of the newest second, then those so far. The caller puts a label in front of each."""
    yield [(f"{row.get('begun', 0):,}", "bold"), (f"{_asked(row)} begun in the last second, {_at_once(row)}", "")]
    spans: list[Span] = [(f"{sessions['begun']:,} begun, {sessions['finished']:,} finished", "")]
    for name, style in (("ended", "bad"), ("cut", "warn"), ("dropped", "warn")):
        if sessions[name]:
            spans += [(", ", ""), (f"{sessions[name]:,} {name}", style)]
    yield [*spans, (" so far", "")]


def summary(sessions: Map, row: Map) -> str:
    """The same for a line of a log."""
    counts = [f"{sessions[name]} {name}" for name in ("finished", "ended", "cut", "dropped") if sessions[name]]
    so_far = f", so far {', '.join(counts)}" if counts else ""
    return f"  sessions {row.get('begun', 0):,}{_asked(row)} begun/s, {_at_once(row)}{so_far}"


def _asked(row: Map) -> str:
    return f" of {row['asked']:,.6g}" if row["asked"] else ""


def _at_once(row: Map) -> str:
    return f"{row.get('active', 0):,} at once"


def table(scenarios: Sequence[Map], columns: int, room: int, theme: Theme) -> list[str]:
    """A head and a line for each scenario, in at most `room` lines."""
    return named_table("by scenario", scenarios, _figures, _SHORT, columns, room, theme, _LONG)


def _figures(found: Map) -> dict[str, Span]:
    finished = found["finished"] > 0
    return {
        "begun": (f"{found['begun']:,}", ""),
        "finished": (f"{found['finished']:,}", ""),
        "ended": (f"{found['ended']:,}", "bad" if found["ended"] else ""),
        "p50": (format_micros(found["p50"]) if finished else "", ""),
        "p95": (format_micros(found["p95"]) if finished and found.get("p95") else "", ""),
        "p99": (format_micros(found["p99"]) if finished else "", ""),
    }
