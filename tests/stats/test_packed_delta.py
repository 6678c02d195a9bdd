"""The bytes that a slave packed can be read. Other bytes do not harm the reader."""

from __future__ import annotations

import json
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.stats.delta import Delta
from gluten.stats.packed_delta import MOST, pack, unpack
from tests.support.deltas import body
from tests.support.reports import second

GOOD = second(3, {1000: 5}).to_map()


def test_what_was_packed_is_read_again() -> None:
    delta = second(3, {1000: 5, 2000: 7})
    delta.of("login").fail("reset", "the target \x1b reset")
    assert unpack(pack(delta), MOST).to_map() == delta.to_map()


@pytest.mark.parametrize(
    "odd",
    [
        b"",
        b"x",
        pack(Delta(1))[:-1],
        pack(Delta(1)) + b"x",
        zlib.compress(b""),
        zlib.compress(b"{"),
        zlib.compress(b"\xff\xfe"),
        zlib.compress(b"[" * 100_000),
        zlib.compress(b'{"a":' * 100_000),
        zlib.compress(b"9" * 10_000),
        zlib.compress(json.dumps(GOOD).encode() + b" " * MOST),
    ],
)
def test_other_bytes_are_refused(odd: bytes) -> None:
    with pytest.raises(ValueError):
        unpack(odd, MOST)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None, True, "1", -1, [1], {"a": 1}])
def test_a_value_that_is_not_a_number_is_refused(value: Any) -> None:
    with pytest.raises(ValueError):
        unpack(body(GOOD | {"cpu": value}), MOST)


def test_a_number_beyond_all_floats_is_refused() -> None:
    with pytest.raises(ValueError):
        unpack(zlib.compress(json.dumps(GOOD).replace('"cpu": 0.5', '"cpu": 1e999').encode()), MOST)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES | st.dictionaries(st.sampled_from(sorted(GOOD)), VALUES).map(lambda change: GOOD | change))
def test_any_values_make_a_delta_or_a_value_error(plain: Any) -> None:
    try:
        unpack(body(plain), MOST)
    except ValueError:
        return
    assert plain.keys() == GOOD.keys()
