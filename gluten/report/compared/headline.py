"""What a comparison comes to, in a sentence. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gluten.report.compared.comparison import CAPACITY, ERRORS, RATE, Difference, differences, samples
from gluten.report.compared.named import Named, why_unlike
from gluten.report.compared.words import shown, whole
from gluten.stats.noise import LEAST

MOST = 3
"""How many figures are named. The table has the others."""
_RANKS = (CAPACITY, ERRORS, "p99", "p95", "p50", RATE, "p99_9", "p90", "max")
"""Which figures are named first."""


def headline(first: Named, other: Named) -> str:
    """Is the other run better or worse than the first, by which figures, and may they be compared at all?"""
    text = _found((first, other), differences(first.report, other.report))
    why = why_unlike(first, other)
    if not why:
        return f"{text}."
    more = f"; {len(why) - 1} more" if len(why) > 1 else ""
    return f"{text}. But they are not alike ({why[0]}{more})."


def _found(runs: tuple[Named, Named], found: Sequence[Difference]) -> str:
    first, other = (run.name for run in runs)
    ranked = sorted(found, key=lambda one: _RANKS.index(one.what) if one.what in _RANKS else len(_RANKS))
    sure = [one for one in ranked if one.exceeds_noise and one.change]
    worse, better = [one for one in sure if one.regression], [one for one in sure if not one.regression]
    if worse and better:
        return f"{other} is worse than {first} in {_listed(worse)}, and better in {_listed(better)}"
    if worse or better:
        return f"{other} is {'worse' if worse else 'better'} than {first}: {_listed(sure)}"
    if [one.what for one in found] == [CAPACITY]:
        return f"{first} and {other} may carry the same: {_capacities(found[0])}"
    if all(one.exceeds_noise is None for one in found):
        needed = f"{LEAST} whole seconds after the first are needed"
        return f"{_short(runs)} too short to tell a difference from noise: {needed}"
    return f"{other} does not differ from {first} by more than noise"


def _short(runs: tuple[Named, Named]) -> str:
    """`run 6 is` or `run 6 and run 7 are`: which have too few seconds."""
    short = [run.name for run in runs if len(samples(run.report, lambda _: 1.0)) < LEAST]
    return f"{short[0]} is" if len(short) == 1 else f"{runs[0].name} and {runs[1].name} are"


def _listed(found: Sequence[Difference]) -> str:
    return ", ".join(map(whole, found[:MOST])) + (f" and {len(found) - MOST} more" if len(found) > MOST else "")


def _capacities(one: Difference) -> str:
    why = "an interval is open" if one.exceeds_noise is None else "their intervals overlap"
    return f"{shown(one.what, one.a)} and {shown(one.what, one.b)}, and {why}"
