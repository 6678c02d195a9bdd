"""What strangers cause is logged, but it cannot fill the log."""

from __future__ import annotations

import logging

import pytest

from gluten.net.door.complaints import EVERY, Complaints


def test_the_first_of_a_kind_is_logged_and_the_others_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    now = 100.0
    complaints = Complaints(logging.getLogger("door"), lambda: now)
    caplog.set_level(logging.INFO)
    for number in range(1000):
        complaints.note("a bad request from %s", number)
    complaints.warn("another kind")
    assert caplog.messages == ["a bad request from 0", "another kind"]
    now += EVERY
    complaints.note("a bad request from %s", "b")
    complaints.warn("another kind")
    assert caplog.messages[2:] == [
        "a bad request from b (and 999 more of this kind since the last such line)",
        "another kind",
    ]
    assert [record.levelno for record in caplog.records] == [logging.INFO, logging.WARNING] * 2


def test_a_flood_of_a_day_is_a_line_each_ten_seconds(caplog: pytest.LogCaptureFixture) -> None:
    now = 0.0
    complaints = Complaints(logging.getLogger("door"), lambda: now)
    for _ in range(1000):
        now += 1.0
        complaints.warn("no")
    assert len(caplog.messages) == 1000 / EVERY
