"""The entries of a report's `slo` in words: one value, one line. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gluten.slo.slo import HOLDS, MICROSECONDS, MISSED, PER_SECOND, SHARE
from gluten.units import format_count, format_micros

Entry = Mapping[str, Any]
MARKS = {HOLDS: "✓", MISSED: "✗"}
"""By state. An SLO of which nothing was measured so far has none."""
NOT_SURE = "not sure"


def mark(entry: Entry) -> str:
    return MARKS.get(entry["state"], "·")


def value(entry: Entry) -> str:
    """The value in words. A percentile that falls among failures has none."""
    return "no value" if entry["value"] is None else number(entry["value"], entry.get("unit", ""))


def limit(entry: Entry) -> str:
    return number(entry["limit"], entry.get("unit", ""))


def number(found: float, unit: str) -> str:
    """12.30ms, 0.52%, 1.50k/s, 7."""
    if unit == MICROSECONDS:
        return format_micros(found)
    if unit == SHARE:
        return f"{found * 100:.4g}%"
    if unit == PER_SECOND:
        return f"{format_count(found)}/s"
    return f"{found:g}"


def notes(entry: Entry) -> str:
    """What stands beside the value: since when, of which request, and whether the count decides it."""
    since = f"since second {entry['since']}" if entry["state"] == MISSED and entry["since"] is not None else ""
    request = f"of {entry['request']}" if entry.get("request") else ""
    return ", ".join(filter(None, (request, since, NOT_SURE if entry["sure"] is False else "")))


def missed_line(entry: Entry) -> str:
    """For a reason, an event and an error: the SLO and its value."""
    request = f" of {entry['request']}" if entry.get("request") else ""
    return f"{entry['slo']} ({value(entry)}{request})"


def missed(found: Iterable[Entry], strict: bool = False) -> Iterator[Entry]:
    """The entries that are missed; `strict`: those that hold and are not sure, too (`--slo-sure`)."""
    return (one for one in found if one["state"] == MISSED or (strict and one["sure"] is False))


def failing(entries: Iterable[Entry], strict: bool) -> list[str]:
    """A line for each entry that fails the run."""
    return [
        f"SLO {'missed' if entry['state'] == MISSED else NOT_SURE}: {missed_line(entry)}"
        for entry in missed(entries, strict)
    ]
