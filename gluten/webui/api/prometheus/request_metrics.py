"""Metrics of what a run's named requests have counted: by status, kind of error, check and direction, and a histogram.

Labels that a target chooses are bounded: of a request's statuses at most `ALONE` stand alone. With more of them, those
that nobody has registered are told by their class, such as `4xx`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import NamedTuple

from gluten.stats.histogram import Histogram
from gluten.stats.request_stats import Stats
from gluten.webui.api.openmetrics import Family, Labels, Sample
from gluten.webui.api.prometheus.distribution import Distribution, distribution

ALONE = 32
_REGISTERED = frozenset(map(int, HTTPStatus))
_RESULTS = ("passed", "failed")


class Counted(NamedTuple):
    """What requests of one name have counted so far, and their response times."""

    labels: Labels
    ends: Sequence[Sample]
    sizes: Sequence[Sample]
    checks: Sequence[Sample]
    times: Distribution


def counted(labels: Labels, stats: Stats, times: Histogram, native: bool) -> Counted:
    """`times` are in microseconds. `native`: with exponential buckets."""
    ends: list[Sample] = [(labels | {"status": status}, count) for status, count in by_status(stats.status).items()]
    ends += [(labels | {"error": kind}, count) for kind, count in sorted(stats.errors.items())]
    sizes = [(labels | {"direction": "read"}, stats.read), (labels | {"direction": "written"}, stats.written)]
    checks = [
        (labels | {"check": check, "result": result}, count)
        for check, pair in stats.checks.items()
        for result, count in zip(_RESULTS, pair, strict=True)
    ]
    return Counted(labels, ends, sizes, checks, distribution(times, native))


def request_families(found: Sequence[Counted]) -> Iterator[Family]:
    """Nothing where no run has counted anything, and no checks where there are none."""
    if not found:
        return
    over = "Requests of this run that are over, by status or by kind of error."
    yield Family("gluten_run_requests", "counter", over, [one for each in found for one in each.ends])
    sizes = [one for each in found for one in each.sizes]
    yield Family("gluten_run_bytes", "counter", "Bytes of requests and responses of this run.", sizes, "bytes")
    if checks := [one for each in found for one in each.checks]:
        yield Family("gluten_run_checks", "counter", "Checks of responses, by result.", checks)
    text = "Response times of this run: from when a request was due to its last byte."
    times = [(each.labels, each.times) for each in found]
    yield Family("gluten_run_response_time_seconds", "histogram", text, times, "seconds")


def by_status(status: Mapping[int, int]) -> dict[str, int]:
    """The counts by status, or by class."""
    counts: dict[str, int] = {}
    for code, times in sorted(status.items()):
        alone = len(status) <= ALONE or code in _REGISTERED
        name = str(code) if alone else f"{code // 100}xx"
        counts[name] = counts.get(name, 0) + times
    return counts
