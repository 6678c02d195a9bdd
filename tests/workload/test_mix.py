"""Weights are exact: each block of numbers has each request exactly as often as its weight says."""

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.errors import WorkloadError
from gluten.workload.mix import LARGEST_BLOCK, Mix, reduced

WEIGHTS = st.lists(st.integers(1, 12), min_size=1, max_size=6)


@given(WEIGHTS, st.integers(), st.integers(0, 10**12))
def test_each_block_has_exactly_each_weight(weights: list[int], seed: int, block: int) -> None:
    mix = Mix(weights, seed)
    counts = Counter(mix.order(block))
    total = sum(weights)
    assert all(Fraction(counts[index], mix.block) == Fraction(weight, total) for index, weight in enumerate(weights))
    assert [mix.request(block * mix.block + place) for place in range(mix.block)] == list(mix.order(block))


@given(WEIGHTS, st.integers(0, 300))
def test_before_is_what_counting_gives(weights: list[int], until: int) -> None:
    mix = Mix(weights, 3)
    counted = Counter(mix.request(number) for number in range(until))
    assert [mix.before(index, until) for index in range(len(weights))] == [counted[i] for i in range(len(weights))]


@given(WEIGHTS, st.integers(0, 100), st.integers(0, 300), st.integers(1, 40))
def test_counts_is_what_counting_gives(weights: list[int], first: int, until: int, step: int) -> None:
    mix = Mix(weights, 3)
    counted = Counter(mix.request(number) for number in range(first, until, step))
    assert mix.counts(first, until, step) == [counted[index] for index in range(len(weights))]


def test_before_is_quick_far_away() -> None:
    """10^15 numbers of weights 7:3: seven tenths of all blocks, and what the last block began."""
    mix = Mix([70, 30], 1)
    assert mix.before(0, 10**15) == 7 * 10**14
    assert mix.before(0, 10**15 + 4) + mix.before(1, 10**15 + 4) == 10**15 + 4


def test_blocks_seeds_and_streams_have_orders_of_their_own() -> None:
    orders = {Mix([10, 11, 13], seed, stream).order(block) for seed in (0, 1) for stream in (0, 1) for block in (0, 1)}
    assert len(orders) == 8


def test_the_same_seed_gives_the_same_order() -> None:
    assert Mix([3, 2], 5).order(9) == Mix([30, 20], 5).order(9)


def test_a_block_that_was_forgotten_comes_again_as_it_was() -> None:
    mix = Mix([3, 2, 5], 5)
    first = mix.order(0)
    for block in range(100):
        mix.order(block)
    assert mix.order(0) == first


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ([80, 20], (4, 1)),
        ([1], (1,)),
        ([7], (1,)),
        ([20_000, 10_000], (2, 1)),
        ([2, 3], (2, 3)),
        ([0, 4, 2], (0, 2, 1)),
    ],
)
def test_weights_are_reduced(weights: list[int], expected: tuple[int, ...]) -> None:
    assert reduced(weights) == expected


@pytest.mark.parametrize("weights", [[], [0], [1, -1], [LARGEST_BLOCK, 1], [10**9, 10**9 + 1]])
def test_what_no_block_can_have_is_refused(weights: list[int]) -> None:
    with pytest.raises(WorkloadError):
        reduced(weights)


def test_what_has_no_weight_never_occurs() -> None:
    assert Mix([0, 3, 1], 5).counts(0, 4000) == [0, 3000, 1000]


def test_the_refusal_says_the_sum_and_what_is_allowed() -> None:
    with pytest.raises(WorkloadError, match=r"divided by 3, have the sum 10,001, more than 10,000: round them"):
        reduced([30_000, 3])
