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


def test_a_run_without_slos_loads_nothing_that_judges_them() -> None:
    code = (
        "import sys; import gluten.cli.commands.run_alone; "
        "print([name for name in sys.modules if name.startswith('gluten.slo')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
