"""A histogram in few numbers, for painting: how many values lie in each band of a fixed logarithmic scale. Pure.

Each doubling has `BANDS` bands, from 1 us on. Band b holds the slots whose middle m has floor(BANDS log2 m) = b.
"""

from __future__ import annotations

import math
from functools import cache

from gluten.stats.histogram import Histogram, middle

BANDS = 4
"""Bands in each doubling: a band is 19 % wide."""


def heat(histogram: Histogram) -> list[int]:
    """The first band that is not empty, then the counts from it to the last such band; [] for no values."""
    bands: dict[int, int] = {}
    for index, times in histogram.counts.items():
        name = _band(index)
        bands[name] = bands.get(name, 0) + times
    if not bands:
        return []
    first, last = min(bands), max(bands)
    return [first, *(bands.get(name, 0) for name in range(first, last + 1))]


@cache
def _band(index: int) -> int:
    return int(BANDS * math.log2(max(1.0, middle(index))))
