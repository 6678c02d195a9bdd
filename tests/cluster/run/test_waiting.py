"""Why a run waits."""

from __future__ import annotations

import pytest

from gluten.cluster.run.waiting import why


@pytest.mark.parametrize(
    ("reason", "before", "active", "words"),
    [
        ("", 0, 7, "run 7 is on"),
        ("", 1, 7, "run 7 is on and 1 run is before it"),
        ("", 3, 7, "run 7 is on and 3 runs are before it"),
        ("", 2, None, "2 runs are before it"),
        ("", 0, None, "it is about to begin"),
        ("no node takes part in load", 0, None, "no node takes part in load"),
    ],
)
def test_a_run_waits_because(reason: str, before: int, active: int | None, words: str) -> None:
    assert why(reason, before, active) == words
