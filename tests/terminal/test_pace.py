"""With scenarios the plan counts sessions: the terminal never compares requests with it."""

from __future__ import annotations

from typing import Any

from gluten.terminal.live import frame, summary_line
from gluten.terminal.pace import pace, session_spans
from tests.terminal.test_live import PLAIN, live, row, update

SESSIONS = {"begun": 60, "finished": 50, "ended": 3, "cut": 0, "active": 7, "dropped": 2, "good": 50}


def of_sessions(**more: Any) -> Any:
    second = row(2, 480, asked=20.0, begun=20, active=7)
    return live(update(row(1), second, sessions=SESSIONS, **more))


def test_a_plan_of_requests_is_compared_with_requests() -> None:
    found = pace({"completed": 5, "failed": 1}, row(1, 80, asked=100.0))
    assert (found.what, found.asked, found.begun, found.done, found.short) == ("requests", 100.0, 80, 6, True)
    assert session_spans({}, row(1)) == []


def test_a_plan_of_sessions_is_compared_with_those_that_began() -> None:
    made = of_sessions()
    found = pace(made.run, made.newest)
    assert (found.what, found.begun, found.done, found.short) == ("sessions", 20, 53, False)
    assert pace(made.run, row(1, asked=20.0, begun=10)).short


def test_the_view_has_a_line_of_sessions() -> None:
    lines = "\n".join(frame(of_sessions(), 100, 30, PLAIN))
    assert "sessions/s   20 of 20 asked began   7 at once   50 finished, 3 ended, 2 dropped" in lines
    assert "480 in the last second" in lines


def test_a_line_of_a_log_says_requests_and_sessions() -> None:
    text = summary_line(of_sessions())
    assert "last second 480.00 requests/s" in text or "last second 480 requests/s" in text
    assert "sessions 20 of 20 asked began   7 at once" in text


def test_the_progress_of_a_number_of_sessions_counts_those_that_ended() -> None:
    made = of_sessions(requests=106, asked_duration=None)
    assert made.done == 0.5
    assert "53 of 106 sessions" in summary_line(made)
