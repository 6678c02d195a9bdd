"""How sure is it that the answer lies between the two rates that a search tells? Pure.

A search goes on by a guess of how many slow answers come together (`crossing`). It is quick to get, and too small: the
looks are short, they are compared with their own average, and those with a large cluster are left out. So the search
does not know how sure it is. Here three things are taken from better sources.

- The size of the clusters. A queue has a size that follows from the SLO. And the counts of all seconds scatter around
  the shares that are expected at their rates, so that a look without a cluster tells as much as one with a cluster.
- How steeply the share rises. It does so more slowly where the work scatters much, which is seen at low rates, where
  nobody waits. What is left is unsure: the slope may be a quarter of that, or twice as much.
- A floor. Some answers are slow at any rate, since their own work takes so long. They hide how steep the rest is: a
  share that is half of what is allowed may be far from the answer, or near it. Low rates show it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gluten.capacity.crossing import Asked, Count, Crossing, counted
from gluten.slo.slo import TIMES
from gluten.slo.sure import Pairs
from gluten.stats.histogram import Histogram

_SLOPES = {0.25: 0.05, 0.35: 0.1, 0.5: 0.3, 0.7: 0.7, 1.0: 1.0, 1.4: 0.7, 2.0: 0.3, 4.0: 0.06, 8.0: 0.04, 20.0: 0.05}
"""By the quotient of the slope and the expected slope: how likely it is, as a weight. If the target is no queue, the
slope may be far steeper."""
_FLOORS = {0.0: 0.65, 0.25: 0.2, 0.5: 0.15}
"""By the part of the allowed share that is a floor: how likely it is, as a weight."""
_NONE = {0.0: 1.0}
"""An SLO that is not about a time is taken to have no floor."""
_PLACES = 70
_BELOW, _ABOVE = 0.75, 1.12
"""The answer is looked for from this part of the rate that holds to this part of the one that does not."""
_LOWEST = 0.5
"""Rates above this part of the one that holds tell about the floor."""
_CAP = 2.5
"""A share that is further above the limit than this, in logarithms, counts as if it were this far above."""
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
_FAR, _NEAR = math.log(5), 0.8
"""Rates tell nothing about clusters at the answer if their share is further above the limit than `_FAR`, in logarithms,
or if they are below `_NEAR` of the rate that holds."""
_SMALLEST = 0.3
"""Where the share is smaller, the clusters are smaller, too, but never below this part of their size."""
_FLATTEST = 0.1


class _Line(NamedTuple):
    """The share that is expected at a rate: `limit` is the logit of what is allowed, met at the `middle`. The part
    `floor` of it is there at any rate."""

    limit: float
    middle: float
    slope: float
    floor: float

    def above(self, rate: float) -> float:
        """How far what is no floor is above what it is at the limit, in logarithms."""
        return max(-30.0, self.slope * (math.log(rate) - self.middle))

    def share(self, rate: float) -> float:
        rises = self.floor + (1 - self.floor) * math.exp(self.above(rate))
        return 1 / (1 + math.exp(-self.limit) / rises)


def confidence(asked: Asked, steep: float = 1.0) -> float:
    """The part of the likelihood that lies between the rates `low` and `high`, in whole percent. `steep`: how steeply
    the share rises, by `steepness`."""
    size = _assumed(asked)
    floor = sum(map(float.__mul__, _FLOORS, _FLOORS.values())) if _is_time(asked) else 0.0
    guess = _Line(0.0, math.log(asked.low * asked.high) / 2, 0.0, floor)
    _, line = _weighed(asked, steep, size, guess)
    found, _ = _weighed(asked, steep, _size(asked, line, size), line)
    return math.floor(100 * max(0.0, found.above(asked.low) - found.above(asked.high))) / 100


def steepness(work: Histogram) -> float:
    """How steeply the share of a queue rises, as a part of what it does where the work is random.

    `work`: the times at rates where nobody waits. The tail of the waits falls by 2 / (1 + c²) of that, where c is the
    deviation of the work over its mean (Kingman, 1962). Work that scatters less promises nothing: a part of the time
    may be spent on the way, where no server is busy.
    """
    if not work.mean:
        return 1.0
    return min(1.0, max(_FLATTEST, 2 / (1 + (work.stdev / work.mean) ** 2)))


def _is_time(asked: Asked) -> bool:
    return asked.slo.what.measure in TIMES


def _tells(asked: Asked) -> Mapping[float, Pairs]:
    bottom, top = asked.low * _LOWEST, asked.high * 1.15
    return {rate: pairs for rate, pairs in asked.counts.items() if bottom <= rate <= top and pairs}


# How likely each place of the answer is


def _weighed(asked: Asked, steep: float, size: float, line: _Line) -> tuple[Crossing, _Line]:
    """How likely each place is; and what is expected. The clusters have this `size` at the answer."""
    sizes = _Sizes(asked, size, steep * asked.slope, line)
    seen = [counted(rate, pairs, asked.allowed, sizes.at(rate)) for rate, pairs in _tells(asked).items()]
    return _Weights(asked, steep).of(seen)


class _Sizes:
    """How large the clusters are at each rate.

    The size of those of a queue falls with the square of the logarithm of the share, so they are smaller at low rates.
    What is a floor comes in no clusters.
    """

    def __init__(self, asked: Asked, size: float, slope: float, line: _Line) -> None:
        self._size, self._slope, self._line = size, slope, line
        self._log, self._same = math.log(asked.allowed), not _is_time(asked)

    def at(self, rate: float) -> float:
        if self._same:
            return self._size
        below = min(0.0, self._slope * (math.log(rate) - self._line.middle))
        waits = (1 - self._line.floor) * math.exp(below)
        part = (self._log / (self._log + below)) ** 2 * waits / (waits + self._line.floor)
        return max(1.0, self._size * max(_SMALLEST, part))


class _Weights:
    """The places, slopes and floors that are weighed."""

    def __init__(self, asked: Asked, steep: float) -> None:
        bottom, top = math.log(asked.low * _BELOW), math.log(asked.high * _ABOVE)
        self._step = (top - bottom) / _PLACES
        self._places = [bottom + self._step * (at + 0.5) for at in range(_PLACES)]
        self._expected = asked.slope * steep
        self._odds = asked.allowed / (1 - asked.allowed)
        self._floors = _FLOORS if _is_time(asked) else _NONE

    def of(self, seen: Sequence[Count]) -> tuple[Crossing, _Line]:
        logs = [[self._logs(place, self._expected * part, seen) for part in _SLOPES] for place in self._places]
        most = max(max(map(max, of_place)) for of_place in logs)
        places = [0.0] * _PLACES
        slopes = floors = 0.0
        for at, of_place in enumerate(logs):
            for (part, prior), of_slope in zip(_SLOPES.items(), of_place, strict=True):
                for (floor, likely), log in zip(self._floors.items(), of_slope, strict=True):
                    weight = math.exp(log - most) * prior * likely
                    places[at] += weight
                    slopes += weight * part * self._expected
                    floors += weight * floor
        whole = math.fsum(places)
        found = Crossing(self._places, [weight / whole for weight in places], self._step)
        return found, _Line(math.log(self._odds), found.middle, slopes / whole, floors / whole)

    def _logs(self, place: float, slope: float, seen: Sequence[Count]) -> list[float]:
        """By floor. The longer the work itself takes, the less of the limit is left to wait in: a flatter slope."""
        found = [0.0] * len(self._floors)
        for rate, hits, misses in seen:
            for at, floor in enumerate(self._floors):
                above = min(_CAP, max(-30.0, slope * (1 - floor) * (rate - place)))
                odds = self._odds * (floor + (1 - floor) * math.exp(above))
                found[at] += hits * math.log(odds) - (hits + misses) * math.log1p(odds)
        return found


# The size of the clusters


def _assumed(asked: Asked) -> float:
    """The size of the clusters of a queue: the variance of a count over that of independent requests.

    The work before the servers is a random walk with a drift v down and a variance s a second. Its times above a level
    have the mean s / 2v² and the mean square s² / v⁴. So a count at the rate r scatters 2rs / v² times as much. With v
    and s from the slope and the share that is allowed, this is (2 slope / log share)² where the work is random. Where
    it scatters more, the formula gives less. But few long pieces of work make clusters of their own, so this stays.
    """
    if not _is_time(asked):
        return max(1.0, asked.allowed * math.sqrt(asked.low * asked.high) * _SECONDS)
    return max(1.0, _OF_QUEUE * (2 * asked.slope / math.log(asked.allowed)) ** 2)


def _size(asked: Asked, line: _Line, before: float) -> float:
    """The size of the clusters by what was seen; `before`: the assumed one."""
    variance, independent = _variance(asked, line)
    known = _ASSUMED * before
    return max(1.0, (_UNSEEN * variance + known * before) / (independent + known))


def _variance(asked: Asked, line: _Line) -> tuple[float, float]:
    """(the variance of the counts, what it would be of independent requests). Neighbouring seconds are alike."""
    own = alike = independent = 0.0
    for rate, pairs in _tells(asked).items():
        if rate < asked.low * _NEAR or line.above(rate) > _FAR:
            continue
        share = line.share(rate)
        away = [times - share * of for times, of in pairs]
        own += math.fsum(map(float.__mul__, away, away))
        alike += math.fsum(map(float.__mul__, away, away[1:]))
        independent += share * (1 - share) * sum(of for _, of in pairs)
    factor = min(_MOST_ALIKE, max(0.0, alike / own)) if own else 0.0
    return own * (1 + factor) / (1 - factor), independent
