"""How far two clocks are apart, by dates of whole seconds."""

from __future__ import annotations

import pytest

from gluten.cli.commands.skew import least_difference


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        # asked at 100.2, answered at 100.4: a date of 99 s would be 99.0 to 99.99, one of 101 s has not begun
        (100, 0.0),
        (99, 0.2),
        (101, 0.6),
        (40, 59.2),
        (160, 59.6),
    ],
)
def test_clocks_are_apart_by_what_a_whole_second_cannot_explain(told: float, expected: float) -> None:
    assert least_difference(told, departed=100.2, arrived=100.4) == pytest.approx(expected)
