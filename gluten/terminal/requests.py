"""The table by request of the live view. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gluten.report.outcome import errors_of
from gluten.terminal.named_table import named_table
from gluten.terminal.terminal import Span, Theme
from gluten.units import format_count, format_micros

Map = Mapping[str, Any]

_SHORT = ("req/s", "p99", "errors")
_LONG = ("p95",)


def table(requests: Sequence[Map], columns: int, room: int, theme: Theme) -> list[str]:
    """A head and a line for each request, in at most `room` lines. A run with one request needs no table."""
    return named_table("by request", requests, _figures, _SHORT, columns, room, theme, _LONG)


def _figures(found: Map) -> dict[str, Span]:
    errors = errors_of(found)
    answered = found["completed"] > 0
    return {
        "requests": (f"{found['completed']:,}", ""),
        "req/s": (format_count(found["rate"]), ""),
        "p50": (format_micros(found["p50"]) if answered else "", ""),
        "p95": (format_micros(found["p95"]) if answered and found.get("p95") else "", ""),
        "p99": (format_micros(found["p99"]) if answered else "", ""),
        "errors": (f"{errors:,}", "bad" if errors else ""),
    }
