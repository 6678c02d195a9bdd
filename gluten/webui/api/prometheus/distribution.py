"""A histogram as Prometheus takes it: by fixed bounds, and in exponential buckets for a Prometheus that knows native
histograms. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from gluten.stats.histogram import Histogram, slot
from gluten.webui.api.prometheus.native import native_fields

BOUNDS = (
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
)  # fmt: skip
"""The upper ends of the buckets, in seconds. A time that exceeds one by less than 0.1 % is in it, too."""


class Distribution(NamedTuple):
    """`upto` has for each bound how many times do not exceed it. `total` is the sum of all, in seconds. `native` has
    the exponential buckets as protobuf, if they were asked for."""

    number: int
    total: float
    upto: Sequence[int]
    native: bytes = b""


def distribution(times: Histogram, native: bool) -> Distribution:
    fields = native_fields(times) if native else b""
    return Distribution(len(times), times.total / 1e6, cumulative(times), fields)


def cumulative(times: Histogram) -> list[int]:
    """How many times are in each bucket or a lower one."""
    slots = sorted(times.counts)
    upto = [0, *accumulate(map(times.counts.__getitem__, slots))]
    return [upto[bisect_right(slots, slot(round(bound * 1e6)))] for bound in BOUNDS]
