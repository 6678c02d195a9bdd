"""The seconds of a run so far, in little memory. Older ones are packed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gluten.stats.delta import Delta
from gluten.stats.packed_delta import pack, unpack

OPEN = 10
"""Seconds that stay unpacked: a late worker adds to one of these."""


class Seconds(Mapping[int, Delta]):
    """Run-second -> everything counted in it. A packed second is unpacked at each access."""

    def __init__(self, kept_open: int = OPEN) -> None:
        self._kept_open = kept_open
        self._open: dict[int, Delta] = {}
        self._packed: dict[int, bytes] = {}

    def add(self, delta: Delta) -> None:
        """Add a later delta of the same source. Its second may have been reported before."""
        known = self._open.get(delta.second)
        packed = self._packed.pop(delta.second, None)
        if packed is not None:
            known = self._open[delta.second] = unpack(packed)
        if known is None:
            self._open[delta.second] = delta
        else:
            known.follow(delta)
        while len(self._open) > self._kept_open:
            oldest = min(self._open)
            self._packed[oldest] = pack(self._open.pop(oldest))

    def __getitem__(self, second: int) -> Delta:
        found = self._open.get(second)
        return found if found is not None else unpack(self._packed[second])

    def __contains__(self, second: object) -> bool:
        return second in self._open or second in self._packed  # without unpacking it

    def __iter__(self) -> Iterator[int]:
        return iter(sorted((*self._packed, *self._open)))

    def __len__(self) -> int:
        return len(self._packed) + len(self._open)
