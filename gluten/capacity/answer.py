"""The document of a search, at any moment. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from gluten.capacity.ceiling import lack
from gluten.capacity.decision import ASKED, GENERATOR, TARGET, SearchPlan
from gluten.capacity.facts import Knowledge, Known
from gluten.capacity.standing import State
from gluten.capacity.trial import Trial, response_of
from gluten.capacity.words import BAD, Circumstances, sentence
from gluten.document_parts import CapacityDocument, CapacityTrial
from gluten.stats.request_stats import BAD_STATUS

_FAR, _HARDLY, _SURE = 3.0, -0.8, 2.0
"""A rate that is `_FAR` times lower should be much better: the logarithm of its share over the allowed one should be
below `_HARDLY`. It is no better if that logarithm is higher by `_SURE` standard errors."""


@dataclass(slots=True)
class Findings:
    """What is found about the whole search, not about one rate. `over`: why the search ended; empty: it goes on.
    `recovers` is None as long as there was no overload. The longest recovery took `recovery` seconds, and followed the
    rate `overload`."""

    over: str = ""
    recovers: bool | None = None
    recovery: int = 0
    overload: float | None = None
    moved: bool = False


class _Ends:
    """The ends of the interval. `bound` is the lowest rate that was too much for the target or for the generators."""

    def __init__(self, known: Knowledge) -> None:
        self.bound = min((one for one in known.values() if one.bounds), key=_rate, default=None)
        below = [one for one in known.values() if self.bound is None or one.rate < self.bound.rate]
        self.holds = max((one for one in below if one.holds), key=_rate, default=None)
        above = [one for one in known.values() if one.misses and (not self.holds or one.rate > self.holds.rate)]
        self.misses = min(above, key=_rate, default=None)

    @property
    def limit(self) -> str:
        if self.bound is None:
            return ASKED
        return GENERATOR if self.bound.limited else TARGET


def _rate(one: Known) -> float:
    return one.rate


Confidence = Callable[[float | None, float | None], float]
"""How sure it is that the answer lies between two rates."""


def document(
    plan: SearchPlan, trials: Sequence[Trial], known: Knowledge, findings: Findings, confidence: Confidence
) -> CapacityDocument:
    """The report's `capacity`."""
    ends = _Ends(known)
    holds, misses, bound = ends.holds, ends.misses, ends.bound
    found = {
        "unit": plan.unit,
        "holds": holds.rate if holds else None,
        "misses": misses.rate if misses else None,
        "confidence": confidence(holds and holds.rate, misses and misses.rate),
        "precision": plan.precision,
        "limit": ends.limit if findings.over else None,
        "node": bound.limited.name or None if bound and bound.limited else None,
        "slo": misses.standing.slo.text if misses and misses.standing.slo else None,
        "recovers": findings.recovers,
        "moved": findings.moved,
        "trials": [_trial(one, known) for one in trials if one.looks],
        "recovery": findings.recovery,
    } | ({} if plan.at_least is None else {"at_least": plan.at_least})
    whole = cast(CapacityDocument, found)
    whole["text"] = sentence(whole, _circumstances(ends, trials, known, findings))
    return whole


def _trial(trial: Trial, known: Knowledge) -> CapacityTrial:
    looks, one = trial.looks, trial.known or known[trial.rate]
    p50, p95, p99 = response_of(looks).percentiles([50, 95, 99])
    state = State.UNDECIDED if one.limited else one.standing.state
    plain: dict[str, Any] = {"rate": trial.rate, "from": looks[0].second, "to": looks[-1].second + 1}
    plain |= {"state": state.value, "slo": one.standing.slo.text if one.standing.slo else None}
    plain |= {"p50": p50, "p95": p95, "p99": p99, "errors": _bad_share(trial)}
    return cast(CapacityTrial, plain | {"in_flight": looks[-1].waiting})


def _bad_share(trial: Trial) -> float:
    answered = sum(look.answered for look in trial.looks)
    return (answered - sum(look.good for look in trial.looks)) / answered if answered else 0.0


def _circumstances(ends: _Ends, trials: Sequence[Trial], known: Knowledge, findings: Findings) -> Circumstances:
    told = [_newest(one, trials) for one in (ends.holds, ends.misses) if one]
    trial = next((one for one in told if one and _bad_share(one) > BAD), None)
    return Circumstances(
        over=findings.over,
        means=lack(ends.bound.limited) if ends.bound and ends.bound.limited else "",
        answer=_most_of_bad(trial) if trial else "",
        bad=_bad_share(trial) if trial else 0.0,
        at=trial.rate if trial else 0.0,
        base=None if findings.moved else _base(ends, known),
        after=findings.overload,
    )


def _newest(one: Known, trials: Sequence[Trial]) -> Trial | None:
    return next((trial for trial in reversed(trials) if trial.rate == one.rate and trial.looks), None)


def _most_of_bad(trial: Trial) -> str:
    """The most frequent outcome of the requests that were not good, such as `status 429` or `failed (timeout)`."""
    kinds: Counter[str] = Counter()
    for look in trial.looks:
        kinds.update({f"status {code}": times for code, times in look.status.items() if code >= BAD_STATUS})
        kinds.update({f"failed ({kind})": times for kind, times in look.errors.items()})
    return kinds.most_common(1)[0][0] if kinds else "by a check"


def _base(ends: _Ends, known: Knowledge) -> float | None:
    """If no rate holds: a rate far below the one that misses, at which the SLO is not met much better. Else None."""
    if ends.holds or not ends.misses:
        return None
    far = max((rate for rate in known if rate <= ends.misses.rate / _FAR), default=None)
    if far is None:
        return ends.misses.rate if ends.misses.rate == min(known) else None
    figure = known[far].standing.figure
    # A window without one slow answer may be too short to say anything: then its lower end is far below.
    return far if figure is not None and figure.log - _SURE * figure.error > _HARDLY else None
