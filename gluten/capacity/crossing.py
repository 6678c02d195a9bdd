"""Where the answer is, by all that was counted at all rates near it. Pure.

Near the answer the logarithm of the share that counts against an SLO rises about linearly with that of the rate. Of a
queue the slope is the rate times the limit: the tail of its response times falls exponentially, by its spare capacity.
So what is seen at one rate says much of its neighbours, and a rate is decided in a fraction of the time.

The likelihood of each place of the answer, and of some slopes, is that of a binomial count, worth as many independent
requests as the scatter of the seconds tells. Slow answers come in clusters, and a short look may see none: so at first
one cluster in ten seconds is assumed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gluten.slo.slo import TIMES, Slo
from gluten.slo.sure import Pairs

_PLACES = 120
_BELOW, _ABOVE = 0.8, 1.15
"""The answer is looked for from this part of the highest rate that holds to this part of the lowest that does not."""
_SLOPES = {0.5: 0.14, 0.7: 0.6, 1.0: 1.0, 1.4: 0.6, 2.0: 0.14, 4.0: 0.05, 8.0: 0.04, 16.0: 0.03, 32.0: 0.02}
"""By the quotient of the slope and the expected slope: how likely it is, as a weight. If the target is no queue, the
slope may be far steeper."""
_SLOPE, _FLATTEST, _STEEPEST = 40.0, 3.0, 200.0
_CLUSTERS = 0.045
"""How many clusters a second are assumed."""
_ASSUMED = 10
"""The assumption counts as much as this many seconds that were seen."""
_MOST_ALIKE = 0.8
"""The highest correlation that is assumed between the counts of neighbouring seconds."""
_TOLD = 5
"""Larger shares, over what is allowed, come in larger clusters: they do not tell the size of those at the answer."""
_CAP = 2.5
"""A share that is further above the limit than this, in logarithms, counts as if it were this far above."""


class Crossing(NamedTuple):
    """How likely each place of the answer is; `places` are logarithms of rates, a `step` apart."""

    places: Sequence[float]
    weights: Sequence[float]
    step: float

    def covers(self, rate: float) -> bool:
        """The rate is one of the places."""
        return self.places[0] <= math.log(rate) <= self.places[-1]

    def above(self, rate: float) -> float:
        """How sure it is that the answer is higher than `rate`: that the rate holds."""
        at, half = math.log(rate), self.step / 2
        parts = (min(1.0, max(0.0, (place + half - at) / self.step)) for place in self.places)
        return math.fsum(weight * part for weight, part in zip(self.weights, parts, strict=True))

    @property
    def middle(self) -> float:
        """The logarithm of the rate that is expected."""
        return math.fsum(map(float.__mul__, self.weights, self.places))

    @property
    def spread(self) -> float:
        """Its standard deviation."""
        middle = self.middle
        terms = (weight * (place - middle) ** 2 for weight, place in zip(self.weights, self.places, strict=True))
        return math.sqrt(math.fsum(terms) + self.step**2 / 12)


class Count(NamedTuple):
    """What was seen at one rate, as independent requests."""

    place: float
    hits: float
    misses: float


class Grid(NamedTuple):
    """The places and the slopes that are weighed, and how likely each slope is. `limit`: the logit of the share that is
    allowed."""

    places: Sequence[float]
    slopes: Mapping[float, float]
    limit: float
    step: float


class Asked(NamedTuple):
    """Where the answer to an SLO is looked for: `low` holds, `high` does not. `counts`: by rate, what counted against
    it in each second, of which the share `allowed` may."""

    slo: Slo
    allowed: float
    low: float
    high: float
    counts: Mapping[float, Pairs]

    @property
    def near(self) -> Mapping[float, Pairs]:
        """The rates that tell where it is."""
        bottom, top = self.low * _BELOW, self.high * _ABOVE
        return {rate: pairs for rate, pairs in self.counts.items() if bottom <= rate <= top and pairs}

    @property
    def slope(self) -> float:
        """The slope of a queue."""
        if self.slo.what.measure not in TIMES:
            return _SLOPE
        rate = math.sqrt(self.low * _BELOW * self.high * _ABOVE)
        return min(_STEEPEST, max(_FLATTEST, rate * self.slo.limit / 1e6))


def crossing(asked: Asked) -> Crossing | None:
    """Where it is, as far as a search has to know it to go on. `confidence` knows better how sure that is."""
    near = asked.near
    if not near or not 0 < asked.allowed < 1:
        return None
    return weigh(grid(asked, _SLOPES), _independent(near, asked.allowed))[0]


def grid(asked: Asked, slopes: Mapping[float, float]) -> Grid:
    """What is weighed. `slopes`: how likely each is, as a part of what is expected."""
    bottom, top = math.log(asked.low * _BELOW), math.log(asked.high * _ABOVE)
    step = (top - bottom) / _PLACES
    places = [bottom + step * (at + 0.5) for at in range(_PLACES)]
    likely = {asked.slope * part: prior for part, prior in slopes.items()}
    return Grid(places, likely, math.log(asked.allowed / (1 - asked.allowed)), step)


def weigh(of: Grid, seen: Sequence[Count]) -> tuple[Crossing, float]:
    """How likely each place is; and the slope that is expected."""
    logs = [[_likelihood(place, slope, of.limit, seen) for slope in of.slopes] for place in of.places]
    most, priors = max(map(max, logs)), of.slopes.values()
    found = [[math.exp(log - most) * prior for log, prior in zip(row, priors, strict=True)] for row in logs]
    weights = list(map(math.fsum, found))
    whole = math.fsum(weights)
    slope = math.fsum(math.fsum(map(float.__mul__, row, of.slopes)) for row in found) / whole
    return Crossing(of.places, [weight / whole for weight in weights], of.step), slope


def _likelihood(place: float, slope: float, limit: float, seen: Sequence[Count]) -> float:
    # Computed a thousand times for each second of a search: log1p(exp(x)) is x + log1p(exp(-x)).
    found = 0.0
    for rate, hits, misses in seen:
        away = slope * (rate - place)
        away = limit + (_CAP if away > _CAP else -30.0 if away < -30.0 else away)
        found -= (hits + misses) * math.log1p(math.exp(-away)) + misses * away
    return found


def _independent(near: Mapping[float, Pairs], allowed: float) -> list[Count]:
    """What was counted, divided by what one independent request is worth."""
    variance, independent = _variance([pairs for pairs in near.values() if _share(pairs) < _TOLD * allowed])
    found = []
    for rate, pairs in near.items():
        count = sum(of for _, of in pairs)
        assumed = _ASSUMED * allowed * count / len(pairs)
        cluster = max(1.0, allowed * count / len(pairs) / _CLUSTERS)
        worth = max(1.0, (variance + assumed * cluster) / (independent + assumed))
        found.append(counted(rate, pairs, allowed, worth))
    return found


def counted(rate: float, pairs: Pairs, allowed: float, worth: float) -> Count:
    """What was seen at a rate. Shares far above the limit are no more than far above."""
    most = 1 / (1 + (1 - allowed) / allowed * math.exp(-_CAP))
    count = sum(of for _, of in pairs)
    hits = min(count * most, sum(times for times, _ in pairs))
    return Count(math.log(rate), hits / worth, (count - hits) / worth)


def _variance(some: Sequence[Pairs]) -> tuple[float, float]:
    """(the variance of the counts, what it would be of independent requests). Neighbouring seconds are alike."""
    own = alike = independent = 0.0
    for pairs in some:
        many, share = len(pairs), _share(pairs)
        away = [times - share * of for times, of in pairs]
        scatter = math.fsum(map(float.__mul__, away, away)) * many / max(1, many - 1)
        own += scatter
        alike += math.fsum(map(float.__mul__, away, away[1:])) + scatter / many
        independent += share * (1 - share) * sum(of for _, of in pairs)
    factor = min(_MOST_ALIKE, max(0.0, alike / own)) if own else 0.0
    return own * (1 + factor) / (1 - factor), independent


def _share(pairs: Pairs) -> float:
    return sum(times for times, _ in pairs) / max(1, sum(of for _, of in pairs))
