"""Welch's test against printed tables and worked examples."""

from __future__ import annotations

import pytest

from gluten.stats.welch import student_tail, welch_p


@pytest.mark.parametrize(
    ("freedom", "t", "p"),
    [(1, 12.706, 0.05), (2, 9.925, 0.01), (5, 2.571, 0.05), (10, 3.169, 0.01), (30, 2.042, 0.05), (120, 2.617, 0.01)],
)
def test_the_tail_is_that_of_the_printed_table(freedom: float, t: float, p: float) -> None:
    assert student_tail(t, freedom) == pytest.approx(p, rel=2e-3)
    assert student_tail(0, freedom) == pytest.approx(1.0)


def test_between_whole_degrees_of_freedom_lies_what_is_between() -> None:
    assert student_tail(2.0, 3) > student_tail(2.0, 3.5) > student_tail(2.0, 4)


# Sleep gained with two drugs (Student, Biometrika 6, 1908), as R prints it: t = -1.8608, df = 17.776, p = 0.07939
FIRST = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SECOND = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def test_a_worked_example() -> None:
    assert welch_p(FIRST, SECOND) == pytest.approx(0.07939, abs=5e-6)


def test_values_worth_less_say_less() -> None:
    assert welch_p(FIRST, SECOND) < welch_p(FIRST, SECOND, 0.5) < welch_p(FIRST, SECOND, 0.1)


def test_samples_without_scatter_differ_where_their_values_do() -> None:
    assert welch_p([5.0] * 8, [5.0] * 8) == 1.0
    assert welch_p([5.0] * 8, [5.1] * 8) == 0.0
