"""Five hundred slaves on one master: nothing is lost, nothing comes twice, and its memory does not grow.

What that costs the master, and how quickly it acknowledges: `python -m bench.bounds --only cluster`. A minute, up to
1,000 nodes: `python -m bench.cluster`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.cluster import Result, measure
from bench.swarm import PER_SECOND

pytestmark = pytest.mark.alone

NODES, SECONDS = 500, 6
GROWTH = 15 << 20


def check(result: Result) -> None:
    assert result.verdict == "finished"
    assert result.deltas == NODES * SECONDS
    assert result.completed == result.deltas * PER_SECOND
    assert result.missing == 0
    assert result.late - result.early < GROWTH, result
    assert result.again == 0, result


@pytest.mark.slow
def test_five_hundred_slaves_lose_nothing_with_sqlite(tmp_path: Path) -> None:
    check(measure(NODES, SECONDS, tmp_path))


@pytest.mark.slow
def test_five_hundred_slaves_lose_nothing_with_postgres(tmp_path: Path, fresh_postgres_url: str) -> None:
    check(measure(NODES, SECONDS, tmp_path, fresh_postgres_url))
