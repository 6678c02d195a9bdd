"""Five hundred slaves on one master: what it costs, that nothing is lost, that acknowledgements are quick.

Twenty seconds here; a minute, and up to 1,000 nodes: `python -m bench.cluster`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.cluster import Result, measure
from bench.swarm import PER_SECOND

pytestmark = pytest.mark.alone

NODES, SECONDS = 500, 20
ACKNOWLEDGED = 500.0
"""Milliseconds, at p99."""
GROWTH = 30 << 20


def check(result: Result) -> None:
    assert result.verdict == "finished"
    assert result.deltas == NODES * SECONDS
    assert result.completed == result.deltas * PER_SECOND
    assert result.missing == 0
    assert result.core < 0.6, result
    assert result.late - result.early < GROWTH, result
    assert result.again == 0, result
    # The slaves share the machine: an acknowledgement that came while their own process stood still waited for them.
    assert result.ack_p99 < ACKNOWLEDGED + result.lag, result


@pytest.mark.slow
def test_five_hundred_slaves_cost_the_master_little_with_sqlite(tmp_path: Path) -> None:
    check(measure(NODES, SECONDS, tmp_path))


@pytest.mark.slow
def test_five_hundred_slaves_cost_the_master_little_with_postgres(tmp_path: Path, fresh_postgres_url: str) -> None:
    check(measure(NODES, SECONDS, tmp_path, fresh_postgres_url))
