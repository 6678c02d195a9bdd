"""What a run was asked to send, and how much of that was due or done at an instant. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from gluten.plan import backlog
from gluten.plan.run_state import FINAL
from gluten.plan.schedule import Schedule
from gluten.report.load_duration import planned_end
from gluten.report.results import NodeResult
from gluten.stats.begun import begun, dropped
from gluten.stats.delta import Delta
from gluten.task.task import Task


def asked(schedule: Schedule | None, second: int) -> float | None:
    """How many requests the plan has in one run-second. In the second of its end: up to the end."""
    return None if schedule is None else round(schedule.asked(second, second + 1), 6)


def asked_by_node(
    task: Task, schedule: Schedule | None, adjustments: Sequence[Any], ended: float, node: NodeResult
) -> float | None:
    """The mean asked rate of a node in requests/s, by its number of threads at the start."""
    if schedule is None:
        return None
    if node.rate is not None and not adjustments:
        return node.rate
    until = min(ended, schedule.last())
    return schedule.asked(0, until) / until * node.threads / max(1, task.threads or 1) if until else 0.0


def planned_by(task: Task, schedule: Schedule, state: str, ended: float, total: Delta) -> int:
    """How many sessions were planned; without scenarios: requests. While the run goes on: up to now, since later ones
    are not dropped. A search for the capacity ends when it has its answer."""
    if state not in FINAL:
        return begun(total) + dropped(total)
    return schedule.planned(ended if state == "stopped" or task.find_capacity else schedule.end)


def drain_from(task: Task, schedule: Schedule | None, state: str, ended: float, sessions: bool = False) -> float:
    """The run-second from which on a row is drain. While the run goes on, its time limit alone decides. `sessions`: it
    has scenarios. Then requests are sent in the drain, too, but no session begins."""
    plan = planned_end(task, schedule)
    if state in FINAL:
        return min(plan, ended) if sessions else ended
    return plan if task.duration is not None else math.inf


def reach(task: Task, state: str, ended: float, begun: int) -> float | None:
    """The part that a closed loop has done, 0 to 1, of its time, its sessions or its feed's rows, whichever ends it.
    None: it has a rate, or it was stopped."""
    if task.open_loop or state not in ("finished", "failed"):
        return None
    shares = [ended / task.duration] if task.duration else []
    shares += [begun / most for most in (task.requests, task.sessions) if most]
    return min(1.0, max(shares)) if shares else None


def needed_by(task: Task, adjustments: Sequence[tuple[float, float]], total: Delta) -> int | None:
    """About how many connections the highest asked rate needs; None: unknown, or a closed loop."""
    seconds = backlog.hold(total, task.timeout, task.streams)
    asked = max([task.peak or 0.0, *(rate for _, rate in adjustments)])
    return backlog.needed(asked, seconds) if asked and seconds is not None else None
