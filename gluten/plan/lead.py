"""How long before its start a load is ordered: the order travels, workers are forked, connections are opened."""

from __future__ import annotations

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
