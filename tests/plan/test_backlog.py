"""When waiting requests are reported, and in which words."""

from __future__ import annotations

import pytest

from gluten.plan.backlog import OVER, QUIET, Waiting, Watch, capped, hold, needed, waiting, words
from gluten.stats.delta import Delta
from gluten.stats.session_stats import SessionStats
from tests.support.reports import second


@pytest.mark.parametrize(
    ("asked", "seconds", "count"),
    [
        (2000.0, 0.0163, 40),  # 32.6 and head-room
        (100.0, 0.001, 1),
        (10.0, 1.0, 12),
        (1000.0, 0.1, 120),
        (1234.0, 0.1, 150),
        (5000.0, 2.0, 12_000),
    ],
)
def test_needed_is_little_s_law_with_head_room(asked: float, seconds: float, count: int) -> None:
    assert needed(asked, seconds) == count


def test_a_request_that_timed_out_held_its_connection_for_all_of_the_timeout() -> None:
    delta = second(0, {20_000: 3})  # of which the service time is half
    assert hold(delta, 2.0) == pytest.approx(0.010)
    delta.of().fail("timeout")
    assert hold(delta, 2.0) == pytest.approx(2.03 / 4)
    assert hold(Delta(), 2.0) is None


def sessions(seconds: float, finished: int, begun: int) -> Delta:
    """One second with sessions, of which each sent one request of 2 ms."""
    delta = second(0, {4000: begun})  # of which the service time is half
    delta.by_scenario["buy"] = stats = SessionStats()
    stats.begun, stats.finished, delta.active, delta.backlog = begun, finished, 60, 12
    stats.time.record(int(seconds * 1e6), finished)
    return delta


def test_a_session_holds_its_connection_from_its_first_request_on_and_not_while_it_waits_for_one() -> None:
    assert hold(sessions(1.5, 10, 10), 2.0) == pytest.approx(1.498, rel=1e-3)
    assert hold(sessions(1.5, 0, 10), 2.0) is None


def test_with_scenarios_sessions_wait_and_so_many_are_under_way() -> None:
    delta = sessions(9.4, 40, 50)
    assert words(waiting(50.0, delta, hold(delta, 2.0))) == (
        "all 60 connections are busy, 12 sessions wait: about 570 are needed"
    )
    watch = Watch()
    assert watch.take(waiting(50.0, delta, None)).endswith("12 sessions wait")
    delta.backlog = 0
    told = [watch.take(waiting(50.0, delta, None)) for _ in range(QUIET)]
    assert told[-1] == "no session waits for a connection any more"


@pytest.mark.parametrize(
    ("seen", "text"),
    [
        (
            Waiting(2000.0, 1387, 10, 0.0163),
            "all 10 connections are busy, 1,400 requests wait: about 40 are needed",
        ),
        (Waiting(20.0, 12, 1, 0.1), "the connection is busy, 12 requests wait: about 3 are needed"),
        (Waiting(1000.0, 900, 100, 0.01), "all 100 connections are busy, 900 requests wait"),
        (Waiting(1000.0, 900, 100, None), "all 100 connections are busy, 900 requests wait"),
        (Waiting(1000.0, 12_345, 0, None), "no connection is open yet, 12,000 requests wait"),
    ],
)
def test_a_backlog_in_words(seen: Waiting, text: str) -> None:
    assert words(seen) == text


def test_a_backlog_is_reported_once_when_it_begins_and_once_when_it_is_over() -> None:
    watch, calm = Watch(), Waiting(100.0, 0, 4, 0.05)
    assert watch.take(calm) == watch.hint == ""
    assert watch.needed == 6
    assert watch.take(Waiting(100.0, 9, 4, 0.05)) == ""
    assert watch.take(Waiting(100.0, 10, 4, 0.05)).startswith("all 4 connections are busy, 10 requests wait")
    assert watch.take(Waiting(100.0, 40, 4, 0.05)) == ""
    assert "40 requests wait" in watch.hint
    assert [watch.take(calm) for _ in range(QUIET - 1)] == [""] * (QUIET - 1)
    assert watch.take(Waiting(100.0, 50, 4, 0.05)) == ""
    assert [watch.take(calm) for _ in range(QUIET)] == [*[""] * (QUIET - 1), OVER]
    assert watch.hint == ""


def test_one_waiting_request_is_not_a_backlog() -> None:
    watch = Watch()
    assert watch.take(Waiting(1.0, 1, 1, 0.5)) == ""
    assert watch.take(Waiting(1.0, 2, 1, 0.5)) != ""


def test_when_the_load_is_over_nothing_waits() -> None:
    watch = Watch()
    watch.take(Waiting(100.0, 50, 4, 0.05))
    watch.end()
    assert (watch.hint, watch.needed) == ("", None)


def test_a_node_says_when_it_may_open_no_more() -> None:
    delta = second(3, {1000: 5}, backlog=7, connections=960)
    assert "all 960 connections that this node may open are open" in capped(delta, 960)
    assert capped(delta, 961) == capped(delta, None) == capped(second(3, {1000: 5}, connections=960), 960) == ""
