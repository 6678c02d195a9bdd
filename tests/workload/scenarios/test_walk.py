"""The walk of a session: what it does follows from seed, session number and place, and from what was answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.workload.checks.check import Check
from gluten.workload.checks.condition import Condition
from gluten.workload.scenarios.steps import (
    Ask,
    Branch,
    Chance,
    Group,
    If,
    OneOf,
    Repeat,
    Scenario,
    Step,
    Steps,
    Think,
)
from gluten.workload.scenarios.walk import Act, Enter, Leave, Pause, Send, Walk
from gluten.workload.templates.template import Template

DONE = Check.parse("json $.state == done")


class Learnt:
    """Facts of a test: from the answer with this number on the check holds; the condition is `is_true`."""

    def __init__(self, done_at: int = 1 << 60, is_true: bool = False) -> None:
        self.done_at, self.is_true, self.asked = done_at, is_true, 0

    def holds(self, check: Check) -> bool:
        assert check is DONE
        self.asked += 1
        return self.asked >= self.done_at

    def true(self, condition: If) -> bool:
        assert condition.text == "{{plan}} == gold"
        return self.is_true


def gold(*do: Step) -> If:
    return If("{{plan}} == gold", Template.parse("x"), Condition(lambda *_: True), do)


def scenario(*do: Step) -> Scenario:
    return Scenario("buy", do)


def acts(of: Scenario, number: int = 0, seed: int = 7, facts: Learnt | None = None) -> list[Act]:
    return list(Walk(of, seed).acts(number, facts or Learnt()))


def sent(found: Iterable[Act]) -> list[int]:
    return [act.request for act in found if isinstance(act, Send)]


def pauses(found: Iterable[Act]) -> list[float]:
    return [act.seconds for act in found if isinstance(act, Pause)]


def even(low: float, more: float) -> Think:
    return Think(low, low + more)


THINKS = st.builds(even, st.floats(0, 5), st.floats(0, 5)) | st.floats(0.01, 5).map(lambda m: Think(m, 10 * m, True))


def branching(steps: st.SearchStrategy[Steps]) -> st.SearchStrategy[Step]:
    branches = st.lists(st.builds(Branch, st.integers(1, 5), steps), min_size=1, max_size=3)
    repeats = st.builds(
        lambda low, more, do, until: Repeat(low, low + more, do, until),
        st.integers(0, 3), st.integers(0, 3), steps, st.none() | st.just(DONE),
    )  # fmt: skip
    return (
        repeats
        | branches.map(lambda found: OneOf(tuple(found)))
        | st.builds(Chance, st.floats(0, 1), steps)
        | st.builds(Group, st.sampled_from(["a", "b"]), steps)
        | steps.map(lambda do: gold(*do))
    )


def several(step: st.SearchStrategy[Step]) -> st.SearchStrategy[Steps]:
    return st.lists(step, max_size=3).map(tuple)


LEAVES: st.SearchStrategy[Step] = st.builds(Ask, st.integers(0, 5)) | THINKS
STEPS: st.SearchStrategy[Steps] = st.recursive(
    several(LEAVES), lambda inner: several(LEAVES | branching(inner)), max_leaves=8
)
SCENARIOS = STEPS.map(lambda do: Scenario("buy", do))
SEEDS, NUMBERS = st.integers(0, (1 << 63) - 1), st.integers(0, 1 << 62)


@given(SCENARIOS, SEEDS, NUMBERS, st.integers(1, 4), st.booleans())
def test_the_same_seed_and_number_give_the_same_acts(
    of: Scenario, seed: int, number: int, done: int, true: bool
) -> None:
    found = [acts(of, number, seed, Learnt(done, true)) for _ in range(2)]
    assert found[0] == found[1]


@given(SCENARIOS, SEEDS, NUMBERS)
def test_walks_of_one_object_do_not_touch_each_other(of: Scenario, seed: int, number: int) -> None:
    walk = Walk(of, seed)
    first, second = walk.acts(number, Learnt()), walk.acts(number + 1, Learnt())
    interleaved = [(one, other) for one, other in zip(first, second, strict=False)]
    expected = zip(acts(of, number, seed), acts(of, number + 1, seed), strict=False)
    assert interleaved == list(expected)


@given(SCENARIOS, SEEDS, NUMBERS)
def test_requests_are_numbered_from_zero(of: Scenario, seed: int, number: int) -> None:
    steps = [act.step for act in acts(of, number, seed) if isinstance(act, Send)]
    assert steps == list(range(len(steps)))


def test_requests_are_numbered_however_long_the_session_is() -> None:
    found = acts(scenario(Ask(3), Repeat(50, 50, (Ask(1), Ask(2)))))
    assert found == [Send(3, 0), *(Send(1 + (step - 1) % 2, step) for step in range(1, 101))]


@given(SCENARIOS, SEEDS, NUMBERS)
def test_groups_nest(of: Scenario, seed: int, number: int) -> None:
    open_groups: list[str] = []
    for act in acts(of, number, seed, Learnt(is_true=True)):
        if isinstance(act, Enter):
            open_groups.append(act.group)
        elif isinstance(act, Leave):
            assert open_groups.pop() == act.group
    assert not open_groups


@given(THINKS, SEEDS, NUMBERS)
def test_a_pause_is_within_its_bounds(think: Think, seed: int, number: int) -> None:
    lowest = 0 if think.exponential else think.low
    (pause,) = pauses(acts(scenario(think), number, seed))
    assert lowest <= pause <= think.high + 1e-9


@given(st.integers(0, 9), st.integers(0, 9), SEEDS, NUMBERS)
def test_a_repeat_is_within_its_bounds(low: int, more: int, seed: int, number: int) -> None:
    assert low <= len(sent(acts(scenario(Repeat(low, low + more, (Ask(0),))), number, seed))) <= low + more


def drawn(*do: Step, sessions: int = 4000) -> list[list[Act]]:
    walk = Walk(scenario(*do), 7)
    return [list(walk.acts(number, Learnt())) for number in range(sessions)]


def test_each_count_of_a_repeat_is_as_likely() -> None:
    counts = Counter(len(sent(one)) for one in drawn(Repeat(1, 4, (Ask(0),))))
    assert sorted(counts) == [1, 2, 3, 4]
    assert all(count == pytest.approx(1000, rel=0.15) for count in counts.values())


def test_branches_are_as_likely_as_their_weights_say() -> None:
    do = OneOf((Branch(3, (Ask(0),)), Branch(1, (Ask(1),)), Branch(6, ())))
    counts = Counter(tuple(sent(one)) for one in drawn(do))
    shares = {choice: count / 4000 for choice, count in counts.items()}
    assert shares == {
        (0,): pytest.approx(0.3, abs=0.03),
        (1,): pytest.approx(0.1, abs=0.03),
        (): pytest.approx(0.6, abs=0.03),
    }


@pytest.mark.parametrize("share", [0.0, 0.1, 0.7, 1.0])
def test_a_chance_is_met_on_average(share: float) -> None:
    met = sum(len(sent(one)) for one in drawn(Chance(share, (Ask(0),)))) / 4000
    assert met == pytest.approx(share, abs=0.03 if 0 < share < 1 else 0)


def test_pauses_have_their_mean() -> None:
    assert mean(pauses(act for one in drawn(Think(1, 3)) for act in one)) == pytest.approx(2, rel=0.03)
    assert mean(pauses(act for one in drawn(Think(2, 20, True)) for act in one)) == pytest.approx(2, rel=0.06)


def test_an_exponential_pause_is_often_short_and_rarely_long() -> None:
    found = pauses(act for one in drawn(Think(2, 20, True)) for act in one)
    assert sum(pause < 2 for pause in found) / len(found) == pytest.approx(0.632, abs=0.03)
    assert max(found) > 10


def test_a_pause_in_a_repeat_differs_each_time() -> None:
    found = pauses(acts(scenario(Repeat(20, 20, (Think(1, 3),)))))
    assert len(set(found)) == 20


def test_two_places_draw_for_themselves() -> None:
    first, second = pauses(acts(scenario(Think(1, 3), Think(1, 3))))
    assert first != second


@pytest.mark.parametrize(
    "of", [scenario(Repeat(1, 9, (Ask(0),))), scenario(Think(1, 3)), scenario(Chance(0.5, (Ask(0),)))]
)
def test_seeds_and_sessions_differ(of: Scenario) -> None:
    by_number = [acts(of, number) for number in range(40)]
    by_seed = [acts(of, 0, seed) for seed in range(40)]
    assert any(one != by_number[0] for one in by_number)
    assert any(one != by_seed[0] for one in by_seed)


def test_scenarios_of_one_seed_differ() -> None:
    do = (Think(1, 3),)
    assert acts(Scenario("a", do)) != acts(Scenario("b", do))


def test_until_ends_a_repeat_after_the_pass_in_which_it_is_true() -> None:
    poll = scenario(Repeat(20, 20, (Ask(0), Ask(1)), DONE), Ask(2))
    assert sent(acts(poll, facts=Learnt(done_at=3))) == [0, 1, 0, 1, 0, 1, 2]
    assert len(sent(acts(poll))) == 41


def test_with_until_a_repeat_goes_on_to_its_upper_number() -> None:
    poll = scenario(Repeat(1, 20, (Ask(0),), DONE))
    for number in range(9):
        assert len(sent(acts(poll, number))) == 20
        assert len(sent(acts(poll, number, facts=Learnt(done_at=7)))) == 7


def test_how_often_a_repeat_went_round_changes_no_other_draw() -> None:
    """A target that is slower to be done gets the same pauses behind it."""
    poll = scenario(Repeat(20, 20, (Ask(0), Think(1, 3)), DONE), Think(1, 3))
    quick, slow = (pauses(acts(poll, facts=Learnt(done_at=at))) for at in (1, 9))
    assert quick[-1] == slow[-1]
    assert quick[:-1] == slow[: len(quick) - 1]


@pytest.mark.parametrize(("is_true", "expected"), [(True, [0, 1]), (False, [1])])
def test_if_asks_the_session(is_true: bool, expected: Sequence[int]) -> None:
    assert sent(acts(scenario(gold(Ask(0)), Ask(1)), facts=Learnt(is_true=is_true))) == expected


def test_the_acts_are_in_the_order_of_the_file() -> None:
    found = acts(scenario(Ask(3), Think(2, 2), Group("checkout", (Ask(1), Think(1, 1), Ask(2)))))
    assert found == [Send(3, 0), Pause(2), Enter("checkout"), Send(1, 1), Pause(1), Send(2, 2), Leave("checkout")]


def test_facts_are_asked_only_when_the_walk_comes_there() -> None:
    facts = Learnt(done_at=1)
    walk = Walk(scenario(Ask(0), Repeat(3, 3, (Ask(1),), DONE), Ask(2)), 7).acts(0, facts)
    assert sent(islice(walk, 2)) == [0, 1]
    assert facts.asked == 0
    assert sent(islice(walk, 1)) == [2]
    assert facts.asked == 1


def test_a_long_walk_is_made_act_by_act() -> None:
    long = Walk(scenario(Repeat(10**9, 10**9, (Ask(0),))), 7).acts(0, Learnt())
    assert sent(islice(long, 3)) == [0, 0, 0]
