"""Which row a use takes: each pass has each row once, and the same seed gives the same rows."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.errors import WorkloadError
from gluten.workload.feeds.picks import permutation, pick


def test_unique_takes_each_row_once_and_then_none() -> None:
    take = pick("unique", 3, 0, "user")
    assert [take(use, 0) for use in range(5)] == [0, 1, 2, None, None]


def test_cycle_begins_again() -> None:
    take = pick("cycle", 3, 0, "user")
    assert [take(use, 0) for use in range(7)] == [0, 1, 2, 0, 1, 2, 0]


@given(st.integers(1, 300) | st.sampled_from([4095, 4096, 4097, 8192, 8193, 10_000]), st.integers(0, 50))
def test_each_pass_of_a_shuffle_has_each_row_once(rows: int, turn: int) -> None:
    take = pick("shuffle", rows, 7, "user")
    assert sorted(take(turn * rows + place, 0) or 0 for place in range(rows)) == list(range(rows))


@pytest.mark.parametrize("rows", [50, 4500])
def test_passes_seeds_and_feeds_have_orders_of_their_own(rows: int) -> None:
    orders = {
        tuple(pick("shuffle", rows, seed, feed)(turn * rows + place, 0) for place in range(rows))
        for seed in (0, 1)
        for feed in ("a", "b")
        for turn in (0, 1)
    }
    assert len(orders) == 8


def test_a_shuffle_is_no_pattern() -> None:
    """Of 10,000 rows, neighbours in the order are as far apart as chance has it: a third of the rows on average.

    The standard deviation of one distance is 0.24 of the rows, so that of the mean is 24 rows; five of these are 120.
    """
    take = pick("shuffle", 10_000, 3, "user")
    order = [take(use, 0) or 0 for use in range(10_000)]
    distances = [abs(first - second) for first, second in pairwise(order)]
    assert abs(sum(distances) / len(distances) - 10_000 / 3) < 120
    assert len(set(distances)) > 4000


def test_each_row_is_first_equally_often() -> None:
    """Of 6,000 rows, by the eighth in which the first row of a pass stands: 2,000 passes, 250 each, give or take 75."""
    take = pick("shuffle", 6000, 3, "user")
    counts = Counter((take(turn * 6000, 0) or 0) // 750 for turn in range(2000))
    assert all(abs(counts[part] - 250) < 75 for part in range(8))


def test_a_use_of_an_earlier_pass_takes_its_row_again() -> None:
    take = pick("shuffle", 5000, 3, "user")
    first = [take(use, 0) for use in range(10)]
    assert len({take(use, 0) for use in range(0, 200_000, 5000)}) > 30  # forty later passes
    assert [take(use, 0) for use in range(10)] == first


def test_random_takes_each_row_equally_often() -> None:
    """6,000 uses of six rows: 1,000 each, give or take five standard deviations of 29."""
    take = pick("random", 6, 0, "user")
    counts = Counter(take(use, 0) for use in range(6000))
    assert counts.keys() == set(range(6))
    assert all(abs(count - 1000) < 150 for count in counts.values())


def test_each_request_of_a_session_may_take_another_row() -> None:
    take = pick("random", 10**6, 0, "user")
    assert len({take(5, step) for step in range(10)}) == 10
    assert take(5, 3) == pick("random", 10**6, 0, "user")(5, 3)


@given(
    st.integers(1, 2000),
    st.lists(st.tuples(st.integers(0, 2**64).map(lambda n: n | 1), st.integers(0, 2**64)), max_size=4),
)
def test_any_rounds_make_a_permutation(size: int, rounds: list[tuple[int, int]]) -> None:
    place = permutation(size, tuple(rounds))
    assert sorted(map(place, range(size))) == list(range(size))


def test_an_unknown_pick_is_refused() -> None:
    with pytest.raises(WorkloadError, match="first is not a pick: unique, cycle, shuffle, random are"):
        pick("first", 5, 0, "user")
