"""Prometheus' protobuf messages, read back by client_model's schema."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.internal.decoder import _DecodeVarint32  # type: ignore[attr-defined]
from hypothesis import given, settings
from hypothesis import strategies as st

from gluten.stats.exponential import SCALE
from gluten.stats.histogram import Histogram
from gluten.webui.api.openmetrics import Family
from gluten.webui.api.prometheus.distribution import BOUNDS, distribution
from gluten.webui.api.prometheus.messages import render_messages

F = descriptor_pb2.FieldDescriptorProto
NUMBERS = {"double": F.TYPE_DOUBLE, "uint64": F.TYPE_UINT64, "sint32": F.TYPE_SINT32, "uint32": F.TYPE_UINT32}
NUMBERS |= {"sint64": F.TYPE_SINT64, "string": F.TYPE_STRING, "int32": F.TYPE_INT32}
SCHEMA = {
    "LabelPair": "1 name string, 2 value string",
    "Gauge": "1 value double",
    "Counter": "1 value double",
    "Bucket": "1 cumulative_count uint64, 2 upper_bound double",
    "BucketSpan": "1 offset sint32, 2 length uint32",
    "Histogram": "1 sample_count uint64, 2 sample_sum double, 3 bucket *Bucket, 5 schema sint32, "
    "6 zero_threshold double, 7 zero_count uint64, 12 positive_span *BucketSpan, 13 positive_delta *sint64",
    "Metric": "1 label *LabelPair, 2 gauge Gauge, 3 counter Counter, 7 histogram Histogram",
    "MetricFamily": "1 name string, 2 help string, 3 type int32, 4 metric *Metric",
}
"""What of client_model's metrics.proto is used here: number, name, type; * is repeated."""


def schema() -> Any:
    file = descriptor_pb2.FileDescriptorProto(name="metrics.proto", package="p", syntax="proto2")
    for name, fields in SCHEMA.items():
        message = file.message_type.add(name=name)
        for number, field, kind in (text.split() for text in fields.split(", ")):
            label = F.LABEL_REPEATED if kind.startswith("*") else F.LABEL_OPTIONAL
            kind = kind.removeprefix("*")
            known = {"type": NUMBERS[kind]} if kind in NUMBERS else {"type_name": f".p.{kind}", "type": F.TYPE_MESSAGE}
            message.field.add(name=field, number=int(number), label=label, **known)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("p.MetricFamily"))


FAMILY = schema()


def read(data: bytes) -> Iterator[Any]:
    at = 0
    while at < len(data):
        size, at = _DecodeVarint32(data, at)
        yield FAMILY.FromString(data[at : at + size])
        at += size


def histogram(*micros: int) -> Any:
    times = Histogram()
    for value in micros:
        times.record(value)
    samples = [({"a": "b"}, distribution(times, native=True))]
    (family,) = read(render_messages([Family("t_seconds", "histogram", "T.", samples, "seconds")]))
    (metric,) = family.metric
    return metric.histogram


def buckets(found: Any) -> dict[int, int]:
    """The count of each native bucket, by its number."""
    counts, count, at, made = iter(found.positive_delta), 0, 0, {}
    for span in found.positive_span:
        at += span.offset
        for number in range(at, at + span.length):
            made[number] = count = count + next(counts)
        at += span.length
    assert next(counts, None) is None
    return made


def test_families_have_the_names_types_and_labels_of_the_older_format() -> None:
    counter = Family("gluten_run_sent_requests", "counter", "Sent.", [({"run": "a", "name": ""}, 7.0)])
    info = Family("gluten_build", "info", "Version.", [({"version": "1"}, 1)])
    first, second = read(render_messages([counter, Family("empty", "gauge", "None.", []), info]))
    assert (first.name, first.help, first.type) == ("gluten_run_sent_requests_total", "Sent.", 0)
    (metric,) = first.metric
    assert [(pair.name, pair.value) for pair in metric.label] == [("run", "a")]
    assert metric.counter.value == 7.0
    assert (second.name, second.type, second.metric[0].gauge.value) == ("gluten_build_info", 1, 1.0)


def test_a_histogram_has_both_kinds_of_buckets() -> None:
    found = histogram(0, 1000, 1000, 90_000_000)
    assert (found.sample_count, found.sample_sum, found.schema) == (4, pytest.approx(90.002), SCALE)
    assert [each.upper_bound for each in found.bucket] == list(BOUNDS)
    assert [each.cumulative_count for each in found.bucket][-1] == 3
    assert (found.zero_count, sum(buckets(found).values())) == (1, 3)
    assert 0 < found.zero_threshold < 1e-6


@given(st.lists(st.integers(1, 3_600_000_000), min_size=1, max_size=30))
@settings(max_examples=60)
def test_each_time_is_in_the_bucket_that_prometheus_looks_for(micros: list[int]) -> None:
    """Bucket i is above base^(i-1), up to base^i (Prometheus, "Native histograms"); a slot is 0.1 % wide."""
    found = buckets(histogram(*micros))
    assert sum(found.values()) == len(micros)
    base = 2.0 ** (2.0**-SCALE)
    wanted = [math.ceil(math.log(value / 1e6, base)) for value in micros]
    assert all(any(number + off in found for off in (-1, 0, 1)) for number in wanted)
    mean = sum(base ** (number - 0.5) * count for number, count in found.items())
    assert mean == pytest.approx(sum(micros) / 1e6, rel=0.005)


def test_a_histogram_without_a_time_is_a_native_one_too() -> None:
    found = histogram()
    assert [(span.offset, span.length) for span in found.positive_span] == [(0, 0)]
