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

    @property
    def shown(self) -> Delta:
        """The sum whose times are shown: as long as nothing is measured, that of the warmup."""
        return self.measured if self.measured.sent else self.total

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
    run = _run(task, schedule, delta, sums, backlog)
    if task.workload or task.follows_url:
        run |= _named(task, names, delta.second, sums)
    seen = row(delta, asked(schedule, delta.second), {node: delta})
    return cast("UpdateDocument", {"run": run | more, "rows": [seen], "events": events})


def _run(task: Task, schedule: Schedule | None, delta: Delta, sums: Sums, backlog: Watch) -> dict[str, Any]:
    total = sums.total
    p50, p95, p99 = sums.shown.response.percentiles([50, 95, 99])
    return {name: getattr(total, name) for name in ("sent", "completed", "good", "failed", "dropped")} | {
        "number": 0,
        "name": task.name,
        "url": redact_url(task.url),
        "p50": p50,
        "p95": p95,
        "p99": p99,
        "asked_duration": task.duration,
        "asked_rate": None if schedule is None else schedule.rate(delta.second + 1.0),
        "backlog": delta.backlog,
        "connections": delta.connections,
        "needed": backlog.needed,
        "hint": backlog.hint,
        "task": {name: getattr(task, name) for name in TASK_FIELDS},
    }


def _named(task: Task, names: Names, second: int, sums: Sums) -> dict[str, Any]:
    """The figures of each request, and those of sessions."""
    total, shown = sums.total, sums.shown
    length = second + 1.0 - (0 if shown is total else measured_from(task))
    requests = live(names.requests, total.by_name, length, timed=shown.by_name)
    return {"by_request": requests} | sessions.live(names, total, length, timed=shown)
