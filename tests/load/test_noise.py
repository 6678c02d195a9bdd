"""Noise: the test's p against the exact distribution of U, and how often it cries wolf."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import combinations

import pytest

from gluten.load.noise import LEAST, SIGNIFICANT, autocorrelation, p_value, ranks

Maker = Callable[[random.Random], list[float]]


def test_equal_values_share_the_mean_of_their_places() -> None:
    assert ranks([10, 30, 20, 20]) == [1, 4, 2.5, 2.5]
    assert ranks([5, 5, 5]) == [2, 2, 2]


def test_autocorrelation_is_of_each_value_with_the_next() -> None:
    # away from the mean: -1.5 -0.5 0.5 1.5; products 0.75 - 0.25 + 0.75 = 1.25; squares 5
    assert autocorrelation([1, 2, 3, 4]) == 0.25
    assert autocorrelation([1, -1, 1, -1]) == -0.75
    assert autocorrelation([3, 3, 3]) == 0


def exact(a: list[float], b: list[float]) -> float:
    """By every way of dealing the ranks: no ties, independent values."""
    n, whole = len(a), len(a) + len(b)
    middle = n * (whole + 1) / 2
    seen = abs(sum(ranks([*a, *b])[:n]) - middle)
    sums = [sum(dealt) for dealt in combinations(range(1, whole + 1), n)]
    return sum(abs(one - middle) >= seen - 1e-9 for one in sums) / len(sums)


# Each falls and rises by turns, so its autocorrelation is negative and does not count.
A = [3.0, 16.0, 5.0, 14.0, 6.0, 12.0, 8.0, 11.0]


@pytest.mark.parametrize("shift", [0.5, 2.5, 4.5, 6.5, 8.5, 20.5])
def test_p_is_that_of_the_exact_distribution(shift: float) -> None:
    b = [value + shift + index / 64 for index, value in enumerate(A)]
    found = p_value(A, b)
    assert found is not None
    assert found == pytest.approx(exact(A, b), abs=0.015)


def test_too_few_values_say_nothing() -> None:
    few = [1.0] * (LEAST - 1)
    assert p_value(few, [9.0] * 100) is None
    assert p_value([9.0] * 100, few) is None


def test_equal_values_do_not_differ() -> None:
    assert p_value([1000.0] * 30, [1000.0] * 30) == 1.0


def test_the_order_of_the_two_does_not_matter() -> None:
    b = [value * 1.5 + 0.3 for value in A]
    assert p_value(A, b) == p_value(b, A)


def steady(chance: random.Random) -> list[float]:
    return [chance.gauss(1000, 50) for _ in range(30)]


def wandering(chance: random.Random) -> list[float]:
    """Each second half like the one before it (r = 0.5)."""
    values, at = [], chance.gauss(0, 1)
    for _ in range(30):
        at = 0.5 * at + chance.gauss(0, 0.75**0.5)
        values.append(1000 + 50 * at)
    return values


@pytest.mark.parametrize(("make", "most"), [(steady, 0.02), (wandering, 0.05)])
def test_runs_of_one_kind_are_rarely_called_different(make: Maker, most: float) -> None:
    chance = random.Random(6)
    wolves = sum((p_value(make(chance), make(chance)) or 0) < SIGNIFICANT for _ in range(400))
    assert wolves / 400 <= most


def test_a_clear_difference_is_found() -> None:
    chance = random.Random(6)
    a, b = steady(chance), [value * 1.1 for value in steady(chance)]
    found = p_value(a, b)
    assert found is not None
    assert found < 1e-4
