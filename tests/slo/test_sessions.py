"""SLOs of sessions and groups: each second, over windows, and over the whole run."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.slo.grammar import parse
from gluten.slo.judge import Judge, Result, Seen, entries
from gluten.slo.sample import merged, sample
from gluten.stats.delta import Delta
from gluten.stats.histogram import Histogram
from gluten.stats.session_stats import SessionStats


def stats(times: dict[int, int], ended: int = 0, bad: int = 0, cut: int = 0, dropped: int = 0) -> SessionStats:
    """`times`: microseconds -> how many finished after so long; `bad` of them had a request that was not good."""
    made = SessionStats()
    made.time.record_all(times)
    made.finished, made.ended, made.cut, made.dropped = sum(times.values()), ended, cut, dropped
    made.begun, made.good = made.finished + ended + cut, made.finished - bad
    return made


def second(number: int, group: dict[int, int] | None = None, **scenarios: SessionStats) -> Delta:
    delta = Delta(number)
    delta.by_scenario = scenarios
    login = delta.of("login")
    login.sent = login.completed = sum(one.begun for one in scenarios.values())
    login.status = {200: login.completed}
    login.response.record(1000, max(1, login.completed))
    if group:
        delta.groups["checkout"] = Histogram()
        delta.groups["checkout"].record_all(group)
    return delta


def sum_of(seconds: list[Delta], first: int = 0, last: int = 10**6) -> Delta:
    whole = Delta()
    for delta in seconds:
        if first <= delta.second <= last:
            whole.follow(delta)
    return whole


def made(text: str, seconds: list[Delta]) -> Judge:
    judge = Judge([parse(text)])
    for delta in seconds:
        judge.look(delta.second, delta)
    return judge


def judged(text: str, seconds: list[Delta], planned: int | None = None, dropped: int | None = None) -> Result:
    seen = Seen(sum_of(seconds), float(len(seconds)), planned, True, math.inf, dropped)
    return made(text, seconds).results(seen, lambda first, last: sum_of(seconds, first, last))[0]


def stops(text: str, seconds: list[Delta], planned: int | None) -> bool:
    seen = Seen(sum_of(seconds), float(len(seconds)), planned, False)
    return made(text, seconds).stopper(seen) is not None


FAST, SLOW = {2_000_000: 99, 9_000_000: 1}, {4_000_000: 10}
BOTH = second(0, browse=stats(FAST), buy=stats(SLOW))


def two_groups() -> Delta:
    delta = second(0, {2_000_000: 3}, buy=stats(SLOW))
    delta.groups["search"] = Histogram()
    delta.groups["search"].record(9_000_000)
    return delta


WHOLE: list[tuple[str, list[Delta], str, Any]] = [
    ("session p99 of browse <= 2.001s", [BOTH], "holds", 2_000_895.0),
    ("session max of browse < 9s", [BOTH], "missed", 9_000_000.0),
    ("session mean of browse < 2.1s", [BOTH], "holds", 2_070_000.0),
    ("session p50 of buy < 4s", [BOTH], "missed", 4_000_000.0),
    ("session max < 10s", [BOTH], "holds", 9_000_000.0),
    # A session that a request ended counts as slower than every limit, one that was cut does not count.
    ("session p99 of buy < 5s", [second(0, buy=stats({4_000_000: 98}, ended=2))], "missed", None),
    ("session p99 of buy < 5s", [second(0, buy=stats({4_000_000: 99}, ended=1))], "holds", 4_000_000.0),
    ("session p99 of buy < 5s", [second(0, buy=stats({4_000_000: 9}, cut=50))], "holds", 4_000_000.0),
    ("session rate > 49", [second(0, buy=stats(FAST)), second(1, buy=stats({}, ended=1))], "holds", 50.0),
    ("session rate of browse >= 101", [BOTH], "missed", 100.0),
    ("session errors < 5%", [second(0, buy=stats({1000: 98}, ended=2, bad=2))], "holds", 0.04),
    ("session errors <= 3", [second(0, buy=stats({1000: 98}, ended=2, bad=2))], "missed", 4.0),
    ("session errors of browse == 0", [BOTH], "holds", 0.0),
    ("group p50 of checkout < 3s", [second(0, {2_000_000: 3, 9_000_000: 1}, buy=stats(SLOW))], "holds", 2_000_895.0),
    ("group max of checkout < 3s", [second(0, {2_000_000: 3, 9_000_000: 1}, buy=stats(SLOW))], "missed", 9_000_000.0),
    ("group mean of checkout < 4s", [second(0, {2_000_000: 3, 9_000_000: 1}, buy=stats(SLOW))], "holds", 3_750_000.0),
    ("group max < 9s", [two_groups()], "missed", 9_000_000.0),
    ("group p50 < 3s", [two_groups()], "holds", 2_000_895.0),
    # Nothing was measured.
    ("group p99 < 5s", [BOTH], "missed", None),
    ("session p99 of buy < 5s", [second(0, browse=stats(FAST))], "missed", None),
    ("group p99 of checkout < 5s", [BOTH], "missed", None),
]


@pytest.mark.parametrize(("text", "seconds", "state", "value"), WHOLE)
def test_an_slo_of_sessions_is_judged_over_the_whole_run(
    text: str, seconds: list[Delta], state: str, value: Any
) -> None:
    found = judged(text, seconds)
    assert (found.state, found.value) == (state, value)


def test_of_each_is_of_each_scenario_or_group_that_occurred() -> None:
    found = judged("session max of each < 5s", [second(0, browse=stats(FAST), buy=stats(SLOW), rare=stats({}))])
    assert (found.state, found.name, found.value) == ("missed", "browse", 9_000_000.0)
    assert entries([found])[0]["request"] == "browse"
    seconds = [second(0, {2_000_000: 3}, buy=stats(SLOW))]
    assert judged("group max of each < 3s", seconds).name == "checkout"


def test_a_redirect_is_no_request_of_its_own() -> None:
    delta = second(0, buy=stats(SLOW))
    delta.of("login (redirect)").sent = 5
    delta.of("login (redirect)").fail("reset")
    assert judged("errors of each < 1", [delta]).name == "login"


def test_dropped_is_of_the_planned_sessions() -> None:
    seconds = [second(0, buy=stats(SLOW, dropped=1)), second(1, buy=stats(SLOW, dropped=1))]
    found = judged("dropped < 5%", seconds, planned=25, dropped=5)
    assert (found.state, found.value) == ("missed", 0.2)
    assert judged("dropped <= 2", seconds).value == 2.0


def test_seconds_in_which_no_session_ended_count_for_no_window() -> None:
    quiet = [second(at, buy=stats({})) for at in (1, 2, 3)]
    slow = [second(at, buy=stats({8_000_000: 5})) for at in (4, 5)]
    text = "session p50 < 5s for 2s"
    assert judged(text, [second(0, buy=stats(SLOW)), *quiet, slow[0]]).state == "holds"
    found = judged(text, [second(0, buy=stats(SLOW)), *quiet, *slow])
    assert (found.state, found.since, found.value) == ("missed", 5, 8_000_000.0)
    assert judged("session p50 < 5s over 2s", [second(0, buy=stats(SLOW)), *quiet, *slow]).state == "missed"


def test_a_run_stops_once_more_sessions_failed_than_the_plan_allows() -> None:
    seconds = [second(0, buy=stats({1000: 40}, ended=11))]
    assert stops("session errors < 1%, else stop", seconds, planned=1000)
    assert stops("session errors <= 10, else stop", seconds, planned=1000)
    assert not stops("session errors <= 11, else stop", seconds, planned=1000)


def test_how_many_requests_the_sessions_will_send_is_not_known() -> None:
    """51 requests of a plan of 51 sessions: more may follow, so two bad ones of them can still be mended."""
    delta = second(0, buy=stats({1000: 51}))
    delta.by_name["login"].status = {200: 49, 503: 2}
    seen = Seen(sum_of([delta]), 1.0, 51, False)
    assert seen.planned_for(parse("errors < 1%")) is None
    assert seen.planned_for(parse("group p99 of checkout < 1s")) is None
    assert seen.planned_for(parse("session errors < 1%")) == seen.planned_for(parse("dropped < 1%")) == 51
    bare = Seen(Delta(), 1.0, 51, False)
    assert bare.planned_for(parse("errors < 1%")) == 51


TEXTS = st.sampled_from(
    ["session p90 < 5s", "session mean of buy < 5s", "session rate > 1", "session errors < 1%", "dropped < 5%"]
)
PARTS = st.builds(
    stats,
    st.dictionaries(st.integers(1, 10**7), st.integers(1, 9), max_size=4),
    st.integers(0, 9),
    cut=st.integers(0, 9),
)


@given(TEXTS, st.lists(st.tuples(PARTS, PARTS), min_size=1, max_size=4))
def test_what_the_seconds_say_adds_up_to_what_the_run_says(
    text: str, parts: list[tuple[SessionStats, SessionStats]]
) -> None:
    slo = parse(text)
    seconds = [second(at, browse=one, buy=other) for at, (one, other) in enumerate(parts)]
    assert merged(sample(slo, delta, slo.name) for delta in seconds) == sample(slo, sum_of(seconds), slo.name)
