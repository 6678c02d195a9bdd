"""OTLP's messages: metrics of a second, and events as log records. Pure.

The numbers of the fields are those of opentelemetry-proto 1.x: `metrics.proto`, `logs.proto`, `common.proto`. Counters
and histograms are cumulative since the start of the run, which Prometheus takes too: a point that is lost, or comes
twice, changes no sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from gluten.push import protobuf
from gluten.push.batch import SERVICE, Batch, Event, Part, RunHead
from gluten.push.figures import COUNTER, GAUGE, Figure, Metric
from gluten.stats.exponential import SCALE, exponential
from gluten.stats.histogram import Histogram
from gluten.version import __version__

METRICS, LOGS = "/v1/metrics", "/v1/logs"
_CUMULATIVE = 2
_INFO, _WARN = (9, "INFO"), (13, "WARN")
_BAD_NEWS = frozenset(
    {
        "backlog",
        "capped",
        "gap",
        "late",
        "late_numbers",
        "left_out",
        "node_lost",
        "not_moved",
        "silent",
        "slo",
        "worker_lost",
    }
)


def metrics(batch: Batch) -> bytes:
    """An ExportMetricsServiceRequest."""
    return b"".join(protobuf.message(1, _resource_metrics(batch, part)) for part in batch.parts)


def logs(events: Sequence[Event]) -> bytes:
    """An ExportLogsServiceRequest."""
    return b"".join(protobuf.message(1, _resource_logs(event)) for event in events)


def _resource_metrics(batch: Batch, part: Part) -> bytes:
    by_metric = groupby(sorted(part.figures, key=_name), key=lambda figure: figure.metric)
    body = _scope() + b"".join(protobuf.message(2, _metric(metric, batch, each)) for metric, each in by_metric)
    return _resource(batch.head, part.node) + protobuf.message(2, body)


def _name(figure: Figure) -> str:
    return figure.metric.name


def _resource(head: RunHead, node: str) -> bytes:
    """A node in a run. Prometheus tells series apart by `service.instance.id`, so each node has another one."""
    known = {
        "service.name": SERVICE,
        "service.version": __version__,
        "service.instance.id": f"{head.run}/{node}",
        "gluten.run": head.run,
        "gluten.name": head.name,
        "gluten.node": node,
    }
    return protobuf.message(1, _attributes(1, known.items()))


def _scope() -> bytes:
    return protobuf.message(1, protobuf.text(1, SERVICE) + protobuf.text(2, __version__))


def _attributes(field: int, pairs: Iterable[tuple[str, str]]) -> bytes:
    return b"".join(
        protobuf.message(field, protobuf.text(1, key) + protobuf.message(2, protobuf.text(1, value)))
        for key, value in pairs
    )


def _metric(metric: Metric, batch: Batch, figures: Iterable[Figure]) -> bytes:
    head = protobuf.text(1, metric.name) + protobuf.text(2, metric.text) + protobuf.text(3, metric.unit)
    points = b"".join(protobuf.message(1, _point(batch, figure)) for figure in figures)
    if metric.kind == GAUGE:
        return head + protobuf.message(5, points)
    summed = points + protobuf.whole(2, _CUMULATIVE)
    if metric.kind == COUNTER:
        return head + protobuf.message(7, summed + protobuf.whole(3, 1))
    return head + protobuf.message(10, summed)


def _point(batch: Batch, figure: Figure) -> bytes:
    times = protobuf.fixed(2, batch.head.start) + protobuf.fixed(3, batch.at)
    value = figure.value
    if isinstance(value, Histogram):
        return _attributes(1, figure.labels) + times + _distribution(value)
    number = protobuf.fixed(6, value) if isinstance(value, int) else protobuf.double(4, value)
    return _attributes(7, figure.labels) + times + number


def _distribution(times: Histogram) -> bytes:
    """Fields of an ExponentialHistogramDataPoint. One that is empty has neither least nor most."""
    found = exponential(times)
    body = protobuf.fixed(4, found.number) + protobuf.double(5, found.total) + protobuf.signed(6, SCALE)
    body += protobuf.fixed(7, found.zero)
    if found.counts:
        body += protobuf.message(8, protobuf.signed(1, found.offset) + protobuf.packed(2, found.counts))
    if found.number:
        body += protobuf.double(12, found.least) + protobuf.double(13, found.most)
    return body


def _resource_logs(event: Event) -> bytes:
    number, word = _WARN if event.kind in _BAD_NEWS else _INFO
    known = {"gluten.event": event.kind}
    if event.second is not None:
        known["gluten.second"] = str(event.second)
    record = (
        protobuf.fixed(1, event.at)
        + protobuf.whole(2, number)
        + protobuf.text(3, word)
        + protobuf.message(5, protobuf.text(1, event.text))
        + _attributes(6, known.items())
        + protobuf.fixed(11, event.at)
    )
    return _resource(event.head, event.node) + protobuf.message(2, _scope() + protobuf.message(2, record))
