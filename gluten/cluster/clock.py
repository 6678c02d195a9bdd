"""How far the master's monotonic clock is ahead of a node's, from the quickest of the latest round trips.

A heartbeat leaves at t0, reaches the master at t1, and its answer is back at t2 (t0 and t2 by the node's clock). If
both ways take equally long, the offset is t1 - (t0 + t2) / 2. It is wrong by at most half the round trip. So the
quickest round trip is the most exact one (RFC 5905, section 10, the clock filter).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

KEEP = 16


@dataclass(frozen=True, slots=True)
class Sample:
    """`offset`: master's clock minus the node's, in s; `rtt`: the round trip, in s."""

    offset: float
    rtt: float

    @property
    def error(self) -> float:
        """The offset is right within this many s."""
        return self.rtt / 2


class Clock:
    """Keeps the last `keep` round trips and finds the quickest."""

    def __init__(self, keep: int = KEEP) -> None:
        self._samples: deque[Sample] = deque(maxlen=keep)

    def add(self, t0: float, t1: float, t2: float) -> None:
        """Add a round trip. One of negative length is ignored."""
        if t2 >= t0:
            self._samples.append(Sample(t1 - (t0 + t2) / 2, t2 - t0))

    def clear(self) -> None:
        """Another master has another clock."""
        self._samples.clear()

    def __len__(self) -> int:
        return len(self._samples)

    @property
    def best(self) -> Sample | None:
        return min(self._samples, key=lambda sample: sample.rtt, default=None)
