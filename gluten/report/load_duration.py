"""How long load lasted, and which seconds of a run are seconds of load. Pure.

Load lasts from run-second 0 until `ended`: the run-second at which the last request was sent, or at which the load was
stopped. It is what the run took, never what was asked for. After that the drain begins: answers still come in.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from gluten.plan.schedule import Schedule
from gluten.stats.delta import Delta
from gluten.task.limits import DEFAULT_CONNECTIONS
from gluten.task.task import Task

Row = Mapping[str, Any]


def duration(task: Task, schedule: Schedule | None, ended: float, total: Delta) -> float:
    """Seconds that the load lasted.

    At a rate: until the last request was sent, or until the load was stopped. In a closed loop the time that each
    connection spent on its last response counts too, on average over the connections, since those responses are
    counted: by Little's law completed / duration is then the true throughput, and one straggler does not distort it.
    """
    if schedule is not None:
        return ended
    return ended + total.drained / (task.connections or DEFAULT_CONNECTIONS)


def planned_end(task: Task, schedule: Schedule | None) -> float:
    """The run-second at which the load ends by its plan; infinity where only a number of requests ends it."""
    if schedule is not None:
        return schedule.last()
    return math.inf if task.duration is None else task.duration


def seen_until(second: int | None, plan: float) -> float:
    """When a node stopped sending of which nobody heard the end: its requests were told of up to run-second `second`
    (None: of none). `plan` is the planned end."""
    if second is None:
        return 0.0
    return plan if second < plan < second + 1 else second + 1.0


def whole(report: Mapping[str, Any]) -> list[Row]:
    """The report's rows of whole seconds of load: neither the last part of a second nor the drain."""
    until = min(report.get("ended", math.inf), report["duration"])
    return [row for row in loaded(report["seconds"]) if row["second"] + 1 <= until]


def loaded(rows: Iterable[Row]) -> list[Row]:
    """The rows that are no drain."""
    return [row for row in rows if not row.get("drain")]


def marked(row: dict[str, Any], ended: float) -> dict[str, Any]:
    """The row, with `drain` where its second came after the load's end."""
    return row | {"drain": True} if row["second"] >= ended else row
