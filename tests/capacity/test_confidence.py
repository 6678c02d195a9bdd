"""How sure an interval is follows from what was seen: slow answers that come together tell less."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from gluten.capacity.confidence import confidence, steepness
from gluten.capacity.crossing import Asked
from gluten.slo.grammar import parse_all
from gluten.slo.sure import Pairs
from gluten.stats.histogram import Histogram
from tests.capacity.simulated import tail, truth

ALONE: Pairs = [(3, 450)] * 60
"""Two thirds of what p99 allows, evenly."""
TOGETHER: Pairs = ([(0, 450)] * 19 + [(60, 450)]) * 3
"""As many, in three clusters."""
NONE: Pairs = [(0, 450)] * 30
MANY: Pairs = [(30, 480)] * 30


def asked(slo: str = "p99 < 100ms", *, low: Pairs, high: Pairs, base: Pairs = ()) -> Asked:
    """440/s hold and 480/s miss, by these seconds. `base`: those of 300/s."""
    return Asked(parse_all([slo])[0], 0.01, 440.0, 480.0, {300.0: base, 440.0: low, 480.0: high})


def test_slow_answers_in_clusters_are_less_sure() -> None:
    even = confidence(asked("errors < 1%", low=ALONE, high=MANY))
    assert confidence(asked("errors < 1%", low=TOGETHER, high=MANY)) < even


@pytest.mark.parametrize("seconds", [10, 30])
def test_a_hold_without_a_slow_answer_proves_little_of_a_slow_queue(seconds: int) -> None:
    """Its slow answers come in one cluster in 20 s or more: many a hold at the capacity itself sees none."""
    assert confidence(asked(low=NONE[:seconds], high=MANY)) < 0.95


def test_a_longer_look_is_surer() -> None:
    short = confidence(asked(low=NONE, high=MANY))
    assert confidence(asked(low=[*NONE] * 8, high=[*MANY] * 8)) > short


def test_a_wider_interval_is_surer() -> None:
    narrow = asked(low=NONE, high=MANY)
    assert confidence(narrow._replace(low=420.0, high=500.0)) > confidence(narrow)


def test_it_is_told_in_whole_percent() -> None:
    found = confidence(asked(low=NONE, high=MANY))
    assert found == round(found, 2)
    assert 0 < found < 1


def evenly(of: int, share: float, seconds: int) -> Pairs:
    """This share of `of` requests a second."""
    until = [round(share * of * second) for second in range(seconds + 1)]
    return [(after - before, of) for before, after in itertools.pairwise(until)]


def of_slow_work(low: float, high: float) -> float:
    """How sure an interval is of eight servers whose own work takes longer than 30 ms in half of what p95 allows.

    `low` and `high` are parts of the true answer. Each rate has the share that the formula knows.
    """
    true = truth(8, 0.008, 0.03, 0.05)
    rates = [true * part for part in (0.77, 0.87, 0.92, 0.95, 0.957, 0.97, 0.98, 0.99, low, high)]
    counts = {rate: evenly(round(rate), tail(rate, 8, 125, 0.03), 30) for rate in rates}
    return confidence(Asked(parse_all(["p95 < 30ms"])[0], 0.05, true * low, true * high, counts))


def test_answers_that_are_slow_at_any_rate_do_not_hide_where_the_answer_is() -> None:
    """The share rises slowly below it. Without a floor that looks as if the answer were near."""
    assert of_slow_work(0.957, 0.99) < 0.3
    assert of_slow_work(0.97, 1.03) > 0.8


def test_work_that_scatters_makes_a_narrow_interval_less_sure() -> None:
    """The share rises more slowly, so that a look at one rate says less of the next."""
    high: Pairs = ([(0, 470)] * 14 + [(150, 470)]) * 2
    of = asked(low=TOGETHER, high=NONE)._replace(high=458.0, counts={440.0: TOGETHER, 458.0: high})
    sure = [confidence(of, steep) for steep in (1.0, 0.6, 0.3, 0.15)]
    assert sure == sorted(sure, reverse=True)
    assert sure[-1] < sure[0] / 1.5


SECOND = some.tuples(some.integers(0, 100), some.integers(100, 600))
SECONDS = some.lists(SECOND, max_size=40)


@settings(max_examples=20, deadline=None)
@given(
    base=SECONDS,
    low=SECONDS,
    high=SECONDS,
    steep=some.floats(0.1, 1.0),
    slo=some.sampled_from(["p99 < 9s", "errors < 1%"]),
)
def test_it_is_a_part_of_the_whole_whatever_was_seen(
    base: Pairs, low: Pairs, high: Pairs, steep: float, slo: str
) -> None:
    assert 0 <= confidence(asked(slo, base=base, low=low, high=high), steep) <= 1


def times(*micros: int) -> Histogram:
    found = Histogram()
    for each in micros:
        found.record(each)
    return found


def test_the_share_rises_as_steeply_as_that_of_random_work_at_most() -> None:
    """Work that is always the same lets it rise twice as steeply. But times that are alike may be spent on the way."""
    assert steepness(times(*[8000] * 50)) == 1
    assert steepness(Histogram()) == 1


def test_work_with_four_times_the_variance_has_two_fifths_of_the_slope() -> None:
    """Mean 1, variance 4: as (ca² + cs²) / 2 in the tail of the waits."""
    assert steepness(times(*[0] * 400, *[5000] * 100)) == pytest.approx(0.4)


@settings(max_examples=20, deadline=None)
@given(some.lists(some.integers(0, 10**7), max_size=30))
def test_a_slope_is_never_flatter_than_a_tenth(micros: list[int]) -> None:
    assert 0.1 <= steepness(times(*micros)) <= 1
