"""A search of a minute says the right words of targets that do not behave."""

from __future__ import annotations

import pytest

from gluten.capacity.decision import SearchPlan
from gluten.document_parts import CapacityDocument
from gluten.slo.grammar import parse_all
from tests.capacity.simulated import Queue, search
from tests.capacity.targets import Breaking, Limiter, Sharp, SlowPath


def searched(target: Queue, *slos: str, timeout: float = 10.0, to: float | None = None) -> CapacityDocument:
    plan = SearchPlan(parse_all(slos), start=60.0, to=to, precision=0.04, hold=4.0, seconds=90.0)
    return search(plan, target, timeout=timeout, poisson=False)[0].document()


def test_the_highest_rate_that_was_asked_for_may_be_the_limit() -> None:
    found = searched(Sharp(2, 0.01, 1), "p99 < 50ms", to=80.0)
    assert (found["holds"], found["misses"], found["limit"]) == (80.0, None, "asked"), found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_rate_limiter_is_found_by_its_errors(seed: int) -> None:
    """It lets 150 requests/s pass, and 1 % of them all may be refused."""
    found = searched(Limiter(150, seed), "p99 < 50ms", "errors < 1%")
    assert found["holds"] is not None
    assert found["misses"] is not None
    assert found["holds"] <= 1.03 * 150 / 0.99
    assert found["misses"] >= 0.97 * 150 / 0.99
    assert found["misses"] <= 1.12 * found["holds"]
    assert (found["limit"], found["slo"]) == ("target", "errors < 1%"), found
    assert found["recovers"] is not False


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_target_that_does_not_come_back_is_told(seed: int) -> None:
    """It could do 400 requests/s, and breaks at the first rate above."""
    target = Breaking(4, 0.01, seed)
    target.slowest = 0.4
    found = searched(target, "p99 < 200ms", timeout=2.0)
    assert found["holds"] is not None
    assert found["misses"] is not None
    assert (found["limit"], found["recovers"]) == ("target", False), found
    assert 0 < found["holds"] < 400 < 1.1 * found["misses"]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_where_nothing_holds_there_is_no_rate(seed: int) -> None:
    """Two requests of a hundred take half a second, at any rate."""
    target = SlowPath(64, 0.002, seed)
    target.share = 0.02
    found = searched(target, "p99 < 50ms")
    assert (found["holds"], found["slo"]) == (None, "p99 < 50ms"), found
