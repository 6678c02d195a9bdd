"""What `gluten run` has counted so far, and the update that its live view shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from gluten.plan.backlog import Watch
from gluten.plan.requests import Names
from gluten.plan.schedule import Schedule
from gluten.report import sessions
from gluten.report.asked import asked
from gluten.report.by_request import live
from gluten.report.measured import measured_from
from gluten.stats.delta import Delta
from gluten.stats.row import row
from gluten.task.secrets import redact_url
from gluten.task.task import Task
from gluten.terminal.live_view import TASK_FIELDS

if TYPE_CHECKING:
    from gluten.documents import EventDocument, UpdateDocument


class Sums:
    """`total` is the sum of all seconds, `measured` of those after the warmup. `last_sent` is the newest second in
    which anything was sent."""

    def __init__(self, task: Task) -> None:
        self._first = measured_from(task)
        self.total, self.measured = Delta(), Delta()
        self.last_sent: int | None = None

    def add(self, delta: Delta) -> None:
        self.total.follow(delta)
        if delta.second >= self._first:
            self.measured.follow(delta)
        if delta.sent:
            self.last_sent = max(delta.second, self.last_sent or 0)


def update(
    task: Task,
    names: Names,
    schedule: Schedule | None,
    node: str,
    delta: Delta,
    sums: Sums,
    backlog: Watch,
    more: dict[str, Any],
    events: list[EventDocument],
) -> UpdateDocument:
    """The update for the live view: the part of a master's update (`cluster/master/views`) that is shown. `delta` is
    the newest second, `more` what else the run map has."""
    total, second = sums.total, delta.second
    shown = sums.measured if sums.measured.sent else total
    p50, p95, p99 = shown.response.percentiles([50, 95, 99])
    run = {name: getattr(total, name) for name in ("sent", "completed", "good", "failed", "dropped")} | {
        "number": 0,
        "name": task.name,
        "url": redact_url(task.url),
        "p50": p50,
        "p95": p95,
        "p99": p99,
        "asked_duration": task.duration,
        "asked_rate": None if schedule is None else schedule.rate(second + 1.0),
        "backlog": delta.backlog,
        "connections": delta.connections,
        "needed": backlog.needed,
        "hint": backlog.hint,
        "task": {name: getattr(task, name) for name in TASK_FIELDS},
    }
    if task.workload or task.follows_url:
        length = second + 1.0 - (0 if shown is total else measured_from(task))
        run["by_request"] = live(names.requests, total.by_name, length, timed=shown.by_name)
        run |= sessions.live(names, total, length, timed=shown)
    seen = row(delta, asked(schedule, second), {node: delta})
    return cast("UpdateDocument", {"run": run | more, "rows": [seen], "events": events})
