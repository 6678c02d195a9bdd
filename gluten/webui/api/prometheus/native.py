"""The native (exponential) buckets of a histogram, as fields of Prometheus' `Histogram` message. Pure.

A bucket is 0.27 % wide. Prometheus takes none that is finer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gluten.push import protobuf
from gluten.stats.exponential import SCALE, exponential
from gluten.stats.histogram import Histogram

_ZERO_THRESHOLD = 1e-6 / 2
"""Seconds. Times are whole microseconds, so only zeros lie below."""


def native_fields(times: Histogram) -> bytes:
    found = exponential(times)
    head = protobuf.signed(5, SCALE) + protobuf.double(6, _ZERO_THRESHOLD) + protobuf.whole(7, found.zero)
    # Prometheus numbers a bucket by its upper end, OpenTelemetry by its lower end.
    return head + _spans(_runs(found.offset + 1, found.counts)) + _deltas(found.counts)


def _runs(first: int, counts: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Where each stretch of buckets that are not empty begins and ends."""
    begin = None
    for at, count in enumerate([*counts, 0], first):
        if count and begin is None:
            begin = at
        elif not count and begin is not None:
            yield begin, at
            begin = None


def _spans(runs: Iterator[tuple[int, int]]) -> bytes:
    """Each begins so many buckets after the end of the one before it; the first one counts from bucket 0. A histogram
    without times has an empty span, by which Prometheus sees that it is a native one."""
    spans, last = [], 0
    for begin, end in runs:
        spans.append((begin - last, end - begin))
        last = end
    shown = spans or [(0, 0)]
    return b"".join(protobuf.message(12, protobuf.signed(1, gap) + protobuf.whole(2, length)) for gap, length in shown)


def _deltas(counts: Sequence[int]) -> bytes:
    """Each count that is not zero, as its difference from the one before it."""
    filled = [count for count in counts if count]
    return protobuf.packed_signed(13, [count - before for count, before in zip(filled, [0, *filled], strict=False)])
