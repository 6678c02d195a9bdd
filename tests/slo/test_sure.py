"""How sure a count is: of 100 simulated runs, 93 to 97 have the true share in their interval."""

from __future__ import annotations

import math
import random

import pytest

from gluten.slo.sure import interval, sure

RUNS = 200
Run = list[tuple[int, int]]


def run(rng: random.Random, seconds: int, requests: int, share: float, alike: float, spread: float) -> Run:
    """A run whose share drifts: its logarithm is a first-order autoregressive process."""
    own = spread * spread / (1 - alike * alike)
    drift, made = rng.gauss(0, math.sqrt(own)), []
    for _ in range(seconds):
        drift = alike * drift + rng.gauss(0, spread)
        made.append((binomial(rng, requests, min(1.0, share * math.exp(drift - own / 2))), requests))
    return made


def binomial(rng: random.Random, count: int, share: float) -> int:
    """Waiting times between hits are geometric."""
    hits, at = 0, 0
    if share <= 0:
        return 0
    while True:
        at += 1 + int(math.log(1 - rng.random()) / math.log1p(-min(share, 0.999999)))
        if at > count:
            return hits
        hits += 1


TARGETS = {
    "independent, a minute": (60, 500, 0.01, 0.0, 0.0),
    "independent, ten seconds": (10, 1000, 0.02, 0.0, 0.0),
    "seconds that differ": (60, 500, 0.02, 0.0, 0.5),
    "a slow drift": (120, 500, 0.02, 0.8, 0.3),
    "a slower drift": (300, 300, 0.02, 0.9, 0.2),
    "a short run of a drifting target": (30, 500, 0.02, 0.5, 0.3),
}


@pytest.mark.parametrize("target", TARGETS)
def test_the_interval_has_the_true_share_in_about_95_of_100_runs(target: str) -> None:
    rng, shape = random.Random(20261128), TARGETS[target]
    right = 0
    for _ in range(RUNS):
        low, high = interval(run(rng, *shape))
        right += low <= shape[2] <= high
    # 93 to 97 of 100, and two standard errors of so many simulated runs.
    assert 0.93 - 0.03 <= right / RUNS <= 0.97 + 0.025


def test_it_is_sure_where_the_allowed_share_is_far_from_what_was_seen() -> None:
    pairs = [(10, 1000)] * 30
    assert sure(pairs, 0.05)
    assert sure(pairs, 0.001)
    assert not sure(pairs, 0.0101)


def test_few_requests_are_never_sure_of_a_small_share() -> None:
    assert not sure([(0, 100)], 0.01)
    assert sure([(0, 1000)] * 10, 0.01)


def test_nothing_is_sure_where_nothing_was_measured() -> None:
    assert interval([]) == (0.0, 1.0)
    assert not sure([], 0.5)


def test_alike_seconds_are_worth_less_than_independent_ones() -> None:
    apart = [(5, 1000), (15, 1000)] * 30
    together = [(5, 1000)] * 30 + [(15, 1000)] * 30
    width = [high - low for low, high in (interval(apart), interval(together))]
    assert width[1] > 3 * width[0]
