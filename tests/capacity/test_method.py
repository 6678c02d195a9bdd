"""How far a search has come follows from what is known of each rate."""

from __future__ import annotations

from gluten.capacity.facts import Known
from gluten.capacity.method import DOUBT, ends
from gluten.capacity.standing import Standing, State

LIKELY, UNLIKELY = Standing(State.UNDECIDED, None, True), Standing(State.UNDECIDED, None, False)
MISSES = Standing(State.MISSES, None, False)


def known(*rates: Known) -> dict[float, Known]:
    return {one.rate: one for one in rates}


def test_a_doubt_is_above_the_rate_that_holds() -> None:
    found = ends(known(Known(80.0, 5, LIKELY), Known(100.0, DOUBT, UNLIKELY), Known(120.0, 3, MISSES)))
    assert (found.low, found.high, found.near) == (80.0, 120.0, (100.0,))


def test_a_glance_above_a_doubt_does_not_remove_it() -> None:
    found = ends(known(Known(100.0, DOUBT, UNLIKELY), Known(110.0, 3, LIKELY), Known(120.0, 3, MISSES)))
    assert (found.low, found.near) == (None, (100.0, 110.0))


def test_a_doubt_at_a_much_lower_rate_is_chance() -> None:
    """Of the 140 requests of the base one was slow. Thousands at 640/s were not."""
    found = ends(known(Known(10.0, 14, UNLIKELY), Known(640.0, 5, LIKELY), Known(1280.0, 3, MISSES)))
    assert (found.low, found.high, found.near) == (640.0, 1280.0, ())
