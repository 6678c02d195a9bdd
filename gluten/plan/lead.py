"""How long before its effect an order is given, since it has to reach the nodes first. Before a load, workers are also
forked and connections opened."""

from __future__ import annotations

import math
from typing import NamedTuple


class Lead(NamedTuple):
    """`base` is the time in s without connections, `each` what each connection adds."""

    base: float
    each: float

    def seconds(self, connections: int) -> float:
        return self.base + self.each * connections


CLUSTER = Lead(0.3, 100e-6)
"""A run of a cluster; the round trip to the slowest node comes on top."""
ALONE = Lead(0.05, 60e-6)
"""A run of one host, which nobody else waits for."""
RESPAWN = Lead(0.1, 100e-6)
"""A worker that takes the place of a dead one."""

ALLOWANCE = 0.3
"""Seconds for an order to reach its node before the run-second from which it holds."""


def next_second(elapsed: float) -> float:
    """The first run-second from which an order can hold, if it is given `elapsed` seconds after the run's start."""
    return float(math.floor(elapsed + ALLOWANCE) + 1) if elapsed > -ALLOWANCE else 0.0
