from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluten.stats.exponential import SCALE, exponential
from gluten.stats.histogram import HIGHEST, Histogram

BASE = 2.0 ** (2.0**-SCALE)
MOST_ERROR = 0.005


def recorded(*micros: int) -> Histogram:
    times = Histogram()
    for value in micros:
        times.record(value)
    return times


@given(st.integers(1, HIGHEST))
@settings(max_examples=300)
def test_any_time_of_a_bucket_differs_by_less_than_half_a_percent(micros: int) -> None:
    found = exponential(recorded(micros))
    assert found.counts == [1]
    for end in (BASE**found.offset, BASE ** (found.offset + 1)):
        assert abs(end - micros / 1e6) < MOST_ERROR * micros / 1e6


@given(st.lists(st.integers(0, HIGHEST), max_size=60))
@settings(max_examples=100)
def test_no_time_is_lost_and_none_counts_twice(values: list[int]) -> None:
    found = exponential(recorded(*values))
    assert found.number == len(values) == found.zero + sum(found.counts)
    assert found.zero == values.count(0)
    assert found.total == pytest.approx(sum(values) / 1e6)


@given(st.lists(st.integers(1, HIGHEST), min_size=1, max_size=200), st.sampled_from([50.0, 90.0, 95.0, 99.0, 99.9]))
@settings(max_examples=100)
def test_percentiles_differ_by_less_than_half_a_percent(values: list[int], point: float) -> None:
    """By the upper end of the bucket in which the rank lies, as Prometheus and collectors do."""
    times = recorded(*values)
    found, exact = exponential(times), times.percentile(point) / 1e6
    rank, seen = max(1, -(-len(values) * point // 100)), 0
    for index, count in enumerate(found.counts, found.offset):
        seen += count
        if seen >= rank:
            assert abs(BASE ** (index + 1) - exact) < MOST_ERROR * exact
            return
    pytest.fail("the counts do not reach the rank")


def test_a_bucket_is_found_by_the_definition() -> None:
    """1 s is the upper end of bucket -1; a slot of 1 ms at 1 s has its middle 0.5 ms above or below."""
    assert exponential(recorded(1_100_000)).offset == 35  # 256 * log2(1.1) = 35.2
    assert exponential(recorded(1000)).offset == -2552  # 256 * log2(0.001) = -2551.2


def test_an_empty_histogram_has_no_bucket() -> None:
    assert exponential(Histogram()) == (0, 0.0, 0, 0, [], 0.0, 0.0)


def test_least_and_most_are_exact() -> None:
    found = exponential(recorded(1234, 98_765))
    assert (found.least, found.most) == (0.001234, 0.098765)
