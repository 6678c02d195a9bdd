"""What is written is what the protobuf library writes."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope
from opentelemetry.proto.metrics.v1.metrics_pb2 import ExponentialHistogramDataPoint, NumberDataPoint

from gluten.push import protobuf

Buckets = ExponentialHistogramDataPoint.Buckets
FEW = settings(max_examples=100)
LARGE = st.integers(0, 2**64 - 1)


@given(st.integers(-(2**31), 2**31 - 1).filter(bool), st.lists(LARGE, min_size=1, max_size=40))
@FEW
def test_buckets_are_written_as_the_library_writes_them(offset: int, counts: list[int]) -> None:
    written = protobuf.signed(1, offset) + protobuf.packed(2, counts)
    assert written == Buckets(offset=offset, bucket_counts=counts).SerializeToString()


@given(LARGE.filter(bool), st.floats(allow_nan=False))
@FEW
def test_numbers_are_written_as_the_library_writes_them(at: int, value: float) -> None:
    written = protobuf.fixed(3, at) + protobuf.double(4, value)
    assert written == NumberDataPoint(time_unix_nano=at, as_double=value).SerializeToString()


@given(st.text(min_size=1))
@FEW
def test_texts_are_written_as_the_library_writes_them(text: str) -> None:
    assert protobuf.text(1, text) == InstrumentationScope(name=text).SerializeToString()


@given(st.integers(1, 2**63 - 1))
@FEW
def test_whole_numbers_are_written_as_the_library_writes_them(value: int) -> None:
    assert protobuf.whole(3, value) == AnyValue(int_value=value).SerializeToString()


def test_a_lone_surrogate_costs_no_point() -> None:
    assert InstrumentationScope.FromString(protobuf.text(1, "a\udc80")).name == "a?"
