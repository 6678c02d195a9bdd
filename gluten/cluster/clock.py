"""How far the master's monotonic clock is ahead of a node's, from the quickest of the latest round trips.

A heartbeat leaves at t0, the master stamps it with t1, the answer is here at t2 (t0, t2 by the node's clock). If
both ways took equally long the offset is t1 - (t0 + t2) / 2; it is wrong by at most half the round trip. So the
quickest round trip knows best (RFC 5905, section 10, the clock filter).
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
    """The best of the last `keep` round trips."""

    def __init__(self, keep: int = KEEP) -> None:
        self._samples: deque[Sample] = deque(maxlen=keep)

    def add(self, t0: float, t1: float, t2: float) -> None:
        """A round trip; one that took less than no time says nothing."""
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
