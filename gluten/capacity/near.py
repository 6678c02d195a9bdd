"""The next rate near the answer, once all rates together tell roughly where the answer is (`crossing`). Pure.

As long as the answer is unsure, the search tries the middle of the likely rates. Then a rate a little above the middle
has to miss, and one a little below has to hold. A rate at the middle itself can never be decided.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from gluten.capacity.crossing import Crossing
from gluten.capacity.facts import Knowledge, Known

_UNSURE = 0.04
"""The answer is known roughly when its standard deviation, as a part of it, is no more than this."""
_AWAY = 2.1
"""A rate can be decided if it is this many standard deviations from the middle."""
_NARROW, _WIDE = 0.027, 0.05
"""The greatest distance of a rate from the middle, as a part of the middle: `_NARROW`, or `_WIDE` if the answer becomes
sure slowly."""
_GOAL = 0.33
"""The part of the search's time after which wider distances are accepted."""
_SLACK = 0.004
_CLOSE = 0.4
"""A rate that has to miss is left if it is less than this part of the wanted distance above the middle."""
_HELD = 0.15
"""A rate that holds is near enough if it is at most this far below the middle, in logarithms."""
_LIKELY, _BRIEF, _LONG = 0.8, 4, 12
"""A trial at the middle takes `_BRIEF` to `_LONG` seconds. It ends early once the side of the answer is `_LIKELY`
sure."""
_LEAST, _HOLDS = 8, 2
"""A rate that has to miss is tried for at least `_LEAST` seconds, and at most for the time of `_HOLDS` holds."""


class Near(NamedTuple):
    """`used` is the part of the time that is over, `hold` the seconds of a hold."""

    crossing: Crossing
    precision: float
    hold: float
    used: float

    @property
    def reach(self) -> float:
        """How far from the middle a rate may be. After `_GOAL` of the time it may be as far as can be told apart."""
        wide = min(_WIDE, _AWAY * self.crossing.spread) if self.used > _GOAL else 0.0
        return max(self.precision / 2, _NARROW, wide)

    @property
    def width(self) -> float:
        """An interval is narrow enough if the quotient of its ends is at most this. A narrower one would take too
        long."""
        return (1 + self.reach) ** 2 + _SLACK

    @property
    def _distance(self) -> float:
        return min(self.reach, max(self.precision / 2, _AWAY * self.crossing.spread))

    def enough(self, one: Known, own: int) -> bool:
        """More seconds at this rate would not help now. `own`: those of the trial that goes on."""
        if own < _BRIEF or one.sure is None:
            return False
        if self.crossing.spread > _UNSURE:
            return own >= _LONG or not 1 - _LIKELY < one.sure < _LIKELY
        if own < _LEAST:
            return False
        close = math.log(one.rate) < self.crossing.middle + _CLOSE * self._distance
        return one.holds or one.misses or close or own >= _HOLDS * self.hold

    def next(self, known: Knowledge) -> float | None:
        """The rate that has to miss, or one that tells roughly where the answer is. None: only a hold is left to do."""
        if self.crossing.spread > _UNSURE:
            return math.exp(self.crossing.middle)
        up = math.exp(self.crossing.middle + self._distance)
        if _bound(known) <= up * (1 + self.reach / 2):
            return None
        held = any(one.holds and math.log(one.rate) > self.crossing.middle - _HELD for one in known.values())
        return up if held or not any(self._spent(one) for one in known.values()) else None

    def last(self, known: Knowledge) -> float:
        """The rate that has to hold. It is as near to the lowest rate that misses as is likely to hold."""
        middle, high = self.crossing.middle, _bound(known)
        low = max((one.rate for one in known.values() if one.holds and one.rate < high), default=0.0)
        failed = (one.rate for one in known.values() if one.rate > low and self._failed(one))
        sure = math.exp(middle - max(self.precision / 2, _AWAY * self.crossing.spread))
        wanted = max(sure, high / (1 + self.reach) ** 2)
        tried = min(failed, default=math.inf)
        if wanted >= tried * (1 - self.precision / 4):
            wanted = min(sure, tried * (1 - self.precision / 2))
        return max(low, min(wanted, math.exp(middle - self.precision / 2)))

    def _failed(self, one: Known) -> bool:
        """It had the time of a hold, and did not hold."""
        return one.seconds >= self.hold and not one.holds and not one.bounds

    def _spent(self, one: Known) -> bool:
        """It should miss, and has had its time."""
        above = math.log(one.rate) - self.crossing.middle
        inside = _CLOSE * self._distance <= above <= 2 * self.reach
        return inside and not one.misses and one.seconds >= _HOLDS * self.hold


def _bound(known: Knowledge) -> float:
    return min(one.rate for one in known.values() if one.bounds)
