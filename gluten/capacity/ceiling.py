"""Whether the generators made the load of a second as it was asked for, or fell behind. Pure.

The limits are those of the verdict. A second in which the generators fell behind says nothing about the target.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from gluten.capacity.decision import Generator
from gluten.capacity.look import Look
from gluten.slo.decision import holds
from gluten.slo.slo import Measure, Slo
from gluten.units import format_micros

CPU_LIMIT = 0.9
LATE_LIMIT = 10_000
"""Microseconds, at p99."""
_REACHED, _SCATTER = 0.95, 4.0
"""The generators fell behind if a second has less than `_REACHED` of its planned sessions, minus `_SCATTER` standard
deviations of random arrivals."""


def behind(look: Look, rate: float, slos: Sequence[Slo]) -> Generator | None:
    """The node that fell behind. A node without a name stands for all nodes: together they made too little load."""
    busy = [one for one in look.generators if _overloaded(one)]
    if busy:
        return max(busy, key=lambda one: (one.lag_p99, one.cpu))
    if look.begun + look.dropped < _REACHED * rate - _SCATTER * math.sqrt(rate) or _late(look, slos):
        return Generator("")
    # Where the target is too slow by itself, more connections would not help.
    return None if look.slow else next((one for one in look.generators if one.capped), None)


def _overloaded(one: Generator) -> bool:
    return one.cpu > CPU_LIMIT or one.lag_p99 > LATE_LIMIT or one.lateness_p99 > LATE_LIMIT


def _late(look: Look, slos: Sequence[Slo]) -> bool:
    """An SLO of the lateness is missed."""
    return any(
        seen.measured and not holds(slos[at], seen, 1.0)
        for (at, _), seen in look.samples.items()
        if slos[at].what.measure is Measure.LATENESS
    )


def lack(one: Generator) -> str:
    """What a node that fell behind had too little of."""
    if one.cpu > CPU_LIMIT:
        return f"CPU {one.cpu:.0%}"
    if max(one.lag_p99, one.lateness_p99) > LATE_LIMIT:
        return f"late by {format_micros(max(one.lag_p99, one.lateness_p99))}"
    return "connections" if one.capped else "it sent less than was asked for"
