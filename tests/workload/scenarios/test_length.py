"""The estimated length of a session: what is drawn counts as often as it is drawn on average."""

from __future__ import annotations

from statistics import mean

import pytest

from gluten.workload.checks.check import Check
from gluten.workload.scenarios.length import ALLOWANCE, Length, has_conditions, length_of, mean_length
from gluten.workload.scenarios.steps import Ask, Branch, Chance, Group, OneOf, Repeat, Scenario, Step, Think
from gluten.workload.scenarios.walk import Pause, Send, Walk
from tests.workload.scenarios.test_walk import Learnt, gold

ASK, LONG = Ask(0), Think(2, 20, exponential=True)


@pytest.mark.parametrize(
    ("step", "pauses", "requests"),
    [
        (ASK, 0, 1),
        (Think(1, 3), 2, 0),
        (LONG, 2, 0),
        (Repeat(1, 4, (ASK, LONG)), 5, 2.5),
        (Chance(0.5, (ASK, Think(2, 2))), 1, 0.5),
        (OneOf((Branch(3, (ASK,)), Branch(1, (Think(4, 4),)))), 1, 0.75),
        (Group("g", (ASK, Repeat(2, 2, (Chance(0.5, (ASK,)),)))), 0, 2),
        (gold(ASK), 0, 1),
    ],
)
def test_a_session_lasts_as_long_as_its_steps(step: Step, pauses: float, requests: float) -> None:
    assert length_of(Scenario("x", (step,))) == pytest.approx(Length(pauses, requests))


def test_each_request_has_an_allowance() -> None:
    assert Length(2, 3).seconds == 2 + 3 * ALLOWANCE


def test_scenarios_count_by_weight() -> None:
    found = mean_length([Scenario("a", (ASK,), 3), Scenario("b", (Think(4, 4),), 1)])
    assert found == pytest.approx(Length(1, 0.75))


def test_what_is_estimated_is_what_walks_do_on_average() -> None:
    scenario = Scenario(
        "x", (ASK, Repeat(0, 4, (ASK, Think(1, 3))), Chance(0.3, (OneOf((Branch(1, (ASK,)), Branch(2, ()))),)))
    )
    walks = [list(Walk(scenario, 7).acts(number, Learnt())) for number in range(4000)]
    pauses = mean(sum(act.seconds for act in acts if isinstance(act, Pause)) for acts in walks)
    requests = mean(sum(isinstance(act, Send) for act in acts) for acts in walks)
    assert Length(pauses, requests) == pytest.approx(length_of(scenario), rel=0.05)


def test_conditions_are_told() -> None:
    polls = Repeat(1, 9, (ASK,), Check.parse("json $.state == done"))
    assert not has_conditions([Scenario("x", (Group("g", (ASK,)),))])
    assert has_conditions([Scenario("x", (Group("g", (polls,)),))])
    assert has_conditions([Scenario("x", (gold(ASK),))])
