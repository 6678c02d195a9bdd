"""What of a run is measured: all of it, or with a warmup what was due after that. Pure.

Times, rate and SLOs are of this part. Counts are of the whole run. A worker counts what was due in the warmup in its
last second at the latest, so the measured part is exactly the sum of the seconds after the warmup.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from gluten.stats.delta import Delta
from gluten.task.task import Task

if TYPE_CHECKING:
    from gluten.documents import MeasuredDocument

Seconds = Mapping[int, Delta]
"""Run-second -> the sum over all nodes, by name."""


class Measured(NamedTuple):
    """The part from run-second `first` on: its sum by name, and how many seconds of load it has."""

    first: int
    total: Delta
    length: float


def measured_from(task: Task) -> int:
    """The first run-second that is measured."""
    return int(task.warmup or 0)


def measured(
    task: Task, whole: Delta, length: float, after: Delta | None, by_second: Seconds, give_way: Callable[[], None]
) -> Measured:
    """`whole` is the sum of all seconds, `after` that of those after the warmup if it is known already."""
    first = measured_from(task)
    if not first:
        return Measured(0, whole, length)
    total = sum_from(by_second, first, give_way) if after is None else after
    return Measured(first, total, max(0.0, length - first))


def sum_from(by_second: Seconds, first: int, give_way: Callable[[], None] = lambda: None) -> Delta:
    """The sum of the run-seconds from `first` on."""
    total = Delta()
    for second in sorted(by_second):
        if second >= first:
            total.follow(by_second[second])
            give_way()
    return total


def document(part: Measured, ended: float) -> MeasuredDocument | None:
    """The report's `measured`; None: the whole run."""
    if not part.first:
        return None
    return {"from": part.first, "to": max(part.first, math.ceil(ended)), "completed": part.total.completed}


def first_of(report: Mapping[str, Any]) -> int:
    """The first run-second that a report measures. Reports of earlier versions measure all."""
    found = report.get("measured")
    return int(found["from"]) if found else 0
