"""How long the load lasted, and which seconds of a run are seconds of load. Pure.

The load lasts from run-second 0 until `ended`: the run-second at which the last request was sent, or at which the load
was stopped. It is the time that was measured, never the time that was asked for. Then the drain begins, in which
responses still arrive.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from gluten.plan.schedule import Schedule
from gluten.stats.delta import Delta
from gluten.task.limits import DEFAULT_CONNECTIONS
from gluten.task.task import Task

if TYPE_CHECKING:
    from gluten.documents import ReportDocument, Row

R = TypeVar("R", bound=Mapping[str, Any])


def duration(task: Task, schedule: Schedule | None, ended: float, total: Delta) -> float:
    """Seconds that the load lasted.

    At a rate: until the last request was sent, or until the load was stopped. In a closed loop the time in which each
    connection waited for its last response is added, as the mean over the connections, since those responses are
    counted; in HTTP/2 the same of each stream. By Little's law completed / duration is then the true throughput, and
    one slow response does not distort it.
    """
    if schedule is not None:
        return ended
    return ended + total.drained / ((task.connections or DEFAULT_CONNECTIONS) * (total.streams or task.streams))


def planned_end(task: Task, schedule: Schedule | None) -> float:
    """The run-second at which the load ends by its plan; infinity if only a number of requests ends it."""
    if schedule is not None:
        return schedule.last()
    return math.inf if task.duration is None else task.duration


def seen_until(second: int | None, plan: float) -> float:
    """When a node stopped sending that has not reported its end. `second` is the last run-second in which it is known
    to have sent (None: never), `plan` the planned end."""
    if second is None:
        return 0.0
    return plan if second < plan < second + 1 else second + 1.0


def whole(report: ReportDocument) -> list[Row]:
    """The report's rows of whole seconds of load, without an incomplete last second and the drain."""
    until = min(report.get("ended", math.inf), report["duration"])
    return [row for row in loaded(report["seconds"]) if row["second"] + 1 <= until]


def loaded(rows: Iterable[R]) -> list[R]:
    """The rows that are not drain."""
    return [row for row in rows if not row.get("drain")]


def marked(row: Row, ended: float) -> Row:
    """The row, with `drain` if its second lies after the load's end. A second in which sessions began is one of load,
    even where they began later than was planned."""
    return {**row, "drain": True} if row["second"] >= ended and not row.get("begun") else row
