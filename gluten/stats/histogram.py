"""A log-linear histogram of times in whole microseconds: 3 significant digits, 1 us to 1 h.

The buckets are HdrHistogram's for (1, 3.6e9, 3 digits): 2048 linear slots, then 1024 for each further
doubling. A slot is at most 1/1024 of its value wide, so a quantile is at most 0.1 % too high and never
too low. Histograms merge by addition of counts: any split and order of the same values gives the same
counts. Source: Gil Tene, HdrHistogram, `AbstractHistogram.countsArrayIndex`.

Recorded values are counted in a dictionary by slot. Counts from the wire stay packed in one number (`packed_counts`),
because merging them is then cheap. They are unpacked into the dictionary when somebody asks for the counts.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from typing import Any

from gluten.stats import packed_counts

LOWEST = 1
HIGHEST = 3_600_000_000
SLOTS = ((HIGHEST.bit_length() - 11) << 10) + (HIGHEST >> (HIGHEST.bit_length() - 11)) + 1

FEW = 48
"""Up to this many slots go over the wire one by one, more are packed."""
_HEAD = 5


def slot(micros: int) -> int:
    """The index of the slot that holds `micros`. A value out of range goes to the nearest end."""
    if micros < 2048:
        return micros if micros > 0 else 0
    if micros > HIGHEST:
        micros = HIGHEST
    shift = micros.bit_length() - 11
    return (shift << 10) + (micros >> shift)


def highest(index: int) -> int:
    """The greatest number of microseconds that slot `index` holds."""
    if index < 2048:
        return index
    shift = (index >> 10) - 1
    return ((index - (shift << 10) + 1) << shift) - 1


def middle(index: int) -> float:
    """The middle of slot `index`, for means."""
    if index < 2048:
        return float(index)
    shift = (index >> 10) - 1
    return float((index - (shift << 10)) << shift) + ((1 << shift) - 1) / 2


class Histogram:
    """Counts by slot. Times are microseconds.

    `total` and `squares` are exact sums over the recorded values, so that the slots do not affect mean and deviation.
    They are whole numbers, so merging is exact in any order.
    """

    __slots__ = ("_counts", "_packed", "_parts", "least", "most", "squares", "total")

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self._packed = 0
        self._parts = 0
        self.total = 0
        self.squares = 0
        self.least = HIGHEST
        self.most = 0

    @property
    def counts(self) -> dict[int, int]:
        """Slot -> count of all slots that are not empty."""
        if self._packed:
            merged, self._packed, self._parts = packed_counts.counts(self._packed), 0, 0
            for index, times in self._counts.items():
                merged[index] = merged.get(index, 0) + times
            self._counts = merged
        return self._counts

    def record(self, micros: int, times: int = 1) -> None:
        """Count one value (or `times` equal ones). A value out of range counts as the nearest end."""
        micros = min(max(micros, 0), HIGHEST)
        index = slot(micros)
        self._counts[index] = self._counts.get(index, 0) + times
        self.total += micros * times
        self.squares += micros * micros * times
        self.least = min(self.least, micros)
        self.most = max(self.most, micros)

    def record_all(self, tally: Mapping[int, int]) -> None:
        """Count a tally of value -> times. Values out of range count as the nearest end."""
        if tally and (min(tally) < 0 or max(tally) > HIGHEST):
            for micros, times in tally.items():
                self.record(micros, times)
            return
        counts = self._counts
        total = squares = 0
        for micros, times in tally.items():
            index = micros if micros < 2048 else slot(micros)
            counts[index] = counts.get(index, 0) + times
            part = micros * times
            total += part
            squares += micros * part
        if tally:
            self.total += total
            self.squares += squares
            self.least = min(self.least, min(tally))
            self.most = max(self.most, max(tally))

    def add(self, other: Histogram) -> None:
        """Merge `other` into this one."""
        counts = self._counts
        for index, times in other._counts.items():
            counts[index] = counts.get(index, 0) + times
        if other._packed:
            self._add_packed(other._packed, other._parts)
        self.total += other.total
        self.squares += other.squares
        self.least = min(self.least, other.least)
        self.most = max(self.most, other.most)

    def _add_packed(self, more: int, parts: int) -> None:
        if self._parts + parts > packed_counts.PARTS:
            _ = self.counts  # unpacks them
        self._packed += more
        self._parts += parts

    def below(self, ceiling: int) -> bool:
        """It holds fewer values than that, and their sum fits in 62 bits. Only a True is certain."""
        return self.total < 1 << 62 and self.bound < ceiling

    @property
    def bound(self) -> int:
        """An upper bound of the number of values. Packed counts are not summed for it."""
        return packed_counts.most(self._parts) + sum(self._counts.values())

    def __len__(self) -> int:
        """How many values were recorded."""
        return sum(self.counts.values())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Histogram) and self.to_list() == other.to_list()

    __hash__ = None  # type: ignore[assignment]

    @property
    def mean(self) -> float:
        count = len(self)
        return self.total / count if count else 0.0

    @property
    def stdev(self) -> float:
        """The deviation of the whole population."""
        count = len(self)
        if not count:
            return 0.0
        return math.sqrt(max(0, count * self.squares - self.total * self.total)) / count

    @property
    def smallest(self) -> int:
        return self.least if self._counts or self._packed else 0

    def percentiles(self, points: Iterable[float]) -> list[int]:
        """The values at `points` (0 to 100), in the order given.

        The value at p is the upper end of the lowest slot at or below which at least p % of all values lie. It is at
        most the greatest recorded value.
        """
        wanted = list(points)
        count = len(self)
        if not count:
            return [0] * len(wanted)
        slots = sorted(self.counts)
        upto = list(accumulate(map(self.counts.__getitem__, slots)))
        ranks = (min(count, max(1, math.ceil(count * p / 100 - 1e-9))) for p in wanted)
        found = (slots[bisect_left(upto, rank)] for rank in ranks)
        return [max(min(highest(index), self.most), self.least) for index in found]

    def percentile(self, point: float) -> int:
        return self.percentiles([point])[0]

    def at_rank(self, place: int) -> int:
        """The value at a place in the order, from 1; the last one where there are fewer."""
        slots = sorted(self.counts)
        upto = list(accumulate(map(self.counts.__getitem__, slots)))
        return max(min(highest(slots[bisect_left(upto, min(place, upto[-1]))]), self.most), self.least) if upto else 0

    def above(self, micros: int) -> int:
        """How many values lie above `micros`, by the upper ends of their slots."""
        return sum(times for index, times in self.counts.items() if highest(index) > micros)

    def share_within(self, low: float, high: float) -> float:
        """The share (0 to 1) of values between `low` and `high` microseconds, by the middles of their slots."""
        count = len(self)
        if not count:
            return 0.0
        return sum(times for index, times in self.counts.items() if low <= middle(index) <= high) / count

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """(upper end of the slot in microseconds, count), rising."""
        return ((highest(index), self.counts[index]) for index in sorted(self.counts))

    def to_list(self) -> list[int]:
        """Plain numbers: total, two halves of the squares, least, most, then (gap, count) pairs.

        Squares can exceed 64 bits, which msgpack cannot carry. So they are sent as high and low 62 bits.
        """
        flat, last = self._head(), 0
        for index, times in sorted(self.counts.items()):
            flat += (index - last, times)
            last = index
        return flat

    def to_wire(self) -> list[Any]:
        """`to_list` where there are few slots. Else the same head, the first slot and the counts as text."""
        if len(self.counts) <= FEW or max(self.counts.values()) >= packed_counts.SMALL:
            return self.to_list()
        return [*self._head(), *packed_counts.to_text(packed_counts.of(self.counts))]

    def _head(self) -> list[int]:
        return [self.total, self.squares >> 62, self.squares & ((1 << 62) - 1), self.least, self.most]

    @classmethod
    def from_wire(cls, flat: list[Any]) -> Histogram:
        """The inverse of `to_wire`, and of `to_list`. Raises ValueError."""
        if type(flat) is not list or not flat or type(flat[-1]) is not str:
            return cls.from_list(flat)
        if len(flat) != _HEAD + 2 or not _natural(flat[:-1]):
            raise ValueError("a packed histogram is a list of six whole numbers, none negative, and a text")
        made = cls._headed(flat)
        made._packed, made._parts = packed_counts.from_text(flat[_HEAD], flat[-1], SLOTS), 1
        made._check_ends(packed_counts.first(made._packed), packed_counts.width(made._packed) - 1)
        return made

    @classmethod
    def from_list(cls, flat: list[int]) -> Histogram:
        """The inverse of `to_list`, for values from the wire. Raises ValueError."""
        if len(flat) < _HEAD or len(flat) % 2 == 0 or not _natural(flat):
            raise ValueError("a histogram is a list of at least five whole numbers, none negative")
        made = cls._headed(flat)
        index = 0
        for gap, times in zip(flat[_HEAD::2], flat[_HEAD + 1 :: 2], strict=True):
            index += gap
            if index >= SLOTS or times == 0 or index in made._counts:
                raise ValueError("a histogram's slot is out of range, empty or named twice")
            made._counts[index] = times
        made._check_ends(*((flat[_HEAD], index) if made._counts else (slot(HIGHEST), 0)))
        return made

    @classmethod
    def _headed(cls, flat: list[Any]) -> Histogram:
        made = cls()
        made.total, made.squares = flat[0], (flat[1] << 62) + flat[2]
        made.least, made.most = flat[3], flat[4]
        return made

    def _check_ends(self, first: int, last: int) -> None:
        """Check that least and most lie in the first and the last slot. Else every chart would be wrong. Raises
        ValueError."""
        if not (
            self.least <= HIGHEST and self.most <= HIGHEST and slot(self.least) == first and slot(self.most) == last
        ):
            raise ValueError("a histogram's least or most is not in its first or last slot")


def _natural(numbers: list[Any]) -> bool:
    return all(type(number) is int and number >= 0 for number in numbers)
