"""A typical session: each step as often as it is to be expected."""

from __future__ import annotations

from gluten.workload.checks.check import Check
from gluten.workload.scenarios.steps import Ask, Branch, Chance, Group, OneOf, Repeat, Step, Think
from gluten.workload.scenarios.typical import TypicalStep, typical_steps

NAMES = ("login", "view", "cart")
LOGIN, VIEW, CART = Ask(0), Ask(1), Ask(2)
DONE = Check.parse("json $.state == done")


def steps(*do: Step) -> list[tuple[str | None, float, float]]:
    return [(name, pause, times) for name, pause, times in typical_steps(do, NAMES)]


def test_steps_stand_in_the_order_of_the_file() -> None:
    assert steps(LOGIN, Think(2, 2), VIEW) == [("login", 0, 1), (None, 2, 1), ("view", 0, 1)]


def test_a_pause_has_its_mean() -> None:
    assert steps(Think(1, 3), Think(2, 20, exponential=True)) == [(None, 2, 1), (None, 2, 1)]


def test_a_repeat_comes_as_often_as_its_mean() -> None:
    assert steps(Repeat(1, 4, (VIEW, Think(2, 2)))) == [("view", 0, 2.5), (None, 2, 2.5)]


def test_a_repeat_that_an_answer_ends_comes_as_often_as_it_has_to() -> None:
    assert steps(Repeat(1, 20, (VIEW,), until=DONE)) == [("view", 0, 1)]


def test_chances_and_branches_count_by_their_shares_and_multiply() -> None:
    branches = OneOf((Branch(3, (VIEW,)), Branch(1, (Think(2, 2),))))
    assert steps(branches) == [("view", 0, 0.75), (None, 2, 0.25)]
    assert steps(Repeat(2, 2, (Chance(0.5, (branches,)),))) == [("view", 0, 0.75), (None, 2, 0.25)]


def test_a_group_does_not_change_its_steps() -> None:
    assert steps(Group("checkout", (CART, Group("inner", (VIEW,))))) == [("cart", 0, 1), ("view", 0, 1)]


def test_what_never_comes_is_left_out() -> None:
    assert steps(Chance(0, (VIEW,)), LOGIN) == [TypicalStep("login", 0, 1)]
