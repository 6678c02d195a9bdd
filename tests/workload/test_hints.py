"""What users of other tools write is answered with what to write here."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.workload.hints import _KEYS, key_hint, nearest
from gluten.workload.keys import KEYS


@pytest.mark.parametrize(
    "key",
    [
        "vus",
        "VUs",
        "iterations",
        "baseUrl",
        "base-url",
        "Headers",
        "thresholds",
        "maxVUs",
        "thinkTime",
        "sleep",
        "loop",
        "random_switch",
        "exec",
        "on_start",
        "followRedirects",
        "capture",
    ],
)
def test_a_key_of_another_tool_is_known_in_any_spelling(key: str) -> None:
    assert key_hint(key, []).startswith(": write ")


def test_no_key_of_ours_is_taken_for_one_of_another_tool() -> None:
    """But `requests`, which is a number in [load], and may be meant as the table of requests."""
    assert {key.name for key in KEYS} & _KEYS.keys() == {"requests"}


def test_the_nearest_name_is_suggested() -> None:
    assert nearest("usr", ["user", "product"]) == ": did you mean user?"
    assert nearest("x", ["user", "product"]) == ""


@given(st.text(max_size=60))
def test_any_text_has_a_hint_or_none(text: str) -> None:
    assert isinstance(key_hint(text, ["a"]), str)
