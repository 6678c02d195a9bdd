"""What a stored run has counted, on its way from the reading process: a JSON line for each named request. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from gluten.stats.histogram import Histogram
from gluten.stats.request_stats import Stats
from gluten.webui.api.openmetrics import Labels, Sample
from gluten.webui.api.prometheus.distribution import Distribution
from gluten.webui.api.prometheus.request_metrics import Counted, counted

COUNTS = "counts"
"""The kind of the question."""


def line_of(name: str, stats: Stats, times: Histogram) -> bytes:
    """`times` are in microseconds."""
    found = counted({}, stats, times, native=True)
    spread = found.times
    plain: dict[str, Any] = {"name": name, "ends": found.ends, "sizes": found.sizes, "checks": found.checks}
    plain["times"] = [spread.number, spread.total, spread.upto, spread.native.hex()]
    return json.dumps(plain).encode() + b"\n"


def read_line(line: bytes) -> tuple[str, Counted]:
    """The name, and what was counted, with no label of the run."""
    plain = json.loads(line)
    number, total, upto, native = plain["times"]
    ends, sizes, checks = ([(of, count) for of, count in plain[key]] for key in ("ends", "sizes", "checks"))
    return plain["name"], Counted({}, ends, sizes, checks, Distribution(number, total, upto, bytes.fromhex(native)))


def labelled(labels: Labels, found: Counted, native: bool) -> Counted:
    """The same with the labels of its run and request. `native`: with exponential buckets."""
    times = found.times if native else found.times._replace(native=b"")
    ends, sizes, checks = (_with(labels, samples) for samples in (found.ends, found.sizes, found.checks))
    return Counted(labels, ends, sizes, checks, times)


def _with(labels: Labels, samples: Sequence[Sample]) -> list[Sample]:
    return [(labels | of, count) for of, count in samples]
