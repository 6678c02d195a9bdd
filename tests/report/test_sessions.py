"""Sessions in a report: every planned one began or was dropped, every one that began came to one end."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.plan.requests import Names
from gluten.report import sessions
from gluten.stats.delta import Delta
from gluten.stats.session_stats import SESSION_COUNTS, SessionStats
from tests.support.reports import SCENARIOS, visited, visits

NAMES = Names(("login", "pay"), ("browse", "buy"), ("checkout",))


def stats(
    begun: int = 0, finished: int = 0, ended: int = 0, cut: int = 0, dropped: int = 0, good: int = 0, micros: int = 2000
) -> SessionStats:
    made = SessionStats()
    made.begun, made.finished, made.ended, made.cut = begun, finished, ended, cut
    made.dropped, made.good = dropped, good
    if finished:
        made.time.record(micros, finished)
    return made


def told(plain: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(plain[name] for name in names)


def test_what_a_run_that_is_over_did_not_report_of_a_session_was_cut() -> None:
    parts = {"buy": stats(begun=10, finished=6, ended=1, cut=1)}
    assert told(vars_of(sessions.settled(parts, over=False)["buy"]), "begun", "cut") == (10, 1)
    assert told(vars_of(sessions.settled(parts, over=True)["buy"]), "begun", "cut") == (10, 3)
    assert parts["buy"].cut == 1


def vars_of(one: SessionStats) -> dict[str, Any]:
    return {name: getattr(one, name) for name in SESSION_COUNTS}


def test_a_session_that_ended_began_even_if_that_second_is_missing() -> None:
    settled = sessions.settled({"buy": stats(begun=3, finished=5)}, over=True)["buy"]
    assert (settled.begun, settled.finished, settled.cut) == (5, 5, 0)


def test_a_planned_session_that_did_not_begin_was_dropped() -> None:
    parts = {"browse": stats(begun=70, dropped=2), "buy": stats(begun=15)}
    planned = sessions.with_plan(parts, {"browse": 80, "buy": 20}, 100)
    assert {name: one.dropped for name, one in planned.items()} == {"browse": 10, "buy": 5}
    assert parts["browse"].dropped == 2


def test_after_a_loss_a_scenario_may_begin_more_often_than_its_weight_says() -> None:
    parts = {"browse": stats(begun=70), "buy": stats(begun=25)}
    planned = sessions.with_plan(parts, {"browse": 80, "buy": 20}, 100)
    assert {name: one.dropped for name, one in planned.items()} == {"browse": 5, "buy": 0}


def test_a_scenario_of_which_nothing_was_reported_is_dropped_as_a_whole() -> None:
    assert sessions.with_plan({}, {"browse": 8, "buy": 2}, 10)["browse"].dropped == 8


@pytest.mark.parametrize(("paced", "planned", "each"), [(True, 112, [80, 32]), (False, None, [None, None])])
def test_the_document_has_totals_scenarios_and_groups(paced: bool, planned: Any, each: Any) -> None:
    parts = {
        "browse": stats(begun=80, finished=70, ended=4, cut=6, good=60),
        "buy": stats(begun=20, finished=20, dropped=12, good=20, micros=9000),
    }
    delta = Delta()
    delta.groups["checkout"] = stats(finished=3).time
    plain = sessions.document(NAMES, parts, delta.groups, paced, 42)
    whole = plain["sessions"]
    assert whole["planned"] == planned
    assert told(whole, *SESSION_COUNTS) == (100, 90, 4, 6, 12, 80)
    assert told(whole, "active", "most") == (0, 42)
    assert told(whole["time"], "p50", "max") == (2000, 9000)
    assert [(entry["name"], entry["planned"]) for entry in plain["by_scenario"]] == [
        ("browse", each[0]),
        ("buy", each[1]),
    ]
    assert told(plain["groups"][0], "name", "count") == ("checkout", 3)


def test_a_run_without_scenarios_has_no_sessions() -> None:
    nothing: dict[str, Any] = {"sessions": None, "by_scenario": [], "groups": []}
    assert sessions.document(Names(), {}, {}, True, 0) == nothing
    assert sessions.live(Names(), Delta(), 1.0) == {}
    assert sessions.of_report({"sessions": None, "duration": 1.0}) == {}


def test_each_scenario_and_group_of_the_file_is_there_even_if_nobody_came_through_it() -> None:
    plain = sessions.document(NAMES, {}, {}, False, 0)
    assert [entry["name"] for entry in plain["by_scenario"]] == ["browse", "buy"]
    assert plain["groups"][0]["count"] == 0
    live = sessions.live(NAMES, Delta(), 0.0)
    assert [entry["name"] for entry in live["by_scenario"]] == ["browse", "buy"]


def test_a_run_map_has_the_same_figures_live_and_from_its_report() -> None:
    delta = Delta()
    delta.by_scenario = {"browse": stats(begun=8, finished=8, good=7), "buy": stats(begun=2, finished=1, cut=1)}
    delta.groups["checkout"] = stats(finished=3).time
    live = sessions.live(NAMES, delta, 4.0)
    report = sessions.document(NAMES, delta.by_scenario, delta.groups, False, 5) | {"duration": 4.0}
    assert sessions.of_report(report) == live
    assert told(live["sessions"], "begun", "rate", "p99") == (10, 9 / 4, 2000)


COUNTS = st.integers(0, 50)


@given(
    st.dictionaries(st.sampled_from(["browse", "buy"]), st.builds(stats, *[COUNTS] * 5), max_size=2),
    st.booleans(),
    st.integers(0, 300),
)
def test_every_session_that_began_came_to_one_end_or_is_under_way(
    parts: dict[str, SessionStats], over: bool, more: int
) -> None:
    begun = sessions.settled(parts, over)
    planned = max(more, sum(one.begun for one in begun.values()))
    settled = sessions.with_plan(begun, {"browse": planned - planned // 5, "buy": planned // 5}, planned)
    whole = sessions.document(NAMES, settled, {}, True, 0)["sessions"]
    assert whole["begun"] == whole["finished"] + whole["ended"] + whole["cut"] + whole["active"]
    assert whole["planned"] == whole["begun"] + whole["dropped"] == planned
    if over:
        assert whole["active"] == 0


def test_a_report_says_what_became_of_each_scenario_and_of_the_requests_behind() -> None:
    report = visited(visits(0), visits(1))
    assert told(report["sessions"], "planned", *SESSION_COUNTS) == (None, 22, 20, 2, 0, 0, 20)
    assert told(report["sessions"], "active", "most") == (0, 11)
    assert [(entry["name"], entry["begun"]) for entry in report["by_scenario"]] == [("browse", 16), ("buy", 6)]
    assert [(entry["name"], entry["skipped"], entry["planned"]) for entry in report["by_request"]] == [
        ("login", 0, None),
        ("pay", 2, None),
    ]
    assert told(report["requests"], "planned", "skipped", "dropped") == (None, 2, 0)


def test_at_a_rate_the_plan_is_of_sessions_by_their_exact_weights() -> None:
    report = visited(visits(0), visits(1), rate=25.0)
    assert told(report["sessions"], "planned", "begun", "dropped") == (50, 22, 28)
    assert [told(entry, "planned", "begun", "dropped") for entry in report["by_scenario"]] == [
        (40, 16, 24),
        (10, 6, 4),
    ]
    assert report["requests"]["planned"] is None
    assert report["verdict"]["value"] == "invalid"
    assert report["verdict"]["reasons"] == [
        "56.0% of the planned sessions could not begin: all 11 connections were busy, and about 30 are needed"
    ]


def test_the_drain_of_sessions_is_no_second_of_load_and_no_overrun() -> None:
    draining = visits(2, browse=0, buy=0)
    draining.of("login").sent = draining.of("login").completed = 3
    draining.of("login").status = {200: 3}
    report = visited(visits(0), visits(1), draining, rate=11.0, duration=2.0, ended=2.7)
    assert [row.get("drain", False) for row in report["seconds"]] == [False, False, True]
    assert told(report, "duration", "rate") == (2.7, 29 / 2.7)
    assert report["verdict"]["value"] == "valid"


def test_rows_are_used_by_the_sessions_of_the_scenarios_that_name_their_feed() -> None:
    text = SCENARIOS.replace('get = "/pay"', 'get = "/pay/{{user.line}}"')
    text = "[[feed]]\nname = 'user'\nfile = 'users.txt'\npick = 'unique'\n" + text
    report = visited(visits(0), visits(1), rate=25.0, workload=text, rows=(("user", 100),))
    assert report["feeds"] == [{"name": "user", "rows": 100, "used": 6, "skipped": 4}]


def test_times_and_rates_of_sessions_are_of_what_is_measured_and_counts_are_of_all() -> None:
    slow = visits(0, browse=2, micros=9_000_000)
    report = visited(slow, visits(1), visits(2), warmup=1.0)
    assert (report["sessions"]["finished"], report["sessions"]["time"]["max"]) == (24, 1_000_000)
    found = sessions.of_report(report)
    assert [(entry["name"], entry["finished"], entry["rate"]) for entry in found["by_scenario"]] == [
        ("browse", 18, 8.0),
        ("buy", 6, 2.0),
    ]
    assert told(found["sessions"], "finished", "rate", "p99") == (24, 10.0, 1_000_000)
    whole, shown = Delta(), Delta()
    for delta in (slow, visits(1), visits(2)):
        whole.follow(delta)
    for delta in (visits(1), visits(2)):
        shown.follow(delta)
    names = Names(("login", "pay"), ("browse", "buy"), ("checkout",))
    assert sessions.live(names, whole, 2.0, timed=shown)["by_scenario"] == found["by_scenario"]
