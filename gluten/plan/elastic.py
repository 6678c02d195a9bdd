"""How many connections there may be at a rate without `-c`: as many as needed, up to a limit. Pure.

No request takes longer than its timeout, so at most rate x timeout are in flight at once (Little's law). A session
with pauses has no such bound: the hosts and the master's ceiling alone limit its connections.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from gluten.plan.split import spread
from gluten.task.limits import DEFAULT_CONNECTIONS, MAX_CONNECTIONS
from gluten.task.task import Task


def limit(task: Task, rate: float, most: int | None = None) -> int:
    """The cluster's limit at `rate` (requests/s over all nodes): at least one a thread. `most`: a master's ceiling."""
    needed = MAX_CONNECTIONS if _may_have_scenarios(task) else math.ceil(rate * task.timeout - 1e-9)
    return max(task.thread_count, min(needed, bound(task, most) or MAX_CONNECTIONS))


def bound(task: Task, most: int | None = None) -> int | None:
    """How many there may be however high the rate is: the master's ceiling, and `-c` of a search; None: no bound."""
    return min((each for each in (most, task.connections) if each is not None), default=None)


def _may_have_scenarios(task: Task) -> bool:
    """Whether the workload's text can have scenarios. It is not read for that, because this is asked often."""
    return "scenario" in task.workload


def rate_now(task: Task, adjustments: Sequence[tuple[float, float]]) -> float:
    """The highest rate that can still come: the last adjustment, else the task's peak."""
    return adjustments[-1][1] if adjustments else task.peak or 0.0


def limits(task: Task, threads: Sequence[int], rate: float, most: int | None, rooms: Sequence[int]) -> list[int]:
    """The limit of each of these threads (by number). `rooms` is how many this host allows each; empty: no limit."""
    whole = limit(task, rate, most)
    mine = [spread(whole, task.thread_count, thread) for thread in threads]
    return [max(1, min(pair)) for pair in zip(mine, rooms or mine, strict=True)]


def first(task: Task, threads: Sequence[int], limits: Sequence[int]) -> list[int]:
    """How many connections each thread opens before the start: together as many as a closed loop has."""
    whole = max(DEFAULT_CONNECTIONS, task.thread_count)
    return [min(spread(whole, task.thread_count, j), most) for j, most in zip(threads, limits, strict=True)]
