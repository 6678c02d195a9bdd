"""The answer of a search for the capacity, for people: a sentence, and a table of its trials.

A run that did not search has none of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gluten.report.compared_capacity import capacity_of
from gluten.report.formats.table import align
from gluten.units import format_duration, format_micros, format_rate

Plain = Mapping[str, Any]
TRIAL_HEAD = ("", "rate", "from", "to", "p50", "p99", "errors", "in flight", "")
TRIAL_SIDES = "<>>>>>>><"
"""How the columns of a trial are aligned: `table.align`."""
_MARKS = {"holds": "✓", "misses": "✗"}


def capacity_lines(report: Plain) -> Iterator[str]:
    """The answer, as a sentence."""
    if (found := capacity_of(report)) is not None:
        yield f"Capacity: {found['text']}"


def trial_lines(report: Plain) -> Iterator[str]:
    """One row for each trial."""
    found = capacity_of(report)
    if found is not None and found["trials"]:
        yield "Trials:"
        yield from align([TRIAL_HEAD, *map(trial_cells, found["trials"])], TRIAL_SIDES)


def trial_cells(trial: Plain) -> list[str]:
    """The cells of one trial: `TRIAL_HEAD`. A figure that was not measured is `-`."""
    return [
        _MARKS.get(trial["state"], "·"),
        format_rate(trial["rate"]),
        format_duration(trial["from"]),
        format_duration(trial["to"]),
        *(format_micros(trial[point]) if trial[point] else "-" for point in ("p50", "p99")),
        f"{trial['errors']:.2%}",
        f"{trial['in_flight']:,}",
        f"{trial['state']}: {trial['slo']}" if trial["slo"] else trial["state"],
    ]


def trial_at(trials: Sequence[Plain], second: int) -> tuple[int, Plain] | None:
    """The trial whose window has this second, with its number from 1."""
    return next((one for one in enumerate(trials, 1) if one[1]["from"] <= second < one[1]["to"]), None)
