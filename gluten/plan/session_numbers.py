"""From which number on the threads of a part number their sessions, when it begins in mid-run. Pure.

At a constant rate a session's number is its slot's. Who takes over the threads of a lost node does not know how far
that node came. It begins above every number that the node can have used, so that no row of a feed is used twice.

Why it is above: let U(t) be the integral, from 0 to t, of the highest rate that any version of the schedule has (a
version is the task's own schedule, or that with its first adjustments). A node that has not heard of the last
adjustments follows an older version, but at each instant it follows one of them. So from run-second b to t it
releases at most U(t) - U(b) slots, and one more a thread, since slots are whole. A node of the plan begins at 0 =
U(0). One that takes over at b begins at U(b) and as many rounds of all threads as there were takeovers, and by then
the lease of the lost node has ended. By induction its first number is above all that were used, whoever has taken
over from whom. Numbers of different threads differ by their remainders. With random arrivals the slots of an interval
differ from the integral by a bounded number (`Schedule.ahead`), once for each takeover.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from gluten.plan.schedule import Schedule


def first_number(
    schedule: Schedule, adjustments: Sequence[tuple[float, float]], thread: int, threads: int, begin: float, before: int
) -> int:
    """The first number of a thread that begins at run-second `begin`. `schedule` is the task's own, without the
    adjustments (run-second, requests/s). `before`: how often the thread was taken over before, at least."""
    if not adjustments or begin <= 0:
        return thread + threads * schedule.planned_of(thread, threads, begin)
    released = math.ceil(most_slots(schedule, adjustments, begin) - 1e-6) + 1
    released += schedule.ahead(len(adjustments)) * (before + 1)
    return thread + threads * (before + max(0, -((thread - released) // threads)))


def most_slots(schedule: Schedule, adjustments: Sequence[tuple[float, float]], until: float) -> float:
    """U(until): at least as many slots as any node can have released, whatever it has heard of."""
    versions = [schedule]
    for second, rate in adjustments:
        versions.append(versions[-1].adjusted(second, rate))
    ends = sorted({until, *(piece.start for version in versions for piece in version.pieces if piece.start < until)})
    return math.fsum(_highest(versions, start, end) for start, end in zip([0.0, *ends], ends, strict=False))


def _highest(versions: Sequence[Schedule], start: float, end: float) -> float:
    """The highest rate from `start` to `end`, integrated. Rates are linear in between, so their maximum is convex: it
    lies below the line between its ends."""
    pieces = [version.piece(start) for version in versions]
    return (end - start) * sum(max(piece.at(when) for piece in pieces) for when in (start, end)) / 2
