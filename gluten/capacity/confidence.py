"""How sure is it that the answer lies between the two rates that a search tells? Pure.

A search goes on by a guess of how many slow answers come together (`crossing`). It is quick to get, and too small: the
looks are short, they are compared with their own average, and those with a large cluster are left out. So the search
does not know how sure it is. Here the size of the clusters comes from two better sources. A queue has a size that
follows from the SLO. And the counts of all seconds scatter around the shares that are expected at their rates, so that
a look without a cluster tells as much as one with a cluster. The slope of the shares is less sure, too: it is twice the
expected one where the work is always the same, and a third of it where it scatters much.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from gluten.capacity.crossing import Asked, Crossing, counted, grid, weigh
from gluten.slo.slo import TIMES
from gluten.slo.sure import Pairs

_SLOPES = {
    0.25: 0.05,
    0.35: 0.1,
    0.5: 0.3,
    0.7: 0.7,
    1.0: 1.0,
    1.4: 0.7,
    2.0: 0.3,
    4.0: 0.06,
    8.0: 0.04,
    16.0: 0.03,
    32.0: 0.02,
}
"""By the quotient of the slope and the expected slope: how likely it is, as a weight."""
_SECONDS = 22.0
"""For an SLO that is not about a time, one cluster is assumed in this many seconds."""
_OF_QUEUE = 0.8
"""The size in the formula of a queue counts the waits alone. The work itself scatters too, and makes it smaller."""
_ASSUMED = 3.0
"""The assumed size of a cluster counts as much as this many clusters that were seen."""
_UNSEEN = 1.5
"""A short series hides some of its scatter: the seconds of a cluster that lasts longer than a look."""
_MOST_ALIKE = 0.8
"""The highest correlation that is assumed between the counts of neighbouring seconds."""
_FAR = math.log(5)
"""Rates whose share is further above the limit than this, in logarithms, tell nothing about clusters at the answer."""


class _Line(NamedTuple):
    """The share that is expected at a rate: `limit` is the logit of what is allowed, met at the `middle`."""

    limit: float
    middle: float
    slope: float

    def above(self, rate: float) -> float:
        """How far the share is above what is allowed, in logarithms."""
        return max(-30.0, self.slope * (math.log(rate) - self.middle))

    def share(self, rate: float) -> float:
        return 1 / (1 + math.exp(-self.limit - self.above(rate)))


def confidence(asked: Asked) -> float:
    """The part of the likelihood that lies between the rates `low` and `high`, in whole percent."""
    size = _of_queue(asked)
    rough, slope = _weighed(asked, size)
    limit = math.log(asked.allowed / (1 - asked.allowed))
    found, _ = _weighed(asked, _size(asked.near, _Line(limit, rough.middle, slope), size))
    return math.floor(100 * max(0.0, found.above(asked.low) - found.above(asked.high))) / 100


def _weighed(asked: Asked, size: float) -> tuple[Crossing, float]:
    seen = [counted(rate, pairs, asked.allowed, size) for rate, pairs in asked.near.items()]
    return weigh(grid(asked, _SLOPES), seen)


def _of_queue(asked: Asked) -> float:
    """The size of the clusters of a queue: the variance of a count over that of independent requests.

    The work before the servers is a random walk with a drift v down and a variance s a second. Its times above a level
    have the mean s / 2v² and the mean square s² / v⁴. So a count at the rate r scatters 2rs / v² times as much. With v
    and s from the slope and the share that is allowed, this is (2 slope / log share)².
    """
    if asked.slo.what.measure not in TIMES:
        return max(1.0, asked.allowed * math.sqrt(asked.low * asked.high) * _SECONDS)
    return max(1.0, _OF_QUEUE * (2 * asked.slope / math.log(asked.allowed)) ** 2)


def _size(near: Mapping[float, Pairs], line: _Line, before: float) -> float:
    """The size of the clusters by what was seen; `before`: the assumed one."""
    variance, independent = _variance(near, line)
    known = _ASSUMED * before
    return max(1.0, (_UNSEEN * variance + known * before) / (independent + known))


def _variance(near: Mapping[float, Pairs], line: _Line) -> tuple[float, float]:
    """(the variance of the counts, what it would be of independent requests). Neighbouring seconds are alike."""
    own = alike = independent = 0.0
    for rate, pairs in near.items():
        if line.above(rate) > _FAR:
            continue
        share = line.share(rate)
        away = [times - share * of for times, of in pairs]
        own += math.fsum(map(float.__mul__, away, away))
        alike += math.fsum(map(float.__mul__, away, away[1:]))
        independent += share * (1 - share) * sum(of for _, of in pairs)
    factor = min(_MOST_ALIKE, max(0.0, alike / own)) if own else 0.0
    return own * (1 + factor) / (1 - factor), independent
