"""Which fields of a load go together."""

from __future__ import annotations

from typing import Any

import pytest

from gluten.errors import TaskError
from gluten.task.task import Task

URL = "http://t.test/"


@pytest.mark.parametrize(
    ("asked", "field", "text"),
    [
        ({"ramp": 5.0, "rate": 10.0}, "ramp", "ramp: belongs to a closed loop: give either ramp, or a rate or stages"),
        ({"pace": 5.0, "stages": ((0.0, 9.0),)}, "pace", "pace: belongs to a closed loop: give either pace, or a"),
        ({"arrivals": "poisson"}, "arrivals", "arrivals: poisson needs a rate or stages; a closed loop plans none"),
        ({"ramp": 11.0}, "ramp", "ramp: 11s is longer than the duration 10s"),
        ({"warmup": 10.0}, "warmup", "warmup: 10s leaves nothing of the duration 10s to measure"),
        ({"warmup": 1.5}, "warmup", "warmup: 1.5s is not allowed; whole seconds, such as 30s"),
        ({"drain": 0.0}, "drain", "drain: 0 is not allowed; above 0 and at most 86400 seconds"),
    ],
)
def test_what_does_not_go_together_is_refused_in_one_line(asked: dict[str, Any], field: str, text: str) -> None:
    with pytest.raises(TaskError) as refused:
        Task(URL, **asked)
    assert refused.value.field == field
    assert str(refused.value).startswith(text)
    assert "\n" not in str(refused.value)


def test_what_goes_together_is_allowed() -> None:
    assert Task(URL, ramp=10.0, pace=2.0, warmup=9.0, drain=1.0).ramp == 10.0
    assert Task(URL, rate=5.0, arrivals="poisson", warmup=3.0, drain=0.5).arrivals == "poisson"
    assert Task(URL, duration=None, requests=5, ramp=60.0, warmup=60.0).warmup == 60.0
