"""How the SLOs of a run stand at its end, or as far as it has come. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from gluten.plan.schedule import Schedule
from gluten.report.load_duration import planned_end, seen_until
from gluten.report.measured import Seconds, measured_from
from gluten.slo.grammar import parse_all
from gluten.slo.judge import Judge, Seen, entries
from gluten.slo.live import LiveSlos
from gluten.stats.begun import begun, dropped
from gluten.stats.delta import Delta
from gluten.task.task import Task


def live_slos(task: Task) -> LiveSlos | None:
    """What judges the task's SLOs while the run goes on; None: there are none. Raises TaskError."""
    return LiveSlos(parse_all(task.slo), measured_from(task)) if task.slo else None


def judged(task: Task, seconds: Seconds, seen: Seen, give_way: Callable[[], None]) -> list[dict[str, Any]]:
    """The report's entries. `give_way` is called after each second."""
    judge, first = Judge(parse_all(task.slo)), measured_from(task)
    for second in sorted(seconds):
        if second >= first:
            judge.look(second, seconds[second])
            give_way()
    return entries(judge.results(seen, lambda first, last: sum_of(seconds, first, last, give_way)))


def sum_of(seconds: Seconds, first: int, last: int, give_way: Callable[[], None] = lambda: None) -> Delta:
    """The sum of the run-seconds from the first to the last, both included."""
    whole = Delta()
    for second in range(first, last + 1):
        if second in seconds:
            whole.follow(seconds[second])
            give_way()
    return whole


def so_far(
    task: Task, schedule: Schedule | None, total: Delta, last: int | None, measured: Delta | None = None
) -> Seen:
    """What a run that goes on is judged by. `last`: the newest second in which anything was sent. `measured` is the
    sum of the seconds after the warmup, if there is one. A request that is still to come is not dropped."""
    end, first = planned_end(task, schedule), measured_from(task)
    due = begun(total) + dropped(total)
    all_sent = due >= (task.requests or math.inf)
    # The second in which the last request was sent is no whole one.
    whole = min(end, last or 0) if all_sent or end == math.inf else end
    part = total if measured is None else measured
    planned = None if schedule is None else begun(part) + dropped(part)
    return Seen(part, max(0.0, seen_until(last, end) - first), planned, False, whole)


def plan_of(task: Task, schedule: Schedule | None) -> int | None:
    """How many sessions, or without scenarios requests, the whole run has; None: unknown."""
    if schedule is None:
        return task.requests
    return schedule.planned() if schedule.limit is not None or schedule.end < math.inf else None
