"""An exponential histogram, as OpenTelemetry and Prometheus have it, made of a histogram's slots. Pure.

Bucket `i` holds the seconds above base**i, up to base**(i + 1), where base = 2**(2**-SCALE). With scale 8 a bucket is
0.27 % wide and a slot at most 0.1 %, so a time differs by less than 0.4 % from any time of its bucket. Prometheus takes
no finer scale than this one.
"""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

from gluten.stats.histogram import Histogram, middle

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
def bucket(slot: int) -> int:
    """The bucket of a histogram's slot, by the middle of the slot. Slot 0 has none."""
    return math.ceil(math.log2(middle(slot) / 1e6) * (1 << SCALE)) - 1


def exponential(times: Histogram) -> Exponential:
    """The same counts by bucket. Sum, least and most are exact."""
    by_bucket: dict[int, int] = {}
    zero = 0
    for slot, count in times.counts.items():
        if slot:
            index = bucket(slot)
            by_bucket[index] = by_bucket.get(index, 0) + count
        else:
            zero += count
    offset = min(by_bucket, default=0)
    dense = [0] * (max(by_bucket) - offset + 1) if by_bucket else []
    for index, count in by_bucket.items():
        dense[index - offset] = count
    return Exponential(
        zero + sum(dense), times.total / 1e6, zero, offset, dense, times.smallest / 1e6, times.most / 1e6
    )
