"""Good requests, and the two parts of errors."""

from __future__ import annotations

from typing import Any

import pytest

from gluten.report.outcome import (
    bad_status,
    codes,
    counts_of,
    error_share,
    errors_of,
    good_of,
    notes,
    parts,
    session_notes,
)
from gluten.stats.delta import Delta
from gluten.task.task import Task
from tests.support.reports import URL, build, head, node, second

MIXED = {200: 60, 304: 5, 404: 20, 503: 15}


def mixed() -> Any:
    """100 answers, 65 of them good, and 10 that failed."""
    delta = second(0, {1000: 100})
    delta.of().status = dict(MIXED)
    for _ in range(10):
        delta.of().fail("timeout")
    delta.of().sent = 110
    return build(Task(URL, threads=1, duration=1.0), head(), [node("a", [delta])])


def test_good_is_an_answer_below_400_everywhere() -> None:
    report = mixed()
    assert report["requests"]["good"] == report["seconds"][0]["good"] == report["nodes"][0]["good"] == 65
    delta = Delta()
    delta.of().status = {399: 1, 400: 1}
    assert delta.good == 1


def test_errors_are_what_is_not_good_of_what_was_answered_or_failed() -> None:
    report = mixed()
    for counts in (counts_of(report), report["seconds"][0], report["nodes"][0]):
        assert (errors_of(counts), bad_status(counts)) == (45, 35)  # 10 failed and 35 with a bad status
        assert error_share(counts) == 45 / 110
        assert parts(counts) == "failed 10, bad status 35"


def test_where_checks_decide_an_answer_is_not_good_whatever_its_status() -> None:
    counts = {"failed": 1, "completed": 10, "good": 4, "status": {"200": 9, "404": 1}}
    assert (errors_of(counts), parts(counts)) == (7, "failed 1, not good 6")
    assert parts(counts | {"good": 9}) == "failed 1, bad status 1"
    assert parts(counts | {"good": 10}) == "failed 1"


@pytest.mark.parametrize(
    ("status", "good", "words"),
    [
        ({200: 100}, 40, ["most answers are not good: 60 of 100"]),
        ({200: 100}, 60, []),
        ({404: 100}, 100, []),  # a check expects 404
        ({404: 60, 200: 40}, 40, ["most answers have a bad status (4xx or 5xx): 60 of 100"]),
    ],
)
def test_a_note_says_what_checks_decide(status: dict[int, int], good: int, words: list[str]) -> None:
    assert notes(100, 0, status, good) == words


def test_the_good_requests_of_an_earlier_version_follow_from_its_statuses() -> None:
    report = mixed()
    del report["requests"]["good"]
    del report["seconds"][0]["good"]
    assert good_of(report) == 65
    assert errors_of(report["seconds"][0]) == 45
    assert bad_status({"completed": 5, "failed": 0}) == 0  # a run map of a list: nobody knows


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        ({"200": 5, "204": 1}, ""),
        ({}, ""),
        ({"200": 15053, "404": 941, "503": 2822}, "200 15053, 404 941, 503 2822"),
        ({"301": 7}, "301 7"),
        ({"200": 3, "500": 0}, ""),
    ],
)
def test_status_codes_are_shown_if_not_all_are_2xx(status: dict[str, int], shown: str) -> None:
    assert codes(status) == shown


@pytest.mark.parametrize(
    ("failed", "status", "words"),
    [
        (0, {200: 100}, []),
        (0, {200: 50, 500: 50}, []),
        (0, {200: 49, 500: 51}, ["most answers have a bad status (4xx or 5xx): 51 of 100"]),
        (0, {301: 100}, ["most answers are redirects (3xx), which are not followed: 100 of 100"]),
        (0, {200: 40, 302: 30, 404: 30}, ["most answers are redirects or have a bad status: 60 of 100"]),
        (60, {200: 40}, ["most requests failed: 60 of 100"]),
        (60, {503: 40}, ["most requests failed: 60 of 100", "most answers have a bad status (4xx or 5xx): 40 of 40"]),
        (0, {}, []),
    ],
)
def test_a_note_says_what_most_answers_were(failed: int, status: dict[int, int], words: list[str]) -> None:
    assert notes(failed + sum(status.values()), failed, status) == words


@pytest.mark.parametrize(
    ("ended", "cut", "state", "words"),
    [
        (6, 2, "finished", ["most sessions were ended by a request that was not good: 6 of 10"]),
        (2, 6, "finished", ["most sessions were cut before they finished: 6 of 10; a longer drain waits"]),
        (5, 5, "finished", []),
        (0, 9, "stopped", []),  # who stopped it knows why
    ],
)
def test_a_note_says_what_became_of_most_sessions(ended: int, cut: int, state: str, words: list[str]) -> None:
    assert session_notes({"begun": 10, "ended": ended, "cut": cut}, state) == words
    assert session_notes(None, state) == []


def test_a_note_does_not_change_the_verdict() -> None:
    report = build(Task(URL, threads=1, duration=1.0), head(), [node("a", [second(0, {1000: 100}, status=500)])])
    assert report["verdict"]["value"] == "valid"
    assert report["verdict"]["notes"] == ["most answers have a bad status (4xx or 5xx): 100 of 100"]
    assert "notes" not in mixed()["verdict"]
