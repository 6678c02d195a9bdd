"""The percentiles of a histogram, as the report has them. Pure."""

from __future__ import annotations

from typing import Any

from gluten.stats import hdr
from gluten.stats.histogram import Histogram

QUANTILES = {
    "p50": 50.0, "p75": 75.0, "p90": 90.0, "p95": 95.0, "p99": 99.0, "p99_9": 99.9, "p99_99": 99.99, "p99_999": 99.999,
}  # fmt: skip


def quantiles(histogram: Histogram) -> dict[str, Any]:
    """Microseconds, and the whole histogram as HdrHistogram's tools read it (`hdr`)."""
    plain: dict[str, Any] = {
        "min": histogram.smallest,
        "mean": round(histogram.mean, 2),
        "stdev": round(histogram.stdev, 2),
        "max": histogram.most,
    }
    plain |= dict(zip(QUANTILES, histogram.percentiles(QUANTILES.values()), strict=True))
    return plain | {"hdr": hdr.encode(histogram)}
