"""Who takes a dead worker's place, and what that costs. Pure.

What became of the requests that a dead worker had sent since its last delta is not known. At a constant rate its slots
of that time count as dropped, so that planned = sent + dropped holds. In a closed loop with a number of requests it is
known how many it had begun (`Budget`): they count as sent, stay in flight, and are not sent again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from gluten.engine.parts import WorkerTask
from gluten.plan import lead
from gluten.plan.schedule import Schedule

MOST_RESPAWNS = 3
"""In one run on one node."""


class Sent(Protocol):
    """What a worker has told: `crew.Told`."""

    second: int | None
    sent: int
    dropped: int


class Respawn(NamedTuple):
    """`job` is what is left to do, if anything; `first` the second from which on nothing is known, `gap` how many
    there are (at least 1), `until` when the part goes on or would have ended, `dropped` the slots of that time,
    `unknown` the requests of that time that it had begun, in a closed loop with a number of them."""

    job: WorkerTask | None
    first: int
    gap: int
    until: float
    dropped: int
    unknown: int = 0


def succeed(
    part: WorkerTask, told: Sent, now: float, lease: float, adjustments: Sequence[tuple[float, float]], taken: int = 0
) -> Respawn:
    """Who does the rest of `part`, whose worker died at the monotonic instant `now`, having begun `taken` requests."""
    schedule = _schedule(part, adjustments)
    ahead = now - part.start + lead.RESPAWN.seconds(sum(part.connections))
    begin = max(part.begin, float(math.ceil(ahead)))
    end = schedule.last() if schedule else math.inf if part.task.duration is None else part.task.duration
    until = min(begin, end)
    first = int(part.begin) if told.second is None else told.second + 1
    unknown = max(0, taken - told.sent)
    rest = None if part.requests is None else max(0, part.requests - told.sent - unknown)
    job = None
    if begin < end and rest != 0:
        job = part._replace(begin=begin, requests=rest, adjustments=tuple(adjustments), lease=lease)
    dropped = max(0, _slots(part, schedule, until) - told.sent - told.dropped) if schedule else 0
    return Respawn(job, first, max(1, math.ceil(until) - first), until, dropped, unknown)


def describe(pid: int, status: int, succession: Respawn, count: int) -> str:
    """One line for a person."""
    first, gap = succession.first, succession.gap
    what = f"a worker (process {pid}, wait status {status}) died: nothing is known of its part from second {first} on"
    if succession.job is None:
        return f"{what}, and nothing was left to do"
    return f"{what} for {gap} s, then another took its place ({count} of at most {MOST_RESPAWNS})"


def _schedule(part: WorkerTask, adjustments: Sequence[tuple[float, float]]) -> Schedule | None:
    if not part.task.open_loop:
        return None
    schedule = Schedule.of(part.task)
    for second, rate in adjustments:
        schedule = schedule.adjusted(second, rate)
    return schedule


def _slots(part: WorkerTask, schedule: Schedule, until: float) -> int:
    """How many slots of the part's threads are due before `until`."""
    total = part.task.thread_count

    def count(at: float) -> int:
        return sum(schedule.planned_of(thread, total, at) for thread in part.threads)

    return count(until) - count(part.begin)
