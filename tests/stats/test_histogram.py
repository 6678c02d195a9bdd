"""Histograms merge exactly and are right to three digits. The oracle is HdrHistogram's own Python package."""

import math
import random
import statistics
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.stats.histogram import HIGHEST, SLOTS, Histogram, highest, middle, slot

MICROS = st.one_of(
    st.integers(0, 3000), st.integers(0, HIGHEST), st.integers(0, 40).map(lambda n: min(1 << n, HIGHEST))
)
VALUES = st.lists(MICROS, min_size=1, max_size=200)
POINTS = (0.0, 1.0, 50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99, 99.999, 100.0)


def of(values: list[int]) -> Histogram:
    made = Histogram()
    for value in values:
        made.record(value)
    return made


def exact(values: list[int], point: float) -> int:
    """The nearest-rank percentile of the values themselves."""
    return sorted(values)[max(1, math.ceil(len(values) * point / 100 - 1e-9)) - 1]


@given(VALUES, st.randoms(use_true_random=False), st.integers(1, 8))
def test_any_split_and_any_order_merge_to_the_same(values: list[int], rng: random.Random, parts: int) -> None:
    shuffled = values[:]
    rng.shuffle(shuffled)
    pieces = [of(shuffled[at::parts]) for at in range(parts)]
    rng.shuffle(pieces)
    merged = Histogram()
    for piece in pieces:
        merged.add(piece)
    assert merged == of(values)
    assert (merged.mean, merged.stdev) == (of(values).mean, of(values).stdev)


@given(VALUES)
def test_a_percentile_is_at_most_a_thousandth_too_high_and_never_too_low(values: list[int]) -> None:
    histogram = of(values)
    for point in POINTS:
        wanted, got = exact(values, point), histogram.percentile(point)
        assert wanted <= got <= wanted * 1.001


@given(VALUES)
def test_mean_deviation_least_and_greatest_are_exact(values: list[int]) -> None:
    histogram = of(values)
    assert len(histogram) == len(values)
    assert histogram.mean == pytest.approx(statistics.fmean(values), rel=1e-12)
    assert histogram.stdev == pytest.approx(math.sqrt(float(statistics.pvariance(values))), rel=1e-9, abs=1e-9)
    assert (histogram.smallest, histogram.most) == (min(values), max(values))
    assert histogram.percentile(100) == max(values)


@given(VALUES)
def test_percentiles_come_in_the_order_asked(values: list[int]) -> None:
    histogram = of(values)
    assert histogram.percentiles(POINTS[::-1]) == [histogram.percentile(point) for point in POINTS[::-1]]


@given(VALUES)
def test_percentiles_rise(values: list[int]) -> None:
    found = of(values).percentiles(POINTS)
    assert found == sorted(found)


@given(st.lists(st.integers(1, HIGHEST), min_size=1, max_size=300))
def test_percentiles_agree_with_hdrhistogram(values: list[int]) -> None:
    hdrh = pytest.importorskip("hdrh.histogram")
    oracle: Any = hdrh.HdrHistogram(1, HIGHEST, 3)
    for value in values:
        oracle.record_value(value)
    histogram = of(values)
    assert len(histogram) == oracle.get_total_count()
    for point in (50.0, 75.0, 90.0, 95.0, 99.0, 100.0):
        # The oracle rounds the rank (the percentile of 1.5 values is the second's), we take the next whole one:
        # ask it for that. It names a slot's upper end, we hold that to the exact greatest value.
        rank = math.ceil(len(values) * point / 100 - 1e-9)
        wanted = oracle.get_value_at_percentile(100 * rank / len(values))
        assert histogram.percentile(point) == min(wanted, max(values))


@given(st.dictionaries(st.integers(-1000, HIGHEST * 2), st.integers(1, 10**6), max_size=50))
def test_a_tally_counts_like_its_values_one_by_one(tally: dict[int, int]) -> None:
    at_once, one_by_one = Histogram(), Histogram()
    at_once.record_all(tally)
    for value, times in tally.items():
        one_by_one.record(value, times)
    assert at_once == one_by_one


