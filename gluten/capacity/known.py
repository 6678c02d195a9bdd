"""What is known of each rate that was tried, from all its trials together. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from gluten.capacity.confidence import confidence, steepness
from gluten.capacity.crossing import Asked, Crossing, crossing
from gluten.capacity.decision import CONFIDENCE, SearchPlan
from gluten.capacity.facts import Known
from gluten.capacity.look import Look
from gluten.capacity.standing import Figure, Standing, State, Z, allowed, pairs_of, standing
from gluten.capacity.trial import Trial, response_of
from gluten.slo.sure import Pairs
from gluten.stats.histogram import Histogram

_CUSHION = math.log(2)
_FEWEST = 3
_SURE, _DOUBT = 0.975, 0.8
"""All rates together decide about an undecided rate if they are `_SURE`. A decided one counts as undecided if they are
less sure of it than `_DOUBT`."""
_CLOSE = 0.15
"""A rate that is nearer to the answer than this, in logarithms, has to be held for the time of a hold."""
_TOLD = 3
"""A lower rate counts as evidence if this many of its requests would be allowed to count against the SLO."""
_IDLE = 0.5
"""At rates up to this part of the one that holds, requests hardly wait."""
_OWN = 5
"""The fewest seconds of a rate after which all rates together may decide about it."""


class Memory:
    """The knowledge of all trials. A rate whose seconds did not change is not judged again. `crossing`: where the
    answer is, by all rates together; None: they do not say."""

    def __init__(self, plan: SearchPlan) -> None:
        self._plan = plan
        self._judged: dict[float, tuple[tuple[int, int, int], Known]] = {}
        self._key: object = None
        self._together: dict[float, Known] = {}
        self.crossing: Crossing | None = None
        self._own: Mapping[float, Known] = {}
        self._looks: Mapping[float, Sequence[Look]] = {}
        self._told: dict[tuple[float, float], float] = {}

    def recall(self, trials: Sequence[Trial], hold: float) -> dict[float, Known]:
        """By rate, of those of which anything is known. `hold`: seconds of a hold."""
        by_rate: dict[float, list[Trial]] = {}
        for trial in (one for one in trials if one.known is None):
            by_rate.setdefault(trial.rate, []).append(trial)
        own = {rate: self._one(rate, some, hold) for rate, some in by_rate.items() if _any(some)}
        key = [(rate, self._judged[rate][0]) for rate in own]
        if key != self._key:
            looks = {rate: [look for trial in by_rate[rate] for look in trial.looks] for rate in own}
            self.crossing = _crossing(own, looks)
            self._own, self._looks, self._told = own, looks, {}
            self._key, self._together = key, {rate: _together(one, self.crossing, hold) for rate, one in own.items()}
        return dict(self._together)

    def confidence(self, holds: float | None, misses: float | None) -> float:
        """How sure it is that the answer lies between these rates. If the SLO is about no share of requests, each rate
        was decided alone, with 95 % confidence."""
        found = self._own.get(misses or 0.0)
        share = allowed(found.standing.slo) if found and found.standing.slo else None
        if found is None or found.standing.slo is None or not share or share >= 1 or holds is None or misses is None:
            return CONFIDENCE
        if (holds, misses) not in self._told:
            counts = _counts(found.standing, self._own, self._looks)
            asked = Asked(found.standing.slo, share, holds, misses, counts)
            self._told[holds, misses] = confidence(asked, steepness(self._work(holds)))
        return min(CONFIDENCE, self._told[holds, misses])

    def _work(self, holds: float) -> Histogram:
        """The response times at rates so low that nobody waits."""
        return response_of([look for rate, some in self._looks.items() if rate <= holds * _IDLE for look in some])

    def forget(self) -> None:
        """Judge everything again: a second was replaced."""
        self._judged.clear()
        self._key = None

    def _one(self, rate: float, trials: Sequence[Trial], hold: float) -> Known:
        looks = [look for trial in trials for look in trial.looks]
        limited = next((found for trial in reversed(trials) if (found := trial.limited)), None)
        key = (len(looks), looks[-1].second if looks else 0, sum(len(trial.behind) for trial in trials))
        if rate not in self._judged or self._judged[rate][0] != key:
            stand = judged(self._plan, looks, hold)
            if stand.state is State.HOLDS and not _repeated(self._plan, trials[-1].looks, hold):
                stand = stand._replace(state=State.UNDECIDED)
            missed = bool(looks) and stand.state is State.MISSES
            self._judged[rate] = (key, Known(rate, len(looks), stand, None if missed else limited))
        return self._judged[rate][1]


def _crossing(own: Mapping[float, Known], looks: Mapping[float, Sequence[Look]]) -> Crossing | None:
    """By the SLO that decides at the lowest rate that misses, or is undecided near it. Where nothing counts against it
    at any lower rate, nobody knows how its share rises: then the interval is bisected."""
    high = min((one for one in own.values() if one.misses), key=_rate, default=None)
    if high is None:
        return None
    below = [one for one in own.values() if one.rate < high.rate and not one.limited]
    unsure = [one for one in below if one.rate >= high.rate / 2 and one.standing.state is State.UNDECIDED]
    stand = max(unsure, key=_rate, default=high).standing
    share = allowed(stand.slo) if stand.slo else None
    told = [one.rate for one in below if one.standing.likely and one.seconds * one.rate * (share or 0.0) >= _TOLD]
    if stand.slo is None or share is None or not told:
        return None
    low = min([max(told), *(one.rate for one in unsure)])
    counts = _counts(stand, own, looks)
    if not any(hits for rate in counts if rate < high.rate for hits, _ in counts[rate]):
        return None
    return crossing(Asked(stand.slo, share, low, high.rate, counts))


def _counts(stand: Standing, own: Mapping[float, Known], looks: Mapping[float, Sequence[Look]]) -> dict[float, Pairs]:
    """What counts against the SLO that decides, by rate."""
    assert stand.slo is not None
    return {rate: pairs_of(stand.slo, stand.of, some) for rate, some in looks.items() if not own[rate].limited}


def _rate(one: Known) -> float:
    return one.rate


def _together(one: Known, found: Crossing | None, hold: float) -> Known:
    """What all rates together say about this one. They never decide against its own seconds. Near the answer a rate
    counts as holding only after the time of a hold."""
    stand = one.standing
    if found is None or one.limited or not stand.alone or not found.covers(one.rate):
        return one
    sure, state = found.above(one.rate), stand.state
    if state is State.UNDECIDED and one.seconds >= _OWN:
        if sure >= _SURE and stand.likely:
            state = State.HOLDS
        elif sure <= 1 - _SURE and not stand.likely:
            state = State.MISSES
    elif state is State.MISSES and sure > 1 - _DOUBT:
        state = State.UNDECIDED
    close = math.log(one.rate) > found.middle - _CLOSE
    if state is State.HOLDS and close and (sure < _DOUBT or one.seconds < hold):
        state = State.UNDECIDED
    return one._replace(standing=stand._replace(state=state), sure=sure)


def judged(plan: SearchPlan, looks: Sequence[Look], hold: float) -> Standing:
    """How these seconds stand. Before a hold is over it takes more to decide, since each second is another chance to
    decide by luck: 99 % confidence, and in the first half a share that is half, or twice, as large as is allowed."""
    long = len(looks) >= hold
    found = standing(plan.slos, looks, long, 0.95 if long else 0.99)
    if len(looks) >= hold / 2 or found.figure is None or _far(found.figure):
        return found
    if found.state is State.MISSES and _hopeless(plan, looks):
        return found
    return found._replace(state=State.UNDECIDED)


def promising(one: Known) -> bool:
    """The rate seems to hold, but is not sure yet. As many seconds again should decide it."""
    if one.sure is not None:
        return one.standing.likely and one.sure >= _DOUBT
    found = one.standing
    return found.likely and (found.figure is None or found.figure.log < -found.figure.error * Z[0.95] / math.sqrt(2))


def _far(figure: Figure) -> bool:
    return abs(figure.log) > Z[0.99] * figure.error + _CUSHION


def _repeated(plan: SearchPlan, newest: Sequence[Look], hold: float) -> bool:
    """The newest hold does not speak against the ones before."""
    return len(newest) < hold or standing(plan.slos, newest, True, 0.95).likely


def _hopeless(plan: SearchPlan, looks: Sequence[Look]) -> bool:
    """There is no second in which the SLOs hold."""
    return len(looks) >= _FEWEST and not any(standing(plan.slos, [look], False, 0.99).likely for look in looks)


def _any(trials: Sequence[Trial]) -> bool:
    return any(trial.looks or trial.behind for trial in trials)
