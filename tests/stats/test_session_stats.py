"""What sessions did adds up in any order, crosses the wire unchanged, and is bounded."""

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.errors import TaskError
from gluten.plan.requests import request_names
from gluten.stats.delta import CEILING, Delta
from gluten.stats.histogram import Histogram
from gluten.stats.packed_delta import pack, unpack
from gluten.stats.request_stats import MAX_NAME, MAX_NAMES, REDIRECT, Stats
from gluten.stats.session_stats import MAX_GROUPS, MAX_SCENARIOS, SESSION_COUNTS, STATS_KEYS, SessionStats
from gluten.workload import keys
from gluten.workload.task_of import task_of
from tests.support.deltas import changed
from tests.support.reports import second

COUNT = st.integers(0, 10**9)
TIMES = st.dictionaries(st.integers(1, 10**9), st.integers(1, 500), max_size=8)
NAMES = st.sampled_from(["browse", "buy", "π", "x" * MAX_NAME])


@st.composite
def histograms(draw: st.DrawFn) -> Histogram:
    made = Histogram()
    made.record_all(draw(TIMES))
    return made


@st.composite
def session_stats(draw: st.DrawFn) -> SessionStats:
    made = SessionStats()
    for name in SESSION_COUNTS:
        setattr(made, name, draw(COUNT))
    made.good = min(made.good, made.finished)
    made.time = draw(histograms())
    return made


@st.composite
def deltas(draw: st.DrawFn) -> Delta:
    made = Delta(draw(st.integers(0, 3)))
    made.of("login").skipped = draw(COUNT)
    made.by_scenario = draw(st.dictionaries(NAMES, session_stats(), max_size=3))
    made.groups = draw(st.dictionaries(NAMES, histograms(), max_size=3))
    made.active, made.most_active = draw(COUNT), draw(COUNT)
    return made


def total(parts: list[Delta]) -> Delta:
    merged = Delta()
    for part in parts:
        merged.add(part)
    return merged


@given(deltas())
def test_sessions_cross_the_wire_unchanged(delta: Delta) -> None:
    assert Delta.from_map(delta.to_map()).to_map() == delta.to_map()
    assert unpack(pack(delta)).to_map() == delta.to_map()
    assert delta.excess == ""


@given(st.lists(deltas(), max_size=5), st.randoms(use_true_random=False))
def test_sessions_add_up_to_the_same_in_any_order(parts: list[Delta], rng: random.Random) -> None:
    shuffled = parts[:]
    rng.shuffle(shuffled)
    assert total(shuffled).to_map() == total(parts).to_map()


@given(deltas(), deltas())
def test_the_counts_and_times_of_two_deltas_add(first: Delta, later: Delta) -> None:
    added = total([first, later])
    assert added.by_scenario.keys() == first.by_scenario.keys() | later.by_scenario.keys()
    for name in SESSION_COUNTS:
        both = getattr(first.sessions, name) + getattr(later.sessions, name)
        assert getattr(added.sessions, name) == both
    assert len(added.sessions.time) == len(first.sessions.time) + len(later.sessions.time)
    assert added.skipped == first.skipped + later.skipped
    assert added.active == first.active + later.active


@given(deltas(), deltas())
def test_adding_leaves_what_was_added_as_it_was(first: Delta, later: Delta) -> None:
    before = [first.to_map(), later.to_map()]
    merged = total([first, later])
    merged.add(later)
    assert [first.to_map(), later.to_map()] == before


@given(deltas(), deltas())
def test_under_one_name_scenarios_are_counted_together(first: Delta, later: Delta) -> None:
    together, apart = Delta(), total([first, later])
    together.follow(first, "all")
    together.follow(later, "all")
    assert together.by_scenario.keys() <= {"all"}
    assert together.sessions.to_map() == apart.sessions.to_map()
    assert not together.groups


def test_the_most_sessions_add_over_workers_and_not_over_time() -> None:
    whole = Delta(3)
    for at, active, most in ((3, 2, 4), (3, 3, 5), (4, 1, 6)):
        part = Delta(at)
        part.active, part.most_active = active, most
        whole.follow(part)
    assert (whole.active, whole.most_active) == (1, 9)


def test_sessions_under_way_are_those_that_began_and_did_not_end() -> None:
    stats = SessionStats()
    stats.begun, stats.finished, stats.ended, stats.cut, stats.dropped = 10, 4, 2, 1, 7
    assert stats.active == 3


PLAIN = second(3, {1000: 5})


def test_a_delta_without_scenarios_says_nothing_of_sessions() -> None:
    assert PLAIN.to_map().keys().isdisjoint({"active", "most_active", "by_scenario", "groups"})
    assert "skipped" not in PLAIN.to_map()["by_name"]["request"]


