"""Draws follow from seed, place and numbers, are the same everywhere, and each outcome is equally frequent."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from gluten.workload.draws import Draws


def test_draws_are_the_same_on_every_platform() -> None:
    """Written down once. If this fails, an old run can no longer be repeated by its seed."""
    draws = Draws(7, "request.view.get#1")
    assert [draws.below(1000, number) for number in range(5)] == [975, 578, 183, 802, 137]
    assert draws.letters(12, 3) == "b34PBPRSxjm8"
    assert draws.shuffled(8, 2) == [4, 5, 0, 1, 3, 7, 2, 6]


def test_seed_place_number_and_step_each_change_what_is_drawn() -> None:
    drawn = {
        Draws(seed, place).below(2**64, number, step)
        for seed in (0, 1, -1)
        for place in ("a", "b")
        for number in (0, 1)
        for step in (0, 1)
    }
    assert len(drawn) == 3 * 2 * 2 * 2


def test_each_outcome_is_equally_frequent() -> None:
    """6,000 draws of six: each comes 1,000 times, give or take five standard deviations of 29."""
    counts = Counter(Draws(1, "die").below(6, number) for number in range(6000))
    assert all(abs(counts[side] - 1000) < 150 for side in range(6))


def test_each_letter_and_digit_is_equally_frequent() -> None:
    """62,000 characters: each comes 1,000 times, give or take five standard deviations of 32."""
    counts = Counter(Draws(1, "text").letters(62_000, 0))
    assert len(counts) == 62
    assert all(abs(count - 1000) < 160 for count in counts.values())


@given(st.integers(0, 200), st.integers(0, 2**63))
def test_shuffled_has_each_number_once(count: int, number: int) -> None:
    assert sorted(Draws(0, "x").shuffled(count, number)) == list(range(count))


def test_every_order_of_three_is_equally_frequent() -> None:
    """6,000 shuffles into six orders: 1,000 each, give or take five standard deviations of 29."""
    counts = Counter(tuple(Draws(0, "x").shuffled(3, number)) for number in range(6000))
    assert len(counts) == 6
    assert all(abs(count - 1000) < 150 for count in counts.values())
