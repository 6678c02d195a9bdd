"""A search finds the capacity of a target whose capacity a formula knows."""

from __future__ import annotations

from gluten.capacity.decision import SearchPlan
from gluten.slo.grammar import parse_all
from tests.capacity.simulated import Queue, search, truth


def test_a_queue_s_capacity_is_found() -> None:
    plan, known = SearchPlan(parse_all(["p99 < 60ms"])), truth(16, 0.008, 0.06, 0.01)
    searcher, _ = search(plan, Queue(16, 0.008, 1))
    found = searcher.document()
    assert found["holds"]
    assert found["misses"]
    assert found["holds"] <= 1.03 * known
    assert found["misses"] >= 0.97 * known
    assert found["limit"] == "target"
