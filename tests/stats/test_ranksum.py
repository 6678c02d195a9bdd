"""The rank-sum test's p against the exact distribution of U."""

from __future__ import annotations

from itertools import combinations

import pytest

from gluten.stats.ranksum import rank_sum_p, ranks


def test_equal_values_share_the_mean_of_their_places() -> None:
    assert ranks([10, 30, 20, 20]) == [1, 4, 2.5, 2.5]
    assert ranks([5, 5, 5]) == [2, 2, 2]


def exact(a: list[float], b: list[float]) -> float:
    """The exact distribution, by every arrangement of the ranks: no ties, independent values."""
    n, whole = len(a), len(a) + len(b)
    middle = n * (whole + 1) / 2
    seen = abs(sum(ranks([*a, *b])[:n]) - middle)
    sums = [sum(dealt) for dealt in combinations(range(1, whole + 1), n)]
    return sum(abs(one - middle) >= seen - 1e-9 for one in sums) / len(sums)


A = [3.0, 16.0, 5.0, 14.0, 6.0, 12.0, 8.0, 11.0]


@pytest.mark.parametrize("shift", [0.5, 2.5, 4.5, 6.5, 8.5, 20.5])
def test_p_is_that_of_the_exact_distribution(shift: float) -> None:
    b = [value + shift + index / 64 for index, value in enumerate(A)]
    assert rank_sum_p(A, b) == pytest.approx(exact(A, b), abs=0.015)


def test_values_worth_less_say_less() -> None:
    b = [value + 8.5 for value in A]
    assert rank_sum_p(A, b) < rank_sum_p(A, b, 0.5) < rank_sum_p(A, b, 0.1)
