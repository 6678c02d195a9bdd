"""SLOs judged over what was measured: the whole run, windows, each request, and when a run has to stop."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluten.slo.grammar import parse
from gluten.slo.judge import Judge, Result, Seen, entries
from gluten.slo.shown import missed
from gluten.stats.delta import Delta
from gluten.stats.request_stats import REQUEST, Stats


def part(stats: Stats, times: dict[int, int], failed: int = 0, status: int = 200, bad: int = 0) -> None:
    stats.response.record_all(times)
    stats.service.record_all(times)
    stats.completed = sum(times.values())
    stats.status = {status: stats.completed - bad} | ({503: bad} if bad else {})
    for _ in range(failed):
        stats.fail("timeout")
    stats.sent = stats.completed + failed


def second(number: int, times: dict[int, int], failed: int = 0, bad: int = 0, name: str = REQUEST) -> Delta:
    delta = Delta(number)
    part(delta.of(name), times, failed, bad=bad)
    return delta


def sum_of(seconds: list[Delta], first: int = 0, last: int = 10**6) -> Delta:
    whole = Delta()
    for delta in seconds:
        if first <= delta.second <= last:
            whole.follow(delta)
    return whole


def judge(
    text: str, seconds: list[Delta], planned: int | None = None, over: bool = True, whole: float = math.inf
) -> Result:
    made = Judge([parse(text)])
    for delta in seconds:
        made.look(delta.second, delta)
    seen = Seen(sum_of(seconds), float(len(seconds)), planned, over, whole)
    return made.results(seen, lambda first, last: sum_of(seconds, first, last))[0]


def stops(text: str, seconds: list[Delta], planned: int | None = None) -> bool:
    made = Judge([parse(text)])
    for delta in seconds:
        made.look(delta.second, delta)
    return made.stopper(Seen(sum_of(seconds), float(len(seconds)), planned, False)) is not None


FAST = {1000: 99, 50_000: 1}

WHOLE: list[tuple[str, list[Delta], str, Any]] = [
    ("p99 < 2ms", [second(0, FAST)], "holds", 1000.0),
    ("p99.5 < 2ms", [second(0, FAST)], "missed", 50_000.0),
    ("p99 == 1ms", [second(0, FAST)], "holds", 1000.0),
    ("p99 > 1ms", [second(0, FAST)], "missed", 1000.0),
    ("max <= 50ms", [second(0, FAST)], "holds", 50_000.0),
    ("mean < 1ms", [second(0, FAST)], "missed", 1490.0),
    ("service p50 < 2ms", [second(0, FAST)], "holds", 1000.0),
    ("first_byte p50 < 2ms", [second(0, FAST)], "holds", 1000.0),
    ("p99 < 1s", [second(0, {1000: 98}, failed=2)], "missed", None),
    ("p99 < 1s", [second(0, {1000: 99}, failed=1)], "holds", 1000.0),
    ("max < 1s", [second(0, {1000: 999}, failed=1)], "missed", None),
    ("rate > 99", [second(0, FAST), second(1, FAST)], "holds", 100.0),
    ("good rate > 99", [second(0, FAST, bad=2)], "missed", 98.0),
    ("errors < 2%", [second(0, FAST, failed=1, bad=1)], "holds", 2 / 101),
    ("errors <= 1", [second(0, FAST, failed=1, bad=1)], "missed", 2.0),
    ("errors timeout == 1", [second(0, FAST, failed=1, bad=1)], "holds", 1.0),
    ("status 5xx < 1%", [second(0, FAST, bad=1)], "missed", 0.01),
    ("status 503 == 1", [second(0, FAST, bad=1)], "holds", 1.0),
    ("p99 of login < 2ms", [second(0, FAST, name="login")], "holds", 1000.0),
    ("p99 of nobody < 2ms", [second(0, FAST)], "missed", None),
    ("errors < 1%", [Delta(0)], "missed", None),
    ("checks > 50%", [second(0, FAST)], "missed", None),
]


@pytest.mark.parametrize(("text", "seconds", "state", "value"), WHOLE)
def test_the_whole_run(text: str, seconds: list[Delta], state: str, value: Any) -> None:
    result = judge(text, seconds)
    assert (result.state, result.value) == (state, pytest.approx(value) if value is not None else None)


def test_the_share_of_checks_that_hold() -> None:
    delta = second(0, FAST)
    delta.of().checked("a", 9, 1)
    delta.of().checked("b", 10, 0)
    result = judge("checks >= 95%", [delta])
    assert (result.state, result.value) == ("holds", 0.95)


def test_dropped_requests_are_a_share_of_the_plan() -> None:
    delta = second(0, FAST)
    delta.of().dropped = 5
    assert judge("dropped < 1%", [delta], planned=1000).state == "holds"
    assert judge("dropped < 1%", [delta], planned=105).state == "missed"
    assert judge("dropped == 0", [second(0, FAST)], planned=100).state == "holds"


def test_of_each_request_the_one_that_misses_decides() -> None:
    delta = second(0, {1000: 10}, name="view")
    part(delta.of("pay"), {90_000: 10})
    delta.of("never")
    result = judge("p99 of each < 50ms", [delta])
    assert (result.state, result.name, result.value) == ("missed", "pay", 90_000.0)
    assert judge("p99 of each < 1s", [delta]).state == "holds"
    assert entries([result])[0]["request"] == "pay"


SLOW, QUICK = {90_000: 10}, {1000: 10}


def runs(pattern: str) -> list[Delta]:
    """A second for each letter: s(low), q(uick), - (without traffic)."""
    return [second(at, {"s": SLOW, "q": QUICK, "-": {}}[letter]) for at, letter in enumerate(pattern)]


WINDOWS = {
    ("p99 < 50ms for 3s", "qsssq"): ("missed", 3),
    ("p99 < 50ms for 3s", "qssqss"): ("holds", None),
    ("p99 < 50ms for 3s", "qs-s-sq"): ("missed", 5),
    ("p99 < 50ms for 9s", "sss"): ("missed", 2),
    ("p99 < 50ms for 9s", "ssq"): ("holds", None),
    ("p50 < 50ms over 3s", "qqssqq"): ("missed", 3),
    ("p50 < 50ms over 4s", "qqssqq"): ("holds", None),
    ("p50 < 50ms over 9s", "qss"): ("missed", 2),
    ("rate > 5 over 2s", "qqq"): ("holds", None),
    ("rate > 10 over 2s", "qqq"): ("missed", 1),
    ("p50 < 50ms over 2s", "---"): ("missed", None),
}


@pytest.mark.parametrize(("text", "pattern"), WINDOWS)
def test_windows(text: str, pattern: str) -> None:
    result = judge(text, runs(pattern))
    assert (result.state, result.since) == WINDOWS[text, pattern]


def test_the_value_of_a_window_is_the_window_s_own() -> None:
    assert judge("p50 < 50ms over 2s", runs("qqssqq")).value == 90_000.0
    assert judge("p50 < 95ms over 2s", runs("qqssqq")).value == 1000.0


def test_since_when_it_is_missed() -> None:
    assert judge("p50 < 50ms", runs("qqsss")).since == 4
    assert judge("p50 < 50ms", runs("qqs")).since is None
    assert judge("max < 50ms", runs("qqsq")).since == 2


def test_a_count_says_how_sure_it_is_and_a_mean_does_not() -> None:
    many = [second(at, {1000: 995, 90_000: 5}) for at in range(10)]
    assert judge("p99 < 50ms", many).sure is True
    assert judge("p99.5 < 50ms", many).sure is False
    assert judge("errors == 0", many).sure is True
    for text in ("mean < 1s", "max < 1s", "rate > 1", "dropped == 0", "lateness p99 < 1s"):
        assert judge(text, many).sure is None


def test_strictly_an_slo_that_is_not_sure_is_missed_too() -> None:
    plain = entries([judge("p99.5 < 50ms", [second(at, {1000: 996, 90_000: 4}) for at in range(9)])])
    assert plain[0]["state"] == "holds"
    assert (len(list(missed(plain))), len(list(missed(plain, strict=True)))) == (0, 1)


STOPS = {
    ("errors < 20%, else stop", "few"): False,
    ("errors < 20%, else stop", "many"): True,
    ("errors < 3, else stop", "few"): True,
    ("status 503 == 0, else stop", "few"): False,
    ("p99 < 1s, else stop", "many"): True,
    ("max < 500us, else stop", "few"): True,
    ("p99 < 1s for 2s, else stop", "many"): True,
    ("p99 < 1s for 5s, else stop", "many"): False,
}


@pytest.mark.parametrize(("text", "which"), STOPS)
def test_a_run_stops_once_it_is_sure_or_cannot_be_mended(text: str, which: str) -> None:
    seconds = {"few": [second(0, {1000: 9}, failed=3)], "many": [second(at, {1000: 60}, failed=40) for at in (0, 1)]}
    assert stops(text, seconds[which]) is STOPS[text, which]


def test_it_cannot_be_mended_where_more_failed_than_the_plan_allows() -> None:
    few = [second(0, {1000: 9}, failed=3)]
    assert stops("errors < 20%, else stop", few, planned=14)
    assert not stops("errors < 20%, else stop", few, planned=1000)


EQUALITIES = {
    "errors == 0, else stop": True,
    "errors timeout == 2, else stop": True,
    "errors == 3, else stop": False,
    "errors == 4, else stop": False,
    "errors == 0%, else stop": True,
    "max == 500us, else stop": True,
    "max == 2ms, else stop": False,
}


@pytest.mark.parametrize("text", EQUALITIES)
def test_an_equality_cannot_be_mended_once_its_value_is_above_the_limit(text: str) -> None:
    failed = 0 if text.startswith("max") else 3
    assert stops(text, [second(0, {1000: 9}, failed)], planned=1000) is EQUALITIES[text]


def test_a_late_delta_replaces_what_was_seen_of_its_second() -> None:
    made = Judge([parse("p99 < 50ms for 2s")])
    seconds = runs("qsq")
    for delta in runs("qssq"):
        made.look(delta.second, delta)
    for delta in (*seconds, second(3, QUICK)):
        made.look(delta.second, delta)
    seen = Seen(sum_of(seconds), 3.0, None, True)
    assert made.results(seen, lambda first, last: sum_of(seconds, first, last))[0].state == "holds"


def test_a_second_that_is_no_whole_second_of_load_is_in_no_window() -> None:
    assert judge("rate > 9 over 2s", [*runs("qqq"), second(3, {1000: 1})]).state == "missed"
    assert judge("rate > 9 over 2s", [*runs("qqq"), second(3, {1000: 1})], whole=3.0).state == "holds"
    assert judge("p99 < 50ms over 2s", runs("s"), whole=0.5).state == "missed"
    assert judge("p99 < 50ms over 2s", runs("s"), whole=0.5, over=False).state == "unmeasured"


def test_what_was_not_measured_is_missed_at_the_end_alone() -> None:
    for text in ("p99 of pay < 1s", "errors < 1% over 2s", "checks > 50%", "p99 of each < 1s"):
        results = [judge(text, [Delta(0)], over=over) for over in (False, True)]
        assert [result.state for result in results] == ["unmeasured", "missed"]
        assert [result.since for result in results[:1]] == [None]


def test_in_a_closed_loop_the_lateness_is_the_lag_of_the_clock() -> None:
    delta = second(0, QUICK)
    delta.lag.record(3000, 100)
    assert judge("lateness p99 < 5ms", [delta]).state == "holds"
    assert judge("lateness p99 < 2ms", [delta]).value == 3000.0


def test_a_run_that_dropped_more_than_the_plan_allows_cannot_be_mended() -> None:
    delta = second(0, QUICK)
    delta.of().dropped = 5
    assert stops("dropped < 1%, else stop", [delta], planned=100)
    assert not stops("dropped < 1%, else stop", [delta], planned=1000)
    assert stops("dropped == 0, else stop", [delta], planned=1000)
    assert stops("dropped < 5, else stop", [delta], planned=1000)


@pytest.mark.parametrize(
    ("text", "unit"),
    [("p99 < 1s", "microseconds"), ("rate > 5", "per second"), ("errors < 1%", "share"), ("errors < 5", "count"),
     ("checks > 99%", "share"), ("dropped == 0", "count")],
)  # fmt: skip
def test_the_unit_of_a_value(text: str, unit: str) -> None:
    assert entries([judge(text, [second(0, FAST)])])[0]["unit"] == unit


PATTERNS = st.text("sq-", min_size=1, max_size=25)


@given(PATTERNS, st.integers(1, 6), st.sampled_from(("p50 < 50ms for", "p50 < 50ms over", "rate > 9 over")))
@settings(max_examples=40, deadline=None)
def test_judged_second_by_second_it_is_as_judged_at_once(pattern: str, span: int, what: str) -> None:
    seconds, text = runs(pattern), f"{what} {span}s"
    made = Judge([parse(text)])
    for at, delta in enumerate(seconds):
        made.look(delta.second, delta)
        known = seconds[: at + 1]
        seen = Seen(sum_of(known), at + 1.0, None, False)
        live = made.results(seen, lambda first, last, known=known: sum_of(known, first, last))[0]  # type: ignore[misc]
        assert live == judge(text, known, over=False)
    seen = Seen(sum_of(seconds), float(len(seconds)), None, True)
    assert made.results(seen, lambda first, last: sum_of(seconds, first, last))[0] == judge(text, seconds)
