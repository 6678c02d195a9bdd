"""Which worker replaces a dead one, and which results are lost. Pure.

The results of the requests that a dead worker sent after its last delta are unknown. At a constant rate its slots of
that time count as dropped, so that planned = sent + dropped holds. In a closed loop with a number of requests `Budget`
knows how many it had begun: they count as sent, stay in flight, and are not sent again.
With scenarios all this is true of sessions, but those of which nothing is known count as dropped.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from gluten.engine.parts import WorkerTask
from gluten.plan import lead
from gluten.plan.schedule import Schedule, schedule_of

MOST_RESPAWNS = 3
"""In one run on one node."""


class Sent(Protocol):
    """What a worker has reported: `reported.Reported`."""

    second: int | None
    sent: int
    dropped: int


class Respawn(NamedTuple):
    """`job` is what is left to do, or None. `first` is the first second of which nothing is known, and `gap` the number
    of these seconds (at least 1). `until` is the run-second at which the part goes on, or would have ended. `dropped`
    are the slots of that time. `unknown` are the requests that the worker had begun in that time, in a closed loop
    with a number of requests."""

    job: WorkerTask | None
    first: int
    gap: int
    until: float
    dropped: int
    unknown: int = 0


def succeed(
    part: WorkerTask,
    reported: Sent,
    now: float,
    lease: float,
    adjustments: Sequence[tuple[float, float]],
    taken: int = 0,
) -> Respawn:
    """The worker of `part` died at the monotonic instant `now`. It had begun `taken` requests. Who does the rest?"""
    schedule = schedule_of(part.task, adjustments)
    ahead = now - part.start + lead.RESPAWN.seconds(sum(part.connections))
    begin = max(part.begin, float(math.ceil(ahead)))
    end = schedule.last() if schedule else math.inf if part.task.duration is None else part.task.duration
    until = min(begin, end)
    first = int(part.begin) if reported.second is None else reported.second + 1
    unknown = max(0, taken - reported.sent)
    rest = None if part.requests is None else max(0, part.requests - reported.sent - unknown)
    job = None
    if begin < end and rest != 0:
        job = part._replace(jump=part.jump + 1, begin=begin, requests=rest, adjustments=tuple(adjustments), lease=lease)
    dropped = max(0, _slots(part, schedule, until) - reported.sent - reported.dropped) if schedule else 0
    return Respawn(job, first, max(1, math.ceil(until) - first), until, dropped, unknown)


def describe(pid: int, status: int, succession: Respawn, count: int) -> str:
    """One line for a person."""
    first, gap = succession.first, succession.gap
    what = f"a worker (process {pid}, wait status {status}) died: nothing is known of its part from second {first} on"
    if succession.job is None:
        return f"{what}, and nothing was left to do"
    return f"{what} for {gap} s, then another took its place ({count} of at most {MOST_RESPAWNS})"


def _slots(part: WorkerTask, schedule: Schedule, until: float) -> int:
    """How many slots of the part's threads are due before `until`."""
    total = part.task.thread_count

    def count(at: float) -> int:
        return sum(schedule.planned_of(thread, total, at) for thread in part.threads)

    return count(until) - count(part.begin)
