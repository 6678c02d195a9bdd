"""How an SLO is written for people."""

from __future__ import annotations

from typing import Any

import pytest

from gluten.slo.shown import failing, limit, mark, missed_line, notes, value


def entry(**more: Any) -> dict[str, Any]:
    plain = {"slo": "p99 < 2ms", "state": "holds", "value": 1500.0, "limit": 2000.0, "sure": None, "since": None}
    return plain | {"unit": "microseconds"} | more


@pytest.mark.parametrize(
    ("unit", "number", "text"),
    [
        ("microseconds", 12_300.0, "12.30ms"),
        ("share", 0.00523, "0.523%"),
        ("share", 1.0, "100%"),
        ("per second", 1500.0, "1.50k/s"),
        ("count", 7.0, "7"),
        ("count", None, "no value"),
    ],
)
def test_a_value_has_its_unit(unit: str, number: float | None, text: str) -> None:
    assert value(entry(unit=unit, value=number)) == text


def test_a_limit_has_the_value_s_unit() -> None:
    assert limit(entry()) == "2.00ms"


def test_a_mark_and_what_stands_beside_it() -> None:
    assert [mark(entry(state=state)) for state in ("holds", "missed", "unmeasured")] == ["✓", "✗", "·"]
    assert notes(entry()) == ""
    assert notes(entry(sure=False)) == "not sure"
    assert notes(entry(state="missed", since=4, request="pay")) == "of pay, since second 4"


def test_one_line_for_each_that_fails_the_run() -> None:
    held, missed = entry(), entry(state="missed", value=None)
    unsure = entry(sure=False, request="pay")
    assert missed_line(unsure) == "p99 < 2ms (1.50ms of pay)"
    assert failing([held, missed, unsure], strict=False) == ["SLO missed: p99 < 2ms (no value)"]
    assert failing([held, unsure], strict=True) == ["SLO not sure: p99 < 2ms (1.50ms of pay)"]