@pytest.mark.parametrize(
    ("value", "held"), [(-5, 0), (0, 0), (HIGHEST, HIGHEST), (HIGHEST + 1, HIGHEST), (10**18, HIGHEST)]
)
def test_what_is_out_of_range_is_held_to_the_range(value: int, held: int) -> None:
    histogram = of([value])
    assert (histogram.total, histogram.least, histogram.most) == (held, held, held)
    assert 0 <= slot(value) < SLOTS


@given(MICROS)
def test_a_slot_holds_its_value_and_is_narrow(micros: int) -> None:
    index = slot(micros)
    top = highest(index)
    assert micros <= top
    assert slot(top) == index
    assert slot(min(top + 1, HIGHEST)) == index + (top < HIGHEST)
    assert top - micros <= micros / 1024
    assert slot(round(middle(index))) == index


def test_slots_follow_each_other_without_a_gap() -> None:
    ends = [highest(index) for index in range(SLOTS)]
    assert ends == sorted(set(ends))
    assert slot(HIGHEST) == SLOTS - 1


def test_an_empty_histogram_is_all_zeros() -> None:
    empty = Histogram()
    assert (len(empty), empty.mean, empty.stdev, empty.smallest, empty.most) == (0, 0.0, 0.0, 0, 0)
    assert empty.percentiles(POINTS) == [0] * len(POINTS)
    assert empty.share_within(0, HIGHEST) == 0.0


def test_adding_an_empty_one_changes_nothing() -> None:
    histogram = of([5, 7])
    histogram.add(Histogram())
    assert histogram == of([5, 7])


def test_what_was_added_to_another_is_its_own() -> None:
    first, second = of([5]), Histogram()
    second.add(first)
    second.record(9)
    assert first == of([5])
    assert second == of([5, 9])


@pytest.mark.parametrize(
    ("low", "high", "share"), [(1, 3, 0.75), (0, 100, 1.0), (2, 2, 0.25), (4, 10, 0.0), (50, 100, 0.25)]
)
def test_the_share_within_bounds(low: int, high: int, share: float) -> None:
    assert of([1, 2, 3, 100]).share_within(low, high) == share


@given(VALUES)
def test_it_crosses_the_wire_unchanged(values: list[int]) -> None:
    histogram = of(values)
    flat = histogram.to_list()
    assert Histogram.from_list(flat) == histogram
    assert all(0 <= number < 1 << 63 for number in flat)  # what msgpack can carry


def test_sums_beyond_64_bits_cross_the_wire() -> None:
    histogram = Histogram()
    histogram.record(HIGHEST, 10**9)
    assert histogram.squares > 1 << 64
    assert Histogram.from_list(histogram.to_list()) == histogram


@pytest.mark.parametrize(
    "flat",
    [
        [],
        [0, 0, 0, 0],
        [0, 0, 0, 0, 0, 1],  # too short, or a pair cut in half
        [-1, 0, 0, 0, 0],
        [0.0, 0, 0, 0, 0],
        ["0", 0, 0, 0, 0],
        [True, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 1, 0],  # an empty slot
        [0, 0, 0, 0, 0, SLOTS, 1],  # out of range
        [0, 0, 0, 0, 0, 5, 1, 0, 1],  # named twice
        [0, 0, 0, 0, 0, 5, -1],
        [5, 0, 25, 4, 5, 5, 1],
        [5, 0, 25, 5, 4, 5, 1],
        [5, 0, 25, 5, 6, 5, 1],  # ends in other slots
        [5, 0, 25, 6, 5, 5, 1],
        [0, 0, 0, HIGHEST, HIGHEST + 1, SLOTS - 1, 1],
        [0, 0, 0, HIGHEST + 1, HIGHEST, SLOTS - 1, 1],
        [0, 0, 0, HIGHEST, 5],
        [0, 0, 0, 5, 0],  # nothing was the least
    ],
)
def test_a_malformed_list_is_refused(flat: list[Any]) -> None:
    with pytest.raises(ValueError):
        Histogram.from_list(flat)
