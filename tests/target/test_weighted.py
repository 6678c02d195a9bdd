"""Weighted specs are exact."""

import itertools
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.target.weighted import Weighted, parse_weighted

weights = st.lists(st.integers(1, 200), min_size=1, max_size=5)


@given(weights, st.text(max_size=5))
def test_each_block_holds_each_value_exactly_its_weight_times(counts: list[int], seed: str) -> None:
    spec = Weighted(tuple((count, index) for index, count in enumerate(counts)))
    draws = spec.draws(seed)
    for _ in range(3):
        assert Counter(itertools.islice(draws, spec.block)) == dict(enumerate(counts))


@given(weights)
def test_any_stretch_is_nearly_even(counts: list[int]) -> None:
    spec = Weighted(tuple((count, index) for index, count in enumerate(counts)))
    order = spec.order("seed")
    for length in range(0, spec.block, max(1, spec.block // 10)):
        seen = Counter(order[:length])
        for index, count in enumerate(counts):
            # each value is off by less than 1 in *place*; the others' places shift the rank by one each
            assert abs(seen[index] - count * length / spec.block) <= len(counts) + 1


def test_the_order_is_the_same_each_time_and_not_sorted() -> None:
    spec = parse_weighted("900x10,90x50,9x200,1x1000", int)
    assert spec.order("delay") == spec.order("delay")
    assert spec.order("delay") != spec.order("status")
    assert spec.order("delay") != sorted(spec.order("delay"))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("200", ((1, 200),)),
        ("7x200", ((1, 200),)),
        ("99x200,1x503", ((99, 200), (1, 503))),
        ("50x200, 50x503", ((1, 200), (1, 503))),  # divided by their gcd
        ("2X1,4x2", ((1, 1), (2, 2))),
    ],
)
def test_specs_are_read(text: str, parts: tuple[tuple[int, int], ...]) -> None:
    assert parse_weighted(text, int).parts == parts


@pytest.mark.parametrize("text", ["", "a", "0x1", "1x1,2", "1x", "x1", "1x1,", "-1x5", "99999x1,99998x2"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_weighted(text, int)
