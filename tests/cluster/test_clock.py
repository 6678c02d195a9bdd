"""The offset between two clocks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.cluster.clock import Clock

WAYS = st.lists(st.tuples(st.floats(0, 2), st.floats(0, 2)), min_size=1, max_size=16)


@given(WAYS, st.floats(-1e6, 1e6))
def test_the_offset_is_never_further_off_than_its_error_says(ways: list[tuple[float, float]], offset: float) -> None:
    clock = Clock()
    for at, (there, back) in enumerate(ways):
        clock.add(at, at + there + offset, at + there + back)
    best = clock.best
    assert best is not None
    assert best.rtt == pytest.approx(min(there + back for there, back in ways))
    assert abs(best.offset - offset) <= best.error + 1e-6


def test_nothing_is_known_before_the_first_round_trip() -> None:
    assert Clock().best is None


def test_a_round_trip_of_less_than_no_time_is_dropped() -> None:
    clock = Clock()
    clock.add(5.0, 1.0, 4.0)
    assert clock.best is None


def test_old_round_trips_are_forgotten() -> None:
    clock = Clock(keep=2)
    for t0, t1, t2 in ((0.0, 100.0, 0.001), (1.0, 105.0, 1.2), (2.0, 106.0, 2.1)):
        clock.add(t0, t1, t2)
    assert clock.best is not None
    assert clock.best.rtt == pytest.approx(0.1)
