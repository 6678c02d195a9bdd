"""An exponential histogram, as OpenTelemetry and Prometheus have it, made of a histogram's slots. Pure.

Bucket `i` holds the seconds above base**i, up to base**(i + 1), where base = 2**(2**-SCALE). With scale 8 a bucket is
0.27 % wide and a slot at most 0.1 %, so a time differs by less than 0.4 % from any time of its bucket. Prometheus takes
no finer scale than this one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from gluten.stats.histogram import SLOTS, Histogram, middle

SCALE = 8


class Exponential(NamedTuple):
    """`number` times are in it, `zero` of them were below a microsecond. `counts` are those of the buckets from
    `offset` on. Times are seconds."""

    number: int
    total: float
    zero: int
    offset: int
    counts: list[int]
    least: float
    most: float


@cache
def buckets() -> Sequence[int]:
    """The bucket of each of a histogram's slots, by the middle of the slot. Slot 0 has none."""
    return (0, *(math.ceil(math.log2(middle(slot) / 1e6) * (1 << SCALE)) - 1 for slot in range(1, SLOTS)))


def exponential(times: Histogram) -> Exponential:
    """The same counts by bucket. Sum, least and most are exact."""
    zero = times.counts.get(0, 0)
    number = len(times)
    offset, dense = _dense(times) if number > zero else (0, [])
    return Exponential(number, times.total / 1e6, zero, offset, dense, times.smallest / 1e6, times.most / 1e6)


def _dense(times: Histogram) -> tuple[int, list[int]]:
    """The first bucket, and the counts from it to the last one."""
    of = buckets()
    offset = of[min(slot for slot in times.counts if slot)]
    dense = [0] * (of[max(times.counts)] - offset + 1)
    for slot, count in times.counts.items():
        if slot:
            dense[of[slot] - offset] += count
    return offset, dense
