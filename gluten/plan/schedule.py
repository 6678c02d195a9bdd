"""When requests are due: the schedule of an open-loop run, for the whole cluster.

A schedule is a list of pieces. In each the rate is linear in time. Slot k is due when the integral of the rate reaches
k. Thread j of T sends the slots k = j, j+T, j+2T and so on. Times are run-seconds, rates requests/s over all nodes.
Pure. (Compare vegeta's pacers, which integrate a rate likewise.)
"""

from __future__ import annotations

import itertools
import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple, Self

from gluten.plan.arrivals import BLOCK, Arrivals
from gluten.task.load_rules import POISSON
from gluten.task.task import Stage, Task

# Slots are counted in floats; up to 1e8 requests the error of an integral stays far below this.
_EPSILON = 1e-6


class Piece(NamedTuple):
    """A piece from `start` on. By then `before` slots were due. Its rate is `rate` at first and rises by `slope` each
    second."""

    start: float
    before: float
    rate: float
    slope: float = 0.0

    def at(self, when: float) -> float:
        """The rate at run-second `when`."""
        return max(0.0, self.rate + self.slope * (when - self.start))

    def due_by(self, at: float) -> float:
        span = at - self.start
        return self.before + span * (self.rate + self.slope * span / 2)

    def due(self, slot: float) -> float:
        """When the integral reaches `slot`; infinity if this piece's rate never gets there."""
        wanted = slot - self.before
        if wanted <= 0:
            return self.start if self.rate > 0 or self.slope > 0 else math.inf
        if not self.slope:
            return self.start + wanted / self.rate if self.rate > 0 else math.inf
        # A falling piece ends at or above a rate of 0: below 0 is but a rounding of its last slot.
        root = max(0.0, self.rate * self.rate + 2 * self.slope * wanted)
        # The stable form of the quadratic's root: no cancellation when the slope is small.
        return self.start + 2 * wanted / (self.rate + math.sqrt(root))


