"""The document of a search, at any moment. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from gluten.capacity.decision import ASKED, CONFIDENCE, GENERATOR, TARGET, SearchPlan
from gluten.capacity.known import Known
from gluten.capacity.standing import State
from gluten.capacity.trial import Trial, response_of
from gluten.capacity.words import sentence
from gluten.document_parts import CapacityDocument, CapacityTrial


@dataclass(slots=True)
class Findings:
    """What is no property of a rate. `over`: why the search ended; empty: it goes on. `recovers` is None as long as
    there was no overload; `recovery`: how many seconds it took at most."""

    over: str = ""
    recovers: bool | None = None
    recovery: int = 0
    moved: bool = False


def document(
    plan: SearchPlan, trials: Sequence[Trial], known: Mapping[float, Known], findings: Findings
) -> CapacityDocument:
    """The report's `capacity`."""
    bound = min((one for one in known.values() if one.bounds), key=lambda one: one.rate, default=None)
    held = [one.rate for one in known.values() if one.holds and (bound is None or one.rate < bound.rate)]
    holds = max(held, default=None)
    missed = [one for one in known.values() if one.misses and (holds is None or one.rate > holds)]
    misses = min(missed, key=lambda one: one.rate, default=None)
    found = {
        "unit": plan.unit,
        "holds": holds,
        "misses": misses.rate if misses else None,
        "confidence": CONFIDENCE,
        "precision": plan.precision,
        "limit": _limit(bound) if findings.over else None,
        "node": bound.limited.name if bound and bound.limited else None,
        "slo": misses.standing.slo.text if misses and misses.standing.slo else None,
        "recovers": findings.recovers,
        "moved": findings.moved,
        "trials": [_trial(one, known) for one in trials if one.looks],
        "recovery": findings.recovery,
    } | ({} if plan.at_least is None else {"at_least": plan.at_least})
    whole = cast(CapacityDocument, found)
    whole["text"] = sentence(whole)
    return whole


def _limit(bound: Known | None) -> str:
    if bound is None:
        return ASKED
    return GENERATOR if bound.limited else TARGET


def _trial(trial: Trial, known: Mapping[float, Known]) -> CapacityTrial:
    looks, one = trial.looks, known[trial.rate]
    answered, good = sum(look.answered for look in looks), sum(look.good for look in looks)
    p50, p99 = response_of(looks).percentiles([50, 99])
    state = State.UNDECIDED if one.limited else one.standing.state
    plain: dict[str, Any] = {"rate": trial.rate, "from": looks[0].second, "to": looks[-1].second + 1}
    plain |= {"state": state.value, "slo": one.standing.slo.text if one.standing.slo else None}
    plain |= {"p50": p50, "p99": p99, "errors": (answered - good) / answered if answered else 0.0}
    return cast(CapacityTrial, plain | {"in_flight": looks[-1].waiting})
