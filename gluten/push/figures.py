"""What is pushed of one node's second, by the names of metrics. Pure.

No figure is a total over requests. Counts that a reader wants to add have a label for what they are split by.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from gluten.stats.delta import Delta
from gluten.stats.histogram import Histogram
from gluten.stats.request_stats import Stats
from gluten.stats.row import lateness

HISTOGRAM, COUNTER, GAUGE = "histogram", "counter", "gauge"

Labels = tuple[tuple[str, str], ...]


class Metric(NamedTuple):
    """`kind` is one of the three above. `unit` is UCUM's: seconds, bytes, or something that is counted."""

    name: str
    kind: str
    unit: str
    text: str


class Figure(NamedTuple):
    """`value` is a histogram in microseconds, if that is the metric's kind."""

    metric: Metric
    labels: Labels
    value: int | float | Histogram


RESPONSE_TIME = Metric("gluten.response_time", HISTOGRAM, "s", "From when a request was due to its last byte.")
SERVICE_TIME = Metric("gluten.service_time", HISTOGRAM, "s", "From when a request was written to its last byte.")
FIRST_BYTE = Metric("gluten.first_byte", HISTOGRAM, "s", "From when a request was written to its first byte.")
SESSION_TIME = Metric("gluten.session_time", HISTOGRAM, "s", "From when a session was due to its last byte.")
GROUP_TIME = Metric("gluten.group_time", HISTOGRAM, "s", "From the first request of a group to its last byte.")
REQUESTS = Metric("gluten.requests", COUNTER, "{request}", "Requests that are over, by status or error.")
GOOD = Metric("gluten.good", COUNTER, "{request}", "Responses that were as expected.")
CHECKS = Metric("gluten.checks", COUNTER, "{check}", "Checks of responses, by result.")
SESSIONS = Metric("gluten.sessions", COUNTER, "{session}", "Sessions that are over, by outcome.")
DROPPED = Metric("gluten.dropped", COUNTER, "{request}", "Planned requests that were not sent.")
BYTES = Metric("gluten.bytes", COUNTER, "By", "Bytes of requests and responses.")
IN_FLIGHT = Metric("gluten.in_flight", GAUGE, "{request}", "Requests in flight.")
CONNECTIONS = Metric("gluten.connections", GAUGE, "{connection}", "Open connections.")
CPU = Metric("gluten.cpu", GAUGE, "1", "The busiest worker's share of one core.")
LATENESS = Metric("gluten.lateness", GAUGE, "s", "How late requests were sent: p99 of this second.")
SLO = Metric("gluten.slo", GAUGE, "1", "Whether an SLO holds, 1, or is missed, 0.")

OUTCOMES = ("finished", "ended", "cut", "dropped")


def figures(second: Delta, total: Delta, counts: Delta) -> Iterator[Figure]:
    """The figures of one node. `second` is what it saw in the second, `total` the sum up to then. What is counted is
    taken from `counts`, which is one of the two."""
    for name, stats in counts.by_name.items():
        yield from _of_request((("request", name),), stats)
    for name, stats in total.by_name.items():
        yield Figure(IN_FLIGHT, (("request", name),), max(0, stats.sent - stats.completed - stats.failed))
    for scenario, sessions in counts.by_scenario.items():
        label = ("scenario", scenario)
        yield Figure(SESSION_TIME, (label,), sessions.time)
        for outcome in OUTCOMES:
            yield Figure(SESSIONS, (label, ("outcome", outcome)), getattr(sessions, outcome))
    for group, times in counts.groups.items():
        yield Figure(GROUP_TIME, (("group", group),), times)
    yield Figure(CONNECTIONS, (), second.connections)
    yield Figure(CPU, (), round(second.cpu, 4))
    yield Figure(LATENESS, (), lateness(second).percentile(99) / 1e6)


def _of_request(label: Labels, stats: Stats) -> Iterator[Figure]:
    yield Figure(RESPONSE_TIME, label, stats.response)
    yield Figure(SERVICE_TIME, label, stats.service)
    yield Figure(FIRST_BYTE, label, stats.first_byte)
    for status, times in sorted(stats.status.items()):
        yield Figure(REQUESTS, (*label, ("status", str(status))), times)
    for kind, times in sorted(stats.errors.items()):
        yield Figure(REQUESTS, (*label, ("error", kind)), times)
    yield Figure(GOOD, label, stats.good)
    yield Figure(DROPPED, label, stats.dropped)
    yield Figure(BYTES, (*label, ("direction", "read")), stats.read)
    yield Figure(BYTES, (*label, ("direction", "written")), stats.written)
    for check, (passed, failed) in stats.checks.items():
        yield Figure(CHECKS, (*label, ("check", check), ("result", "passed")), passed)
        yield Figure(CHECKS, (*label, ("check", check), ("result", "failed")), failed)