class Schedule:
    """Due times of the slots of one run. It never changes; `adjusted` gives a new one.

    `end` is the run-second at which it ends (infinity: never). `limit` is the most slots there are.
    """

    __slots__ = ("_before", "_starts", "end", "limit", "pieces")
    even = True
    """Slots are due at whole numbers of the integral."""

    def __init__(self, pieces: Sequence[Piece], end: float = math.inf, limit: int | None = None) -> None:
        self.pieces = tuple(pieces)
        self.end = end
        self.limit = limit
        self._starts = [piece.start for piece in self.pieces]
        self._before = [piece.before for piece in self.pieces]

    @classmethod
    def of(cls, task: Task) -> Schedule:
        """The schedule of an open-loop task."""
        end = math.inf if task.duration is None else task.duration
        points = task.stages or ((0.0, task.peak or 0.0),)
        limits = [limit for limit in (task.requests, task.sessions) if limit is not None]
        even = cls(_pieces(points), end, min(limits, default=None))
        return RandomSchedule(even, task.seed) if task.arrivals == POISSON else even

    def rate(self, at: float) -> float:
        """The rate asked at run-second `at`."""
        return self.piece(at).at(at)

    def due(self, slot: int) -> float:
        """The run-second at which `slot` (0, 1, 2 …) is due; infinity when it never is."""
        if self.limit is not None and slot >= self.limit:
            return math.inf
        when = self._due_unbounded(slot)
        return when if when < self.end else math.inf

    def planned(self, until: float = math.inf) -> int:
        """How many slots are due before `until` and before the end. Raises OverflowError if unbounded."""
        until = min(until, self.end)
        if until <= 0:
            return 0
        if math.isinf(until):
            if self.limit is None:
                raise OverflowError("a schedule without an end has no total")
            return self.limit
        count = math.ceil(self.piece(until).due_by(until) - _EPSILON)
        if not count and self._due_unbounded(0) < until:
            # The first slot is due at once, however low the rate.
            count = 1
        return count if self.limit is None else min(count, self.limit)

    def asked(self, first: float, until: float) -> float:
        """Requests that the plan has between two run-seconds, not rounded to whole slots; none after its end."""
        last = self.last()
        first, until = min(first, last), min(until, last)
        return max(0.0, self.piece(until).due_by(until) - self.piece(first).due_by(first)) if until > first else 0.0

    def planned_of(self, thread: int, threads: int, until: float = math.inf) -> int:
        """How many of the planned slots belong to one thread."""
        return max(0, -((thread - self.planned(until)) // threads))

    def last(self) -> float:
        """The run-second at which the load ends: the end, or when the slot after the last would be due."""
        if self.limit is None:
            return self.end
        return min(self.end, self._due_unbounded(self.limit))

    def ahead(self, adjustments: int) -> int:
        """By how many slots, at most, a run of so many adjustments is ahead of the rate's integral, or behind it."""
        return 0

    def adjusted(self, at: float, rate: float) -> Schedule:
        """The same until run-second `at`, from then on a constant `rate`."""
        kept = [piece for piece in self.pieces if piece.start < at]
        before = kept[-1].due_by(at) if kept else 0.0
        return Schedule([*kept, Piece(max(at, 0.0), before, rate)], self.end, self.limit)

    def _due_unbounded(self, slot: float) -> float:
        # A flat piece of rate 0 shares its count with the next: the slot is due when load resumes.
        index = max(0, bisect_right(self._before, slot) - 1)
        when = self.pieces[index].due(slot)
        return min(when, self._starts[index + 1]) if index + 1 < len(self.pieces) else when

    def piece(self, at: float) -> Piece:
        """The piece that run-second `at` is in."""
        return self.pieces[max(0, bisect_right(self._starts, at) - 1)]


class RandomSchedule(Schedule):
    """A schedule with random arrivals, and in each block of slots as many as the even one has (`plan/arrivals`).

    An adjustment does not move what was due before it: the slots below `first` are those of `past`, and blocks are
    counted from `first` on. `even` says at which rate those come.
    """

    __slots__ = ("_arrivals", "_count", "_even", "_first", "_past", "_seed")
    even = False

    def __init__(self, even: Schedule, seed: int, first: int = 0, past: Self | None = None) -> None:
        start = even.pieces[0].start
        super().__init__(
            [*(p for p in (past.pieces if past else ()) if p.start < start), *even.pieces], even.end, even.limit
        )
        self._even, self._seed, self._first, self._past = even, seed, first, past
        self._count = math.inf if math.isinf(even.end) and even.limit is None else even.planned()
        end = math.inf if math.isinf(even.end) else even.piece(even.end).due_by(even.end)
        self._arrivals = Arrivals(seed, first, self._count, min(self._count, end))

    def due(self, slot: int) -> float:
        if self._past is not None and slot < self._first:
            return self._past.due(slot)
        if slot >= self._count:
            return math.inf
        when = self._due_unbounded(self._arrivals.position(slot))
        # A slot that was drawn just before the end is rounded to the end.
        return min(when, math.nextafter(self.end, 0.0))

    def planned(self, until: float = math.inf) -> int:
        until = min(until, self.end)
        if self._past is not None and until <= self._even.pieces[0].start:
            return self._past.planned(until)
        if until == self.end or until <= 0:
            return self._even.planned(until)
        position = self._even.piece(until).due_by(until)
        block = int((position - self._first) // BLOCK)
        if self._first + block * BLOCK >= self._count:
            return int(self._count)
        return self._first + block * BLOCK + bisect_left(self._arrivals.block(block), position)

    def ahead(self, adjustments: int) -> int:
        return 2 * BLOCK * (adjustments + 1)

    def adjusted(self, at: float, rate: float) -> Schedule:
        first, at = self.planned(at), max(at, 0.0)
        return RandomSchedule(Schedule([Piece(at, float(first), rate)], self.end, self.limit), self._seed, first, self)

    def _due_unbounded(self, slot: float) -> float:
        return self._even._due_unbounded(slot)


def schedule_of(task: Task, adjustments: Sequence[tuple[float, float]]) -> Schedule | None:
    """The asked schedule with its adjustments; None in a closed loop."""
    if not task.open_loop:
        return None
    schedule = Schedule.of(task)
    for second, rate in adjustments:
        schedule = schedule.adjusted(second, rate)
    return schedule


def _pieces(points: Sequence[Stage]) -> list[Piece]:
    """Linear between the points, constant after the last and (at its rate) before the first."""
    pieces: list[Piece] = []
    first_at, first_rate = points[0]
    if first_at > 0:
        pieces.append(Piece(0.0, 0.0, first_rate))
    for (start, rate), (stop, then) in itertools.pairwise(points):
        before = pieces[-1].due_by(start) if pieces else 0.0
        pieces.append(Piece(start, before, rate, (then - rate) / (stop - start)))
    last_at, last_rate = points[-1]
    pieces.append(Piece(last_at, pieces[-1].due_by(last_at) if pieces else 0.0, last_rate))
    return pieces