STATS = SessionStats().to_map()
GOOD = PLAIN.to_map() | {"active": 1, "most_active": 2, "by_scenario": {"buy": STATS}, "groups": {}}


@pytest.mark.parametrize("name", sorted(STATS_KEYS))
def test_stats_of_a_scenario_that_lack_a_field_or_have_another_are_refused(name: str) -> None:
    lacking = {key: value for key, value in STATS.items() if key != name}
    for odd in (lacking, STATS | {f"{name}s": STATS[name]}, STATS | {name: None}, STATS | {name: "x"}):
        with pytest.raises(ValueError):
            Delta.from_map(GOOD | {"by_scenario": {"buy": odd}})


EMPTY = Histogram().to_wire()


@pytest.mark.parametrize(
    "change",
    [
        {"active": -1}, {"active": 1.5}, {"active": None}, {"active": True}, {"active": 1 << 62},
        {"most_active": -1}, {"most_active": "1"}, {"most_active": [1]},
        {"by_scenario": None}, {"by_scenario": []}, {"by_scenario": {"buy": None}}, {"by_scenario": {"": STATS}},
        {"by_scenario": {"a\nb": STATS}}, {"by_scenario": {"x" * (MAX_NAME + 1): STATS}}, {"by_scenario": {5: STATS}},
        {"by_scenario": {"buy": STATS | {"begun": -1}}}, {"by_scenario": {"buy": STATS | {"good": 1}}},
        {"by_scenario": {"buy": STATS | {"time": [1]}}},
        {"by_scenario": {f"s{at}": STATS for at in range(MAX_SCENARIOS + 1)}},
        {"groups": None}, {"groups": {"checkout": None}}, {"groups": {"checkout": [1]}}, {"groups": {"\x00": EMPTY}},
        {"groups": {f"g{at}": EMPTY for at in range(MAX_GROUPS + 1)}},
        {"sessions": {}},
    ],
)  # fmt: skip
def test_malformed_sessions_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Delta.from_map(GOOD | change)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("most_active", {"most_active": CEILING}),
        *((each, {"by_scenario": {"buy": STATS | {each: CEILING}}}) for each in ("begun", "ended", "cut", "dropped")),
        ("finished", {"by_scenario": {"a": STATS | {"finished": CEILING - 1}, "b": STATS | {"finished": 1}}}),
        ("time", {"by_scenario": {"buy": STATS | {"time": [0, 0, 0, 5, 5, 5, CEILING]}}}),
        ("groups", {"groups": {"checkout": [0, 0, 0, 5, 5, 5, CEILING]}}),
    ],
)
def test_more_sessions_than_one_node_can_have_seen_in_one_second_are_found(name: str, change: dict[str, Any]) -> None:
    assert Delta.from_map(GOOD | change).excess == name


def test_more_than_one_node_can_have_skipped_is_found() -> None:
    stats = changed(GOOD)["by_name"]["request"]
    assert Delta.from_map(GOOD | {"by_name": {"request": stats | {"skipped": CEILING}}}).excess == "skipped"
    with pytest.raises(ValueError):
        Delta.from_map(GOOD | {"by_name": {"request": stats | {"skipped": -1}}})


@given(st.text(min_size=1, max_size=MAX_NAME))
def test_what_a_workload_file_may_call_a_request_is_a_name_in_a_delta(name: str) -> None:
    file = f"url = 'http://t.test'\n[request.{json.dumps(name, ensure_ascii=False)}]\nget = '/'\n"
    try:
        names = request_names(task_of(file, {}, {}))
    except TaskError:
        return
    assert list(Delta.from_map(GOOD | {"by_name": {names[0]: Stats().to_map()}}).by_name) == [name]


def test_as_many_groups_as_a_workload_file_may_have_are_read() -> None:
    assert (MAX_GROUPS, MAX_SCENARIOS, REDIRECT) == (keys.MAX_GROUPS, keys.MAX_SCENARIOS, keys.REDIRECT)


def test_each_request_of_a_run_may_have_redirects() -> None:
    names = [f"{at}".rjust(MAX_NAME, "n") for at in range(MAX_NAMES)]
    full = {name: Stats().to_map() for each in names for name in (each, each + REDIRECT)}
    assert len(Delta.from_map(GOOD | {"by_name": full}).by_name) == 2 * MAX_NAMES
    with pytest.raises(ValueError):
        Delta.from_map(GOOD | {"by_name": full | {"more" + REDIRECT: Stats().to_map()}})
    for odd in (REDIRECT, "x" * (MAX_NAME + 1) + REDIRECT, "x" + REDIRECT + REDIRECT + REDIRECT + "x" * MAX_NAME):
        with pytest.raises(ValueError):
            Delta.from_map(GOOD | {"by_name": {odd: Stats().to_map()}})
