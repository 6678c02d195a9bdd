"""Random arrivals: counts are those of the even schedule, order is kept, and gaps look exponential."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluten.plan.arrivals import BLOCK
from gluten.plan.schedule import RandomSchedule, Schedule
from gluten.task.task import Task

URL = "http://127.0.0.1/"
RATES = st.floats(0.2, 400.0)
SEEDS = st.integers(0, 10**15)


def schedule(**asked: Any) -> Schedule:
    return Schedule.of(Task(URL, **asked))


@st.composite
def loads(draw: st.DrawFn) -> dict[str, Any]:
    """A rate or stages, with a duration and at times a number of requests."""
    asked: dict[str, Any] = {"duration": draw(st.floats(0.1, 10.0)), "seed": draw(SEEDS)}
    asked["requests"] = draw(st.none() | st.integers(1, 1000))
    if draw(st.booleans()):
        return asked | {"rate": draw(RATES)}
    rates = draw(st.lists(st.just(0.0) | RATES, min_size=2, max_size=4).filter(any))
    return asked | {"stages": tuple((2.5 * at, rate) for at, rate in enumerate(rates))}


def dues(found: Schedule) -> list[float]:
    return [found.due(slot) for slot in range(found.planned())]


@settings(max_examples=60, deadline=None)
@given(loads())
def test_as_many_are_due_as_without_and_in_order(asked: dict[str, Any]) -> None:
    even, random = schedule(**asked), schedule(**asked, arrivals="poisson")
    assert isinstance(random, RandomSchedule)
    assert random.planned() == even.planned()
    found = dues(random)
    assert all(0 <= when < even.end for when in found)
    assert all(before <= after for before, after in pairwise(found))
    assert math.isinf(random.due(random.planned()))
    assert math.isclose(random.last(), even.last())


@settings(max_examples=60, deadline=None)
@given(loads())
def test_each_block_has_its_slots_in_its_own_time(asked: dict[str, Any]) -> None:
    even, random = schedule(**asked), schedule(**asked, arrivals="poisson")
    for first in range(0, even.planned(), BLOCK):
        last = min(first + BLOCK, even.planned()) - 1
        assert even.due(first) - 1e-6 <= random.due(first)
        ends = even.due(last + 1)
        assert random.due(last) <= min(ends, even.end) + 1e-6


@settings(max_examples=60, deadline=None)
@given(loads(), st.floats(-1, 11))
def test_those_planned_by_an_instant_are_those_due_before_it(asked: dict[str, Any], until: float) -> None:
    random = schedule(**asked, arrivals="poisson")
    assert random.planned(until) == sum(when < until for when in dues(random))
    assert random.planned(until) == sum(random.planned_of(thread, 3, until) for thread in range(3))


@settings(max_examples=60, deadline=None)
@given(loads(), st.lists(st.tuples(st.floats(0, 9), st.just(0.0) | RATES), min_size=1, max_size=3).map(sorted))
def test_an_adjustment_moves_nothing_that_was_due_before_it(
    asked: dict[str, Any], adjustments: list[tuple[float, float]]
) -> None:
    version = schedule(**asked, arrivals="poisson")
    for second, rate in adjustments:
        before, version = version, version.adjusted(second, rate)
        kept = before.planned(second)
        assert version.planned(second) == kept
        assert [version.due(slot) for slot in range(kept)] == [before.due(slot) for slot in range(kept)]
        if second < version.end:
            most = math.inf if version.limit is None else version.limit
            rest = rate * (version.end - second)
            assert abs(version.planned() - min(kept + rest, most)) < 1 + 1e-6
            assert version.rate(second) == rate
        found = dues(version)
        assert found == sorted(found)
        assert all(when >= second - 1e-6 for when in found[kept:])


@given(SEEDS)
def test_the_times_follow_from_the_seed_and_the_number(seed: int) -> None:
    asked: dict[str, Any] = {"rate": 50.0, "duration": 8.0, "arrivals": "poisson"}
    one, other = schedule(seed=seed, **asked), schedule(seed=seed, **asked)
    backwards = [other.due(slot) for slot in reversed(range(400))]
    assert dues(one) == backwards[::-1]
    assert dues(one) != dues(schedule(seed=seed - 1 if seed else 1, **asked))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_gaps_look_exponential(seed: int) -> None:
    """Kolmogorov's distance of 20,000 gaps to the exponential distribution. That of a true sample is below 0.0115 in
    99 of 100 cases."""
    found = dues(schedule(rate=1000.0, duration=20.0, arrivals="poisson", seed=seed))
    gaps = sorted((after - before) * 1000 for before, after in pairwise(found))
    distance = max(abs((at + 1) / len(gaps) - (1 - math.exp(-gap))) for at, gap in enumerate(gaps))
    assert distance < 0.0115
    mean = sum(gaps) / len(gaps)
    assert abs(mean - 1) < 0.001, "counts are exact, so the mean is"
    spread = math.sqrt(sum((gap - mean) ** 2 for gap in gaps) / len(gaps))
    assert abs(spread - 1) < 0.03


def test_short_windows_vary_as_with_poisson() -> None:
    """The variance of counts in windows of 10 slots is their mean, but for the hundredth that blocks take away."""
    random = schedule(rate=1000.0, duration=20.0, arrivals="poisson")
    marks = [random.planned(0.01 * at) for at in range(2001)]
    counts = [after - before for before, after in pairwise(marks)]
    variance = sum((count - 10) ** 2 for count in counts) / len(counts)
    assert 9.0 < variance < 10.8


def test_a_rising_rate_has_shorter_gaps_later() -> None:
    random = schedule(stages=((0.0, 0.0), (10.0, 1000.0)), arrivals="poisson")
    assert random.planned() == 5000
    assert abs(random.planned(5.0) - 1250) < 100
