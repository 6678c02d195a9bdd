"""What is known of each rate that was tried, from all its trials together. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gluten.capacity.decision import SearchPlan
from gluten.capacity.facts import Known
from gluten.capacity.look import Look
from gluten.capacity.standing import Figure, Standing, State, Z, standing
from gluten.capacity.trial import Trial

_CUSHION = math.log(2)
_FEWEST = 3


class Memory:
    """The knowledge of all trials. A rate whose seconds did not change is not judged again."""

    def __init__(self, plan: SearchPlan) -> None:
        self._plan = plan
        self._judged: dict[float, tuple[tuple[int, int, int], Known]] = {}

    def recall(self, trials: Sequence[Trial], hold: float) -> dict[float, Known]:
        """By rate, of those of which anything is known. `hold`: seconds of a hold."""
        by_rate: dict[float, list[Trial]] = {}
        for trial in (one for one in trials if one.known is None):
            by_rate.setdefault(trial.rate, []).append(trial)
        return {rate: self._one(rate, some, hold) for rate, some in by_rate.items() if _any(some)}

    def forget(self) -> None:
        """Judge everything again: a second was replaced."""
        self._judged.clear()

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


def promising(found: Standing) -> bool:
    """It holds, and is not sure: as many seconds again should tell."""
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
