"""HdrHistogram's percentile spectrum: how many values lie at or below each of ever finer percentiles.

Source: `hdr_percentiles_print` and `hdr_percentile_iter_next` of HdrHistogram's C version, as wrk2 calls them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from gluten.stats import hdr
from gluten.stats.histogram import HIGHEST, Histogram

TICKS = 5
"""Lines for each halving of what is left to 100 %."""
MILLIS = 1000.0
SUB_BUCKETS = 2048
_BUCKETS = math.ceil(math.log2((HIGHEST + 1) / SUB_BUCKETS)) + 1


def spectrum(times: Mapping[str, Any]) -> Iterator[str]:
    """The lines of a distribution of the report, with values in milliseconds."""
    histogram = hdr.decode(times["hdr"])
    yield f"{'Value':>12} {'Percentile':>12} {'TotalCount':>12} {'1/(1-Percentile)':>12}"
    yield ""
    for micros, percentile, count in points(histogram):
        share = percentile / 100.0
        rarity = 1.0 / (1.0 - share) if share < 1.0 else math.inf
        yield f"{micros / MILLIS:12.3f} {share:12f} {count:12d} {rarity:12.2f}"
    mean, stdev, most = (times[name] / MILLIS for name in ("mean", "stdev", "max"))
    yield f"#[Mean    = {mean:12.3f}, StdDeviation   = {stdev:12.3f}]"
    yield f"#[Max     = {most:12.3f}, Total count    = {len(histogram):12d}]"
    yield f"#[Buckets = {_BUCKETS:12d}, SubBuckets     = {SUB_BUCKETS:12d}]"


def points(histogram: Histogram) -> Iterator[tuple[int, float, int]]:
    """(upper end of a slot in microseconds, percentile, values up to it)."""
    total, upto, wanted = len(histogram), 0, 0.0
    last = 0
    for micros, count in histogram:
        upto, last = upto + count, micros
        while wanted <= 100.0 * upto / total:
            yield micros, wanted, upto
            wanted = _next(wanted)
            if upto == total:
                break
    if total:
        yield last, 100.0, total


def _next(percentile: float) -> float:
    """The next percentile: `TICKS` steps to where half as much is left."""
    if percentile >= 100.0:
        return math.inf
    halvings = int(math.log(100.0 / (100.0 - percentile)) / math.log(2)) + 1
    return percentile + 100.0 / (TICKS << halvings)
