"""What all trials of a search together say of each rate, and of the answer."""

from __future__ import annotations

import pytest

from gluten.capacity.decision import SearchPlan
from gluten.capacity.known import Memory
from gluten.capacity.look import Look, look_of
from gluten.capacity.trial import Trial
from gluten.slo.grammar import parse_all
from gluten.stats.delta import Delta

PLAN = SearchPlan(parse_all(["p99 < 100ms"]))
EVEN = {8000: 40}
"""Answers of one second, by microseconds."""
SCATTERED = {1000: 35, 57_000: 5}
"""The same work, with five times the variance of random work."""


def look(second: int, answers: dict[int, int]) -> Look:
    delta = Delta(second)
    stats = delta.of()
    for micros, times in answers.items():
        stats.response.record(micros, times)
    stats.sent = stats.completed = stats.status[200] = sum(answers.values())
    stats.service = stats.response
    return look_of(second, delta, PLAN.slos, ())


def trial(rate: float, first: int, answers: dict[int, int]) -> Trial:
    return Trial(rate, first, first, [look(first + at, answers) for at in range(30)])


def told(base: dict[int, int]) -> float:
    """How sure it is that the answer lies between 440/s and 480/s, after 40/s with these answers a second."""
    near = [trial(440.0, 40, {8000: 437, 150_000: 3}), trial(480.0, 80, {8000: 460, 150_000: 20})]
    memory = Memory(PLAN)
    known = memory.recall([trial(40.0, 0, base), *near], PLAN.hold)
    assert known[480.0].misses
    return memory.confidence(440.0, 480.0)


def test_work_that_scatters_where_nobody_waits_makes_the_answer_less_sure() -> None:
    assert told(SCATTERED) < told(EVEN) < 0.95


@pytest.mark.parametrize("ends", [(None, 480.0), (440.0, None), (None, None)])
def test_what_has_one_end_each_rate_decides_by_itself(ends: tuple[float | None, float | None]) -> None:
    memory = Memory(PLAN)
    memory.recall([trial(40.0, 0, EVEN)], PLAN.hold)
    assert memory.confidence(*ends) == 0.95
