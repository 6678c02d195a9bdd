"""The texts of steps: pauses, how often, how likely, conditions."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.errors import WorkloadError
from gluten.workload.scenarios.grammar import if_of, pause, share, times
from gluten.workload.scenarios.steps import Think
from gluten.workload.templates.values import NOTHING, Scope, Values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2s", Think(2, 2)),
        ("1s..3s", Think(1, 3)),
        (" 500ms .. 1m30s ", Think(0.5, 90)),
        ("0s..3s", Think(0, 3)),
        ("2", Think(2, 2)),
        ("exp 2s", Think(2, 20, exponential=True)),
    ],
)
def test_a_pause_is_fixed_even_or_exponential(text: str, expected: Think) -> None:
    assert pause(text) == expected


@pytest.mark.parametrize(
    "text", ["", "x", "3s..1s", "1s..", "..1s", "1s...3s", "exp", "exp 1s..2s", "-1s", "25h", "1-3s"]
)
def test_what_is_no_pause_is_refused(text: str) -> None:
    with pytest.raises(WorkloadError):
        pause(text)


@pytest.mark.parametrize(
    ("text", "expected"), [("3", (3, 3)), ("1..4", (1, 4)), ("0..2", (0, 2)), ("1k", (1000, 1000))]
)
def test_how_often_is_a_number_or_a_range(text: str, expected: tuple[int, int]) -> None:
    assert times(text, 1000) == expected


@pytest.mark.parametrize("text", ["", "0", "0..0", "4..1", "1.5", "x", "1001", "1..", "-1..2"])
def test_what_is_not_how_often_is_refused(text: str) -> None:
    with pytest.raises(WorkloadError):
        times(text, 1000)


def test_a_share_is_from_0_to_1() -> None:
    assert [share(number) for number in (0, 0.7, 1)] == [0, 0.7, 1]
    with pytest.raises(WorkloadError, match=r"70 % is 0\.7"):
        share(70)
    with pytest.raises(WorkloadError, match="from 0 to 1"):
        share(-0.1)


KNOWN = Scope(frozenset(["plan", "n"]), env={"MODE": "full", "RE": "^g"})


def is_true(text: str, **taken: str) -> bool:
    values = Values(0, "", time.time, lambda: "", {})
    values.taken |= taken
    left, condition = if_of(text, KNOWN, "scenario.x.do")
    return condition.test([left.text_of(values)], values)


@pytest.mark.parametrize(
    ("text", "taken", "expected"),
    [
        ("{{plan}} == gold", {"plan": "gold"}, True),
        ("{{plan}} == gold", {"plan": "silver"}, False),
        ("{{plan}}==gold", {"plan": "gold"}, True),
        ("not {{plan}} == gold", {"plan": "gold"}, False),
        ("{{plan}} != gold", {"plan": "silver"}, True),
        ("{{plan}} == 'gold'", {"plan": "gold"}, True),
        ("{{plan}} == {{n}}", {"plan": "7", "n": "7"}, True),
        ("gold == {{plan}}", {"plan": "gold"}, True),
        ("{{n}} < 10", {"n": "9"}, True),
        ("{{n}} < 10", {"n": "x"}, False),
        ("{{plan}} contains ol", {"plan": "gold"}, True),
        ("{{plan}} matches ^g", {"plan": "gold"}, True),
        ("{{plan}} matches {{env RE}}", {"plan": "gold"}, True),
        ("{{plan}} exists", {"plan": "gold"}, True),
        ("{{plan}} exists", {}, False),
        ("not {{plan}} exists", {}, True),
        ("{{plan}} == ''", {}, True),
        ("{{env MODE}} == full", {}, True),
        ("{{env MODE}} == quick", {}, False),
        ("{{plan}} == 'a == b'", {"plan": "a == b"}, True),
        ("a{{plan}} == 'a>b'", {"plan": ">b"}, True),
    ],
)
def test_a_condition_compares_what_the_session_knows(text: str, taken: dict[str, str], expected: bool) -> None:
    assert is_true(text, **taken) is expected


def test_a_condition_says_which_names_it_needs() -> None:
    left, condition = if_of("{{plan}} == {{n}}", KNOWN, "")
    assert (left.names | condition.names).words == {"plan", "n"}


@pytest.mark.parametrize(
    "text", ["", "{{plan}}", "gold == gold", "{{plan}} = gold", "{{plan}} is gold", "{{plan == 1", "${x} == 1"]
)
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(WorkloadError):
        if_of(text, KNOWN, "")


@given(st.text(max_size=30) | st.text(st.sampled_from("{} plan='\"<>!.1s env"), max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (pause, lambda found: times(found, 9), lambda found: if_of(found, NOTHING, "")):
        with suppress(WorkloadError):
            read(text)
