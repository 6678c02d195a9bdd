"""JSON is read and written without any loss of its numbers."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.workload.json_text import Json, Number, dumps, is_literal, loads, plain

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_written_is_what_was_read(value: Json) -> None:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    assert dumps(loads(text)) == text


@pytest.mark.parametrize("text", ["1.10", "1e5", "-0", "12345678901234567890123", "0.1000000000000000000001"])
def test_numbers_keep_their_text(text: str) -> None:
    assert plain(loads(text)) == text
    assert dumps(loads(f'[{text},"{text}"]')) == f'[{text},"{text}"]'


def test_a_number_has_a_value() -> None:
    assert Number("12345678901234567890123").value() == 12345678901234567890123
    assert Number("2.50").value() == 2.5
    assert Number("1e999").value() == math.inf


@pytest.mark.parametrize("text", ["", "{", "NaN", "[Infinity]", "{'a': 1}", "1 2", "[" * 100_000])
def test_what_is_not_json_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        loads(text)


@given(VALUES, st.text(" \t\r\n", max_size=3), st.text(" \t\r\n", max_size=3), st.text("]} 1\xa0\ufeff", max_size=2))
def test_blanks_around_a_value_say_nothing_and_all_else_does(value: Json, before: str, after: str, odd: str) -> None:
    text = before + json.dumps(value) + after + odd
    try:
        json.loads(text)
    except ValueError:
        with pytest.raises(ValueError):
            loads(text)
    else:
        assert dumps(loads(text)) == dumps(loads(text.strip(" \t\r\n")))


def test_nothing_is_nested_too_deeply_to_be_written() -> None:
    deep: Json = []
    for _ in range(20_000):
        deep = [deep]
    assert dumps(deep) == "[" * 20_001 + "]" * 20_001


@pytest.mark.parametrize(
    ("text", "expected"),
    [("5", True), ("-1.5e3", True), ("true", True), ("null", True), ("05", False), ("5 ", False), ("True", False)],
)
def test_what_counts_as_a_literal(text: str, expected: bool) -> None:
    assert is_literal(text) is expected


@pytest.mark.parametrize(
    ("value", "expected"), [("a", "a"), (True, "true"), (None, "null"), ([Number("1"), "a"], '[1,"a"]'), ({}, "{}")]
)
def test_the_plain_text_of_a_value(value: Json, expected: str) -> None:
    assert plain(value) == expected
