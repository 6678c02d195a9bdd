"""How sure an interval is follows from what was seen: slow answers that come together tell less."""

from __future__ import annotations

import pytest

from gluten.capacity.confidence import confidence
from gluten.capacity.crossing import Asked
from gluten.slo.grammar import parse_all
from gluten.slo.sure import Pairs

ALONE: Pairs = [(3, 450)] * 60
"""Two thirds of what p99 allows, evenly."""
TOGETHER: Pairs = ([(0, 450)] * 19 + [(60, 450)]) * 3
"""As many, in three clusters."""
NONE: Pairs = [(0, 450)] * 30
MANY: Pairs = [(30, 480)] * 30


def asked(slo: str = "p99 < 100ms", *, low: Pairs, high: Pairs) -> Asked:
    """440/s hold and 480/s miss, by these seconds."""
    return Asked(parse_all([slo])[0], 0.01, 440.0, 480.0, {440.0: low, 480.0: high})


def test_slow_answers_in_clusters_are_less_sure() -> None:
    even = confidence(asked("errors < 1%", low=ALONE, high=MANY))
    assert confidence(asked("errors < 1%", low=TOGETHER, high=MANY)) < even


@pytest.mark.parametrize("seconds", [10, 30])
def test_a_hold_without_a_slow_answer_proves_little_of_a_slow_queue(seconds: int) -> None:
    """Its slow answers come in one cluster in 20 s or more: many a hold at the capacity itself sees none."""
    assert confidence(asked(low=NONE[:seconds], high=MANY)) < 0.95


def test_a_longer_look_is_surer() -> None:
    short = confidence(asked(low=NONE, high=MANY))
    assert confidence(asked(low=[*NONE] * 8, high=[*MANY] * 8)) > short


def test_a_wider_interval_is_surer() -> None:
    narrow = asked(low=NONE, high=MANY)
    assert confidence(narrow._replace(low=420.0, high=500.0)) > confidence(narrow)


def test_it_is_told_in_whole_percent() -> None:
    found = confidence(asked(low=NONE, high=MANY))
    assert found == round(found, 2)
    assert 0 < found < 1
