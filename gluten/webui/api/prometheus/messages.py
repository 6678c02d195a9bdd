"""Metrics as Prometheus' protobuf messages: the one format in which it takes native histograms. Pure.

The numbers of the fields are those of client_model's `metrics.proto`. Each family is a `MetricFamily` with its length
before it.
"""

from __future__ import annotations

from collections.abc import Iterable

from gluten.push import protobuf
from gluten.webui.api.openmetrics import Family, Labels
from gluten.webui.api.prometheus.distribution import BOUNDS, Distribution

_TYPES = {"counter": 0, "gauge": 1, "histogram": 4}
_VALUES = {"counter": 3, "gauge": 2}


def render_messages(families: Iterable[Family]) -> bytes:
    """A family without samples is left out, because Prometheus refuses it."""
    bodies = (_family(family) for family in families if family.samples)
    return b"".join(protobuf.varint(len(body)) + body for body in bodies)


def _family(family: Family) -> bytes:
    head = protobuf.text(1, family.plain_name) + protobuf.text(2, family.text)
    head += protobuf.whole(3, _TYPES[family.plain_kind])
    return head + b"".join(
        protobuf.message(4, _labels(labels) + _value(family, value)) for labels, value in family.samples
    )


def _labels(labels: Labels) -> bytes:
    pairs = (protobuf.text(1, name) + protobuf.text(2, text) for name, text in labels.items() if text)
    return b"".join(protobuf.message(1, pair) for pair in pairs)


def _value(family: Family, value: float | Distribution) -> bytes:
    if isinstance(value, Distribution):
        return protobuf.message(7, _histogram(value))
    return protobuf.message(_VALUES[family.plain_kind], protobuf.double(1, value))


def _histogram(times: Distribution) -> bytes:
    """The buckets with given bounds, for a Prometheus without native histograms, and the exponential ones."""
    body = protobuf.whole(1, times.number) + protobuf.double(2, times.total)
    for bound, upto in zip(BOUNDS, times.upto, strict=True):
        body += protobuf.message(3, protobuf.whole(1, upto) + protobuf.double(2, bound))
    return body + times.native
