"""A search finds the capacity of a real target, and says in the right words what it found."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.capacity.searches import SHARP, TRUTH, capacity, check_interval, odd, searched, served

pytestmark = pytest.mark.alone  # beside others the machine lacks CPU, and the generator is the limit


def test_the_capacity_is_found(tmp_path: Path) -> None:
    with served(tmp_path, *SHARP) as url:
        done = searched(tmp_path, url, "--slo", "p99 < 50ms", "--at-least", "150")
    found = capacity(done)
    assert done.code == 0, done.error
    check_interval(found, TRUTH)
    assert (found["unit"], found["limit"], found["recovers"], found["moved"]) == ("requests/s", "target", True, False)
    assert found["slo"] == "p99 < 50ms"
    assert {trial["state"] for trial in found["trials"]} >= {"holds", "misses"}
    assert all(
        before["to"] <= after["from"] for before, after in zip(found["trials"], found["trials"][1:], strict=False)
    )


def test_what_was_asked_may_be_the_limit(tmp_path: Path) -> None:
    with served(tmp_path, *SHARP) as url:
        done = searched(tmp_path, url, "--slo", "p99 < 50ms", "--to", "80", "--at-least", "70")
    found = capacity(done)
    assert (done.code, found["holds"], found["misses"], found["limit"]) == (0, 80.0, None, "asked"), found


def test_a_rate_limiter_is_found_by_its_errors_and_is_less_than_was_asked_for(tmp_path: Path) -> None:
    with odd(tmp_path, "limiter", "150") as url:
        done = searched(tmp_path, url, "--slo", "p99 < 50ms", "--slo", "errors < 1%", "--at-least", "300")
    found = capacity(done)
    assert done.code == 99
    assert done.is_one_line(), done.error
    check_interval(found, 150 / 0.99)
    assert (found["limit"], found["slo"]) == ("target", "errors < 1%"), found
    assert found["recovers"] is not False, found


def test_a_target_that_does_not_come_back_is_said(tmp_path: Path) -> None:
    with odd(tmp_path, "collapsing") as url:
        done = searched(tmp_path, url, "--slo", "p99 < 200ms", "-T", "2s")
    found = capacity(done)
    assert done.code == 0, done.error
    assert (found["limit"], found["recovers"]) == ("target", False), found
    assert 0 < found["holds"] < 400 < 1.1 * found["misses"]


def test_a_target_that_gets_slower_meanwhile_has_moved(tmp_path: Path) -> None:
    with odd(tmp_path, "degrading", "60") as url:
        done = searched(tmp_path, url, "--slo", "p99 < 150ms")
    assert capacity(done)["moved"], capacity(done)


def test_where_nothing_holds_there_is_no_rate(tmp_path: Path) -> None:
    """Two requests of a hundred take half a second, at any rate."""
    with served(tmp_path, "target", "--port", "0", "--delay", "98x2ms,2x500ms") as url:
        done = searched(tmp_path, url, "--slo", "p99 < 50ms")
    found = capacity(done)
    assert (done.code, found["holds"], found["slo"]) == (99, None, "p99 < 50ms"), found
