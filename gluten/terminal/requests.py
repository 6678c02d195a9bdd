"""The table by request of the live view. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gluten.report.outcome import errors_of
from gluten.terminal.terminal import Span, Theme, clean, cut, line, width
from gluten.units import format_count, format_micros

Map = Mapping[str, Any]

NARROW = 64
"""In fewer columns than this the less important columns of the table are left out."""
LEAST = 3
"""The head and two lines: with less room there is no table."""
_COLUMN = 10
_WIDE = ("requests", "req/s", "p50", "p99", "errors")
_SHORT = ("req/s", "p99", "errors")


def table(requests: Sequence[Map], columns: int, room: int, theme: Theme) -> list[str]:
    """A head and a line for each request, in at most `room` lines. Requests without a line are counted in the last
    one. A run with one request needs no table."""
    if len(requests) < 2 or room < LEAST:
        return []
    shown = requests if len(requests) < room else requests[: room - 2]
    names = _WIDE if columns >= NARROW else _SHORT
    first = max(columns - _COLUMN * len(names), 1)
    head = [_cell("by request", first, "dim", theme), *((f"{name:>{_COLUMN}}", "dim") for name in names)]
    rows = [[_cell(found["name"], first, "", theme), *_figures(found, names)] for found in shown]
    left = len(requests) - len(shown)
    rest: list[list[Span]] = [[(f"and {left} more", "dim")]] if left else []
    return [line(spans, columns, theme) for spans in (head, *rows, *rest)]


def _cell(text: str, columns: int, style: str, theme: Theme) -> Span:
    shown = cut(clean(text), columns, theme.more)
    return shown + " " * (columns - width(shown)), style


def _figures(found: Map, names: Sequence[str]) -> list[Span]:
    errors = errors_of(found)
    answered = found["completed"] > 0
    cells = {
        "requests": f"{found['completed']:,}",
        "req/s": format_count(found["rate"]),
        "p50": format_micros(found["p50"]) if answered else "",
        "p99": format_micros(found["p99"]) if answered else "",
        "errors": f"{errors:,}",
    }
    return [(f"{cells[name]:>{_COLUMN}}", "bad" if name == "errors" and errors else "") for name in names]
