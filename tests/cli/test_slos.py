"""Which exit code a run with SLOs has, and what outranks it."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from gluten.cli.commands.watch import outcome
from gluten.cli.slos import check_slos
from gluten.errors import InvalidRun, RunFailed, ThresholdMissed
from tests.support.reports import closed, with_slos

INVALID = {"value": "invalid", "reasons": ["why"]}


def test_what_holds_and_what_is_not_asked_is_fine() -> None:
    assert outcome(with_slos("p99 < 5ms")) == outcome(closed()) == 0


def test_each_that_is_missed_stands_in_one_line() -> None:
    with pytest.raises(ThresholdMissed) as caught:
        outcome(with_slos("p99 < 1ms", "p50 < 5ms", "rate > 1k"))
    assert str(caught.value) == "SLO missed: p99 < 1ms (2.00ms); SLO missed: rate > 1k (100.00/s)"
    assert caught.value.exit_code == 99


def test_with_slo_sure_one_that_is_not_sure_counts_as_missed() -> None:
    check_slos(with_slos("errors < 0.5%"))
    with pytest.raises(ThresholdMissed, match=r"SLO not sure: errors < 0\.5%"):
        check_slos(with_slos("errors < 0.5%", slo_sure=True))


def test_a_run_that_an_slo_ended_missed_it_whatever_came_afterwards() -> None:
    report: Any = with_slos("p99 < 5ms") | {"state": "stopped", "kind": "slo", "reason": "SLO missed: p99 < 5ms (9ms)"}
    with pytest.raises(ThresholdMissed, match="SLO missed: p99 < 5ms"):
        outcome(report)


@pytest.mark.parametrize(
    ("more", "error"),
    [({"verdict": INVALID}, InvalidRun), ({"state": "failed", "reason": "why", "verdict": INVALID}, RunFailed)],
)
def test_a_failed_run_and_an_invalid_verdict_outrank_it(more: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        outcome(with_slos("p99 < 1ms") | more)


def searched(holds: float | None, limit: str, at_least: float | None = None, **more: Any) -> Any:
    """The report of a search."""
    report: Any = with_slos("p99 < 1ms")  # which is missed, and of no meaning here
    capacity = {"holds": holds, "limit": limit, "text": "the sentence"}
    return report | {"capacity": capacity, "task": report["task"] | {"at_least": at_least}} | more


@pytest.mark.parametrize(
    ("holds", "limit", "at_least"), [(50.0, "target", None), (50.0, "generator", None), (50.0, "asked", 50.0)]
)
def test_a_search_with_an_answer_is_fine(holds: float, limit: str, at_least: float | None) -> None:
    assert outcome(searched(holds, limit, at_least)) == 0


@pytest.mark.parametrize(
    ("holds", "limit", "at_least", "error", "text"),
    [
        (None, "target", None, ThresholdMissed, "the sentence"),
        (None, "asked", 9.0, ThresholdMissed, "9/s were asked for: the sentence"),
        (50.0, "target", 50.1, ThresholdMissed, "50.1/s were asked for: the sentence"),
        (50.0, "generator", 50.1, InvalidRun, "50.1/s were asked for: the sentence"),
        (None, "generator", 9.0, InvalidRun, "9/s were asked for: the sentence"),
        (None, "generator", None, ThresholdMissed, "the sentence"),
    ],
)
def test_less_than_asked_is_missed_but_invalid_where_the_generators_were_the_limit(
    holds: float | None, limit: str, at_least: float | None, error: type[Exception], text: str
) -> None:
    with pytest.raises(error) as caught:
        outcome(searched(holds, limit, at_least))
    assert str(caught.value) == text


def test_of_a_search_an_invalid_hold_is_invalid_and_where_nothing_holds_that_is_the_answer() -> None:
    with pytest.raises(InvalidRun, match="the verdict is invalid: why"):
        outcome(searched(50.0, "target", verdict=INVALID))
    with pytest.raises(ThresholdMissed):
        outcome(searched(None, "target", verdict=INVALID))


def test_a_run_without_slos_loads_nothing_that_judges_them() -> None:
    code = (
        "import sys; import gluten.cli.commands.run_alone; "
        "print([name for name in sys.modules if name.startswith('gluten.slo')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
