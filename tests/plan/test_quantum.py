"""The quantum of a constant rate: short while there is CPU, never too long for the connections."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.plan.quantum import LONGEST, PART, SHORTEST, quantum

MANY = 1_000_000
loads = st.floats(0.0, 2.0)
connections = st.integers(0, 20_000)
rates = st.floats(0.0, 1e6)


@pytest.mark.parametrize(
    ("load", "micros"),
    [(0.0, 120), (0.15, 120), (0.3, 220), (0.4, 230), (0.5, 240), (0.725, 620), (0.95, 1000), (1.0, 1000), (1.5, 1000)],
)
def test_it_follows_the_load(load: float, micros: float) -> None:
    assert quantum(load, MANY, 1000.0) == pytest.approx(micros / 1e6)


@pytest.mark.parametrize(
    ("count", "rate", "micros"),
    [
        (64, 32_000.0, 1000),  # half of 64 connections carry 32 slots: 1 ms at 32,000/s
        (64, 160_000.0, 200),
        (2, 20_000.0, 50),
        (0, 1000.0, 500),  # as with one
    ],
)
def test_half_of_the_connections_carry_the_slots_of_one(count: int, rate: float, micros: float) -> None:
    assert quantum(1.0, count, rate) == pytest.approx(micros / 1e6)


@given(loads, connections, rates)
def test_it_is_bounded_whatever_comes(load: float, count: int, rate: float) -> None:
    found = quantum(load, count, rate)
    assert 0 < found <= LONGEST
    assert found * rate <= PART * max(1, count) * (1 + 1e-9)
    assert found >= min(SHORTEST, PART / max(rate, 1e-9))


@given(loads, loads, connections, rates)
def test_more_load_never_makes_it_shorter(load: float, other: float, count: int, rate: float) -> None:
    low, high = sorted((load, other))
    assert quantum(low, count, rate) <= quantum(high, count, rate) + 1e-12
