"""A histogram in few numbers."""

from hypothesis import given
from hypothesis import strategies as st

from gluten.stats.heatmap import BANDS, heat
from gluten.stats.histogram import HIGHEST, Histogram


def of(*values: int) -> Histogram:
    made = Histogram()
    for value in values:
        made.record(value)
    return made


def test_nothing_has_no_bands() -> None:
    assert heat(of()) == []


def test_a_doubling_has_four_bands() -> None:
    # log2 of 1024 us is 10: band 40; 1218 us = 2^10.25 begins band 41, 2048 us band 44
    assert heat(of(1024, 1024, 1200)) == [40, 3]
    assert heat(of(1024, 1230, 2048)) == [40, 1, 1, 0, 0, 1]


def test_what_is_faster_than_a_microsecond_is_in_the_first_band() -> None:
    assert heat(of(0, 1)) == [0, 2]


@given(st.lists(st.integers(0, HIGHEST), max_size=50))
def test_every_value_is_in_one_band_near_its_own(values: list[int]) -> None:
    first, *counts = heat(of(*values)) or [0]
    assert sum(counts) == len(values)
    if values:
        # A slot is at most 0.1 % wide, so its middle is in the value's band or a neighbour's edge.
        assert 2 ** (first / BANDS) <= max(1, min(values)) * 1.001
        assert 2 ** ((first + len(counts)) / BANDS) >= max(values) * 0.999
