"""How long the slots of a constant rate may wait to share a wake-up: the price of precision, paid where CPU is left.

Waking is what a paced request costs most: this process, and from within `send` the target, which sleeps until the
first of a group comes. A worker with CPU to spare wakes often; a busy one wakes seldom, so that it keeps its rate.
"""

from __future__ import annotations

from itertools import pairwise

SHORTEST, LONGEST = 120e-6, 1e-3
"""The least and the greatest quantum, in seconds."""
CURVE = ((0.15, SHORTEST), (0.3, 0.22e-3), (0.5, 0.24e-3), (0.95, LONGEST))
"""The worker's share of a core, and the quantum that is fair for it; linear in between. Up to half a core it stays
below a quarter of a millisecond, so that with the wake-up itself nearly all slots are sent within 0.3 ms."""
PART = 0.5
"""The slots of one quantum need at most this part of the connections. The others may still wait for the target."""


def quantum(load: float, connections: int, rate: float) -> float:
    """Seconds. `load` is the worker's share of a core (0 to 1), `rate` its own, in requests/s."""
    fair = _fair(load)
    return fair if rate <= 0 else min(fair, PART * max(1, connections) / rate)


def _fair(load: float) -> float:
    if load <= CURVE[0][0]:
        return SHORTEST
    for (low, first), (high, last) in pairwise(CURVE):
        if load < high:
            return first + (last - first) * (load - low) / (high - low)
    return LONGEST
