"""Which run maps a list admits: what a master shows while its database is away."""

from __future__ import annotations

from typing import Any

import pytest

from gluten.listing import Listing

OVER = {"state": "finished", "verdict": {"value": "valid"}, "name": "a"}
LIVE = {"state": "running", "verdict": None, "name": ""}


@pytest.mark.parametrize(
    ("by", "run", "admitted"),
    [
        ({}, OVER, True),
        ({}, LIVE, True),
        ({"states": ("finished", "failed")}, OVER, True),
        ({"states": ("queued",)}, OVER, False),
        ({"verdict": "valid"}, OVER, True),
        ({"verdict": "valid"}, LIVE, False),
        ({"name": "a"}, OVER, True),
        ({"name": "a"}, LIVE, False),
        ({"states": ("finished",), "verdict": "valid", "name": "b"}, OVER, False),
    ],
)
def test_a_list_admits(by: dict[str, Any], run: dict[str, Any], admitted: bool) -> None:
    assert Listing(**by).admits(run) is admitted
