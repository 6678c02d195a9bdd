"""What the generators of a search did: told by second to decide by, and over a hold for the verdict."""

from __future__ import annotations

from gluten.capacity.decision import Generator
from gluten.capacity.node_use import NodeUse, NodeUses
from gluten.stats.delta import Delta

LIMIT = 10_000


def delta(second: int, late: int = 0, lagged: int = 0, cpu: float = 0.5) -> Delta:
    """100 requests and 200 ticks, so many of which were 20 ms late."""
    made = Delta(second)
    made.lateness.record(100, 100 - late)
    made.lag.record(100, 200 - lagged)
    if late:
        made.lateness.record(20_000, late)
    if lagged:
        made.lag.record(20_000, lagged)
    made.cpu = cpu
    return made


def uses() -> NodeUses:
    return NodeUses(LIMIT, 10)


def test_a_p99_is_told_where_enough_values_are_late() -> None:
    seen = uses()
    seen.take("a", delta(3, late=9, lagged=9))
    seen.take("b", delta(3, late=10, lagged=10), capped=True)
    a, b = seen.generators(3)
    assert a == Generator("a", 0.5, 0, 0, False)
    assert (b.name, b.capped) == ("b", True)
    assert min(b.lateness_p99, b.lag_p99) > LIMIT
    assert seen.generators(4) == []


def test_assignments_of_one_node_are_one_generator() -> None:
    seen = uses()
    seen.take("a", delta(3, cpu=0.2))
    seen.take("a", delta(3, cpu=0.7, late=20), capped=True)
    (one,) = seen.generators(3)
    assert (one.cpu, one.capped) == (0.7, True)
    assert one.lateness_p99 > LIMIT


def test_a_hold_is_the_sum_of_its_seconds() -> None:
    seen = uses()
    for second, late, cpu in ((1, 50, 1.0), (2, 1, 0.2), (3, 2, 0.4), (4, 50, 1.0)):
        seen.take("a", delta(second, late=late, cpu=cpu))
    seen.take("b", delta(3, lagged=4))
    a, b = seen.between(2, 4)
    assert a._replace(cpu=round(a.cpu, 9)) == NodeUse("a", 0.3, 0.0, 0.0, 200, 3, 400, 0, a.lag_p99)
    assert b._replace(lag_p99=0) == NodeUse("b", 0.5, 0.0, 0.0, 100, 0, 200, 4)
    assert b.lag_p99 > LIMIT
