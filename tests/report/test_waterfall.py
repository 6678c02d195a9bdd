"""A typical session as bars: each begins where the one before ends."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.report.waterfall import Bar, length, waterfall

REQUESTS = [
    {"name": "login", "completed": 10, "response_time": {"p50": 250_000.0}},
    {"name": "never", "completed": 0, "response_time": {"p50": 0.0}},
]


def step(name: str | None, pause: float = 0.0, times: float = 1.0) -> dict[str, Any]:
    return {"step": name, "pause": pause, "times": times}


def test_a_request_has_its_median_and_a_pause_its_mean() -> None:
    assert waterfall([step("login"), step(None, 2.0)], REQUESTS) == [
        Bar("login", 1.0, 0.25, 0.0),
        Bar(None, 1.0, 2.0, 0.25),
    ]


def test_a_step_is_as_long_as_it_comes_often() -> None:
    bars = waterfall([step("login", times=2.0), step(None, 1.0, times=0.5)], REQUESTS)
    assert [bar.length for bar in bars] == [0.5, 0.5]
    assert length(bars) == 1.0


@pytest.mark.parametrize("name", ["never", "unknown"])
def test_a_request_without_an_answer_has_no_length(name: str) -> None:
    (bar,) = waterfall([step(name)], REQUESTS)
    assert bar.each is None
    assert bar.length == 0.0


@given(
    st.lists(st.builds(step, st.sampled_from(["login", "never", None]), st.floats(0, 9), st.floats(0, 9)), max_size=9)
)
def test_no_bar_overlaps_another(steps: list[dict[str, Any]]) -> None:
    bars = waterfall(steps, REQUESTS)
    ends = [bar.start + bar.length for bar in bars]
    assert [bar.start for bar in bars] == [0.0, *ends][: len(bars)]
    assert length(bars) == pytest.approx(ends[-1] if ends else 0.0)
