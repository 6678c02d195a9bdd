"""A search for the capacity in the live view."""

from __future__ import annotations

import io
from typing import Any

from gluten.terminal.live import frame, summary_line
from gluten.terminal.live_view import LiveView
from gluten.terminal.progress import LineProgress
from gluten.terminal.terminal import Theme
from tests.support.capacity.found import TRIALS, found

PLAIN = Theme(colour=False)


def update(count: int = 4, second: int = 30, **more: Any) -> Any:
    """A run that searches and has begun so many trials."""
    row = {
        "second": second, "asked": 12_500.0, "completed": 12_480, "failed": 0, "p50": 8000.0, "p90": 1e4, "p99": 2e4,
        "max": 3e4, "in_flight": 90, "connections": 100, "nodes": {}, "errors": {}, "status": {"200": 12_480},
    }  # fmt: skip
    run = {
        "number": 7, "name": "", "state": "running", "url": "http://127.0.0.1/", "completed": 9000, "failed": 0,
        "good": 9000, "asked_duration": 600.0, "p50": 1.0, "p99": 2.0, "dropped": 0, "slo": [],
        "task": {"threads": 2, "connections": None, "method": "GET"},
        "capacity": found(trials=TRIALS[:count], text="holds 6,400/s so far"),
    }  # fmt: skip
    return {"run": run | more, "rows": [row], "version": 1, "events": [], "final": False}


def view(**more: Any) -> LiveView:
    live = LiveView()
    live.apply(update(**more))
    return live


def test_the_answer_so_far_and_the_newest_trial_have_a_line_each() -> None:
    lines = frame(view(), 80, 24, PLAIN)
    assert "capacity     holds 6,400/s so far" in lines
    assert "trial 4      ✗ 12,650/s for 15s: misses p99 < 250ms, p99 736.00ms" in lines


def test_a_high_window_shows_more_trials() -> None:
    for height, labels in ((24, ["trial 4"]), (29, ["trial 4"]), (30, ["trial 3", "trial 4"]), (60, 4)):
        told = [line[:7] for line in frame(view(), 80, height, PLAIN) if line.startswith("trial")]
        assert told == labels or len(told) == labels


def test_a_rate_that_has_only_begun_settles() -> None:
    assert "             12,800/s settles" in frame(view(asked_rate=12_800.0), 80, 24, PLAIN)
    assert not any("settles" in line for line in frame(view(asked_rate=12_650.0), 80, 24, PLAIN))
    assert "             10/s settles" in frame(view(count=0, asked_rate=10.0), 80, 24, PLAIN)


def test_the_time_is_the_most_that_it_may_take() -> None:
    assert any("31s of at most 10m, at most 9m29s left" in line for line in frame(view(), 80, 24, PLAIN))


def test_a_log_line_has_both() -> None:
    assert summary_line(view()).endswith(
        "  capacity: holds 6,400/s so far  trial 4 12,650/s for 15s: misses p99 < 250ms, p99 736.00ms"
    )


def test_before_the_first_trial_there_is_only_the_answer() -> None:
    lines = frame(view(count=0), 80, 24, PLAIN)
    assert "capacity     holds 6,400/s so far" in lines
    assert not any(line.startswith("trial") for line in lines)


def test_a_run_that_does_not_search_has_none_of_it() -> None:
    lines = frame(view(capacity=None), 80, 24, PLAIN)
    assert not any(line.startswith(("capacity", "trial")) for line in lines)
    assert any("31s of 10m, 9m29s left" in line for line in lines)


def test_a_line_is_printed_as_soon_as_a_trial_is_decided() -> None:
    out = io.StringIO()
    progress = LineProgress(out, lambda: 0.0)
    for count in (1, 1, 2, 4, 5):  # the fifth is undecided
        progress.show(update(count))
    assert [line.partition("  trial ")[2][:1] for line in out.getvalue().splitlines()] == ["1", "2", "4"]
