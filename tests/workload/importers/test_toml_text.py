"""What is written is read by `tomllib` as the same value, and a literal is no template."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gluten.workload.importers import toml_text
from gluten.workload.json_text import Number
from gluten.workload.templates.template import Template

TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("'\"\\\n\r\t{}$@#"), max_size=30)
VALUES: st.SearchStrategy[Any] = st.recursive(
    TEXTS | st.booleans() | st.integers(-(10**17), 10**17),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=80, deadline=None)
@given(VALUES)
def test_a_value_is_read_as_it_was(value: Any) -> None:
    assert tomllib.loads(f"x = {toml_text.value(value)}") == {"x": value}


@settings(max_examples=80, deadline=None)
@given(TEXTS)
@example("a'''b\n")
@example("it's")
@example("line\nit's 'quoted'")
def test_a_text_of_several_lines_is_read_as_it_was(text: str) -> None:
    assert tomllib.loads(f"x = {toml_text.block(text)}") == {"x": text}


@settings(max_examples=80, deadline=None)
@given(st.text("{}$'x", max_size=12))
@example("{{{")
@example("${x}")
@example("{")
def test_nothing_in_a_literal_is_a_template(text: str) -> None:
    if "'" not in text:
        assert Template.parse(toml_text.literal(text) + "{{'-'}}").fixed == f"{text}-"
    assert Template.parse(toml_text.literal(text)).fixed == text


@pytest.mark.parametrize("value", [None, 1.5, Number("1.10"), Number("9" * 30), Number("-0"), {"a": [None]}])
def test_what_toml_would_lose_or_change_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="TOML"):
        toml_text.value(value)


@pytest.mark.parametrize("text", ["a\nb", "a\x07b", "\ud800", "ü"])
def test_a_comment_stays_one_line(text: str) -> None:
    assert tomllib.loads(toml_text.comment(text)) == {}


def test_a_long_list_has_a_line_for_each_item() -> None:
    items = ["Accept: application/json", "User-Agent: " + "x" * 90]
    written = toml_text.texts(items)
    assert written.count("\n") == 3
    assert tomllib.loads(f"x = {written}") == {"x": items}
