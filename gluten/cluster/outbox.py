"""A slave's deltas and endings on their way to the master: kept until they are acknowledged.

In memory and bounded; a spool on disk takes its place behind the same methods.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gluten.net import messages as wire

MOST = 20_000
AGAIN = 5.0
"""A delta whose acknowledgement does not come is sent again after so many seconds (an ending sooner),"""
ENDING_AGAIN = 2.0
PROBE = 16
"""but no more than so many at a time: the answers tell whether more is of use."""

Key = tuple[str, int]
"""(run, epoch)."""


@dataclass(slots=True)
class Kept:
    message: wire.Message
    sent: float | None = None
    """When it was sent last; None: never, or the connection is a new one."""


class Outbox:
    """Deltas are numbered from 1 in each (run, epoch), in the order in which they come."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._deltas: dict[tuple[Key, int], Kept] = {}
        self._endings: dict[Key, Kept] = {}
        self._last: dict[Key, int] = {}

    def __len__(self) -> int:
        return len(self._deltas)

    @property
    def full(self) -> bool:
        """Load must end, since what it counts cannot be kept."""
        return len(self._deltas) >= self._most

    def add(self, run: str, epoch: int, delta: dict[str, Any]) -> None:
        number = self._last[(run, epoch)] = self._last.get((run, epoch), 0) + 1
        self._deltas[((run, epoch), number)] = Kept(wire.Delta(run, epoch, number, delta))

    def end(self, run: str, epoch: int, state: str, reason: str, ended: float, kind: str) -> None:
        """No delta follows."""
        last = self._last.pop((run, epoch), 0)
        self._endings[(run, epoch)] = Kept(wire.Ended(run, epoch, last, state, reason, max(0.0, ended), kind))

    def acknowledged(self, run: str, epoch: int, numbers: list[int]) -> None:
        for number in numbers:
            self._deltas.pop(((run, epoch), number), None)

    def closed(self, run: str, epoch: int) -> None:
        self._endings.pop((run, epoch), None)

    def reconnected(self) -> None:
        """What was sent may not have arrived."""
        for kept in (*self._deltas.values(), *self._endings.values()):
            kept.sent = None

    def due(self, now: float) -> Iterator[Kept]:
        """What is to be sent: all that is new, and the oldest of what was not answered."""
        probes = 0
        for kept in list(self._deltas.values()):
            if kept.sent is not None:
                if now - kept.sent < AGAIN or probes >= PROBE:
                    continue
                probes += 1
            yield kept
        # Endings last: the master then has seen every number up to the highest.
        for kept in list(self._endings.values()):
            if kept.sent is None or now - kept.sent >= ENDING_AGAIN:
                yield kept
