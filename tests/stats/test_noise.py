"""How often noise is taken for a difference, and whether a clear difference is found."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from gluten.cli.usage import TEXTS
from gluten.stats.noise import LEAST, RULE, SIGNIFICANT, autocorrelation, p_value
from gluten.webui.api.schemas import SCHEMAS

Maker = Callable[[random.Random], list[float]]


def test_autocorrelation_is_of_each_value_with_the_next() -> None:
    # away from the mean: -1.5 -0.5 0.5 1.5; products 0.75 - 0.25 + 0.75 = 1.25; squares 5
    assert autocorrelation([1, 2, 3, 4]) == 0.25
    assert autocorrelation([1, -1, 1, -1]) == -0.75
    assert autocorrelation([3, 3, 3]) == 0


def test_too_few_values_say_nothing() -> None:
    few = [1.0] * (LEAST - 1)
    assert p_value(few, [9.0] * 100) is None
    assert p_value([9.0] * 100, few) is None


def test_equal_values_do_not_differ() -> None:
    assert p_value([1000.0] * 30, [1000.0] * 30) == 1.0


def test_the_order_of_the_two_does_not_matter() -> None:
    a = [3.0, 16.0, 5.0, 14.0, 6.0, 12.0, 8.0, 11.0]
    b = [value * 1.5 + 0.3 for value in a]
    assert p_value(a, b) == pytest.approx(p_value(b, a), rel=1e-9)


def steady(chance: random.Random) -> list[float]:
    return [chance.gauss(1000, 50) for _ in range(30)]


def wandering(chance: random.Random) -> list[float]:
    """Values that resemble the value before (r = 0.5)."""
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


@pytest.mark.parametrize("zero", [0.0, 1.0])
def test_a_few_seconds_far_apart_differ_however_alike_neighbours_are(zero: float) -> None:
    falling = [2.9, 2.8, 2.7, 2.5, 2.4, 2.2, 2.1, 2.1, 2.0]  # r of 0.7: worth 1.5 values
    far = [value + 18 for value in falling]
    found = p_value([zero, *falling], [zero, *far])
    assert found is not None
    assert found < SIGNIFICANT


def test_a_threefold_time_is_found_in_spite_of_slow_waves() -> None:
    wave = [2000 + 800 * math.sin(at / 10) for at in range(60)]
    found = p_value(wave, [value * 3.9 for value in wave])
    assert found is not None
    assert found < SIGNIFICANT


def test_the_rule_has_the_same_words_everywhere() -> None:
    readme = " ".join((Path(__file__).parents[2] / "README.md").read_text().replace("`", "").split())
    assert RULE in readme
    assert RULE in " ".join(TEXTS["compare"].split())
    assert (
        SCHEMAS["Comparison"]["properties"]["pairs"]["items"]["properties"]["differences"]["items"]["properties"]["p"][
            "description"
        ]
        == RULE
    )
    assert f"p < {SIGNIFICANT}" in RULE
    assert f"fewer than {LEAST} such seconds" in RULE
