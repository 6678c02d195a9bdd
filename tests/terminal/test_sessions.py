"""Sessions in a terminal: those of the last second, those so far, and a table by scenario."""

from __future__ import annotations

from typing import Any

import pytest

from gluten.terminal.live import summary_line
from gluten.terminal.sessions import table
from gluten.terminal.terminal import Theme, width
from tests.terminal.test_live import live, row, shown, the_line, update

PLAIN = Theme(colour=False)


def figures(**more: Any) -> dict[str, Any]:
    counts = {"begun": 1500, "finished": 1029, "ended": 21, "cut": 0, "dropped": 0, "good": 1000, "active": 450}
    return counts | {"rate": 34.3, "p50": 9_100_000, "p95": 11_400_000, "p99": 12_900_000} | more


SCENARIOS = [{"name": "browse"} | figures(), {"name": "buy"} | figures(ended=0, finished=0)]
NEWEST: dict[str, Any] = {"begun": 49, "active": 450, "asked": 50.0}


def sold(**run: Any) -> Any:
    known: dict[str, Any] = {"sessions": figures(), "by_scenario": SCENARIOS}
    return live(update(row(0, **NEWEST), **(known | run)))


def test_it_says_how_many_began_of_what_was_asked_and_how_many_there_are() -> None:
    assert the_line(sold(), "sessions").split(maxsplit=1)[1] == "49 of 50 begun in the last second, 450 at once"


def test_it_says_what_became_of_them_and_nothing_of_what_did_not_happen() -> None:
    assert any(text.strip() == "1,500 begun, 1,029 finished, 21 ended so far" for text in shown(sold()))
    rare = sold(sessions=figures(ended=0, cut=3, dropped=15))
    assert any(text.strip() == "1,500 begun, 1,029 finished, 3 cut, 15 dropped so far" for text in shown(rare))


def test_the_asked_rate_is_one_of_sessions_alone() -> None:
    assert "asked" not in the_line(sold(), "requests/s")
    assert "last second 100.00 requests/s" in summary_line(sold())


def test_a_closed_loop_asks_for_no_rate_of_sessions() -> None:
    made = live(update(row(0, **(NEWEST | {"asked": None})), sessions=figures()))
    assert "49 begun in the last second" in the_line(made, "sessions")


def test_a_line_of_a_log_has_the_sessions_too() -> None:
    line = summary_line(sold())
    assert line.endswith("  sessions 49 of 50 begun/s, 450 at once, so far 1029 finished, 21 ended")
    assert "sessions" not in summary_line(live(update(row(0))))


def test_a_limited_number_counts_sessions() -> None:
    made = sold(requests=3000, asked_duration=None)
    assert made.done == 0.5
    assert "1,500 of 3,000 sessions" in "".join(shown(made))


def test_each_scenario_has_its_figures() -> None:
    head, browse, buy = table(SCENARIOS, 80, 20, PLAIN)
    assert head.split() == ["by", "scenario", "begun", "finished", "ended", "p50", "p99"]
    assert browse.split() == ["browse", "1,500", "1,029", "21", "9.10s", "12.90s"]
    assert buy.split() == ["buy", "1,500", "0", "0"]


def test_the_table_by_scenario_stands_before_the_one_by_request() -> None:
    request = {"completed": 12, "good": 12, "failed": 0, "rate": 4.0, "p50": 1000, "p99": 4000}
    lines = shown(sold(by_request=[{"name": name} | request for name in ("login", "view")]), height=40)
    at = [place for place, text in enumerate(lines) if text.startswith(("by scenario", "by request"))]
    assert [lines[place].split()[1] for place in at] == ["scenario", "request"]


@pytest.mark.parametrize("columns", [1, 20, 63, 64, 200])
@pytest.mark.parametrize("height", [1, 8, 14, 24])
def test_it_keeps_within_the_window(columns: int, height: int) -> None:
    lines = shown(sold(), columns, height)
    assert len(lines) <= height
    assert all(width(text) <= columns for text in lines)


def test_a_run_without_scenarios_says_nothing_of_sessions() -> None:
    assert not [text for text in shown(live(update(row(0), sessions=None))) if "sessions" in text]
