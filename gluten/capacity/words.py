"""The answer of a search in a sentence that somebody can sign. Pure."""

from __future__ import annotations

from typing import NamedTuple

from gluten.document_parts import CapacityDocument

SLOW = 10
"""A recovery that took at least this many seconds is mentioned."""
BAD = 0.01
"""If more than this share of the requests were not good, that is mentioned."""
NOTHING = "nothing holds"
"""Why a search is over without an answer."""


class Circumstances(NamedTuple):
    """What the sentence tells beside the document. `over`: why the search ended; `means`: what the generator lacked;
    `answer`: what most of the requests were that were not good, a share `bad` of all at the rate `at`. `base`: this
    lowest rate was no better. `after`: the rate after which the target took longest to recover."""

    over: str = ""
    means: str = ""
    answer: str = ""
    bad: float = 0.0
    at: float = 0.0
    base: float | None = None
    after: float | None = None


def rate_text(rate: float, unit: str) -> str:
    """12,400/s; 7.5/s; sessions are named."""
    number = f"{rate:,.0f}" if rate >= 1000 or rate == int(rate) else f"{rate:.4g}"
    return f"{number} {unit}" if unit.startswith("session") else f"{number}/s"


def sentence(found: CapacityDocument, more: Circumstances) -> str:
    """Such as: holds 12,400/s (95 %), misses at 12,650/s: p99 < 250ms; the target was the limit."""
    parts = [_ends(found), _limit(found, more), _width(found), _answers(found, more), _base(found, more)]
    return "; ".join(filter(None, [*parts, _recovery(found, more), _moved(found)]))


def _ends(found: CapacityDocument) -> str:
    unit, holds, misses = found["unit"], found["holds"], found["misses"]
    if holds is None and found["limit"] == "generator":
        return "no rate could be judged"
    nothing = "nothing holds yet" if found["limit"] is None else "nothing holds for sure"
    low = nothing if holds is None else f"holds {rate_text(holds, unit)} ({found['confidence'] * 100:.0f} %)"
    return low if misses is None else f"{low}, misses at {rate_text(misses, unit)}: {found['slo']}"


def _limit(found: CapacityDocument, more: Circumstances) -> str:
    if found["limit"] is None:
        return "the search goes on"
    if found["limit"] == "generator":
        node = f"generator {found['node']}" if found["node"] else "load generators together"
        why = f" ({more.means})" if more.means else ""
        if found["holds"] is None:
            return f"the {node} was the limit{why}"
        return f"at least, since the {node} was the limit{why}"
    if found["limit"] == "target":
        return "the target was the limit"
    if found["holds"] is None:
        return "" if more.over == NOTHING else more.over
    return f"at least, since {more.over or 'no more was asked for'}"


def _width(found: CapacityDocument) -> str:
    """Where the interval is wider than was asked for."""
    holds, misses = found["holds"], found["misses"]
    if found["limit"] != "target" or not holds or not misses:
        return ""
    width, asked = misses / holds - 1, found["precision"]
    # Rates have four digits.
    if width <= asked + 0.001:
        return ""
    return f"the interval is {width:.1%} wide, not {asked * 100:.3g}%: the time did not decide more"


def _answers(found: CapacityDocument, more: Circumstances) -> str:
    if not more.answer:
        return ""
    uncounted = "; no SLO counts them" if more.at == found["holds"] else ""
    at = rate_text(more.at, found["unit"])
    return f"{more.bad:.1%} of the requests at {at} were not good, most of them {more.answer}{uncounted}"


def _base(found: CapacityDocument, more: Circumstances) -> str:
    if more.base is None:
        return ""
    return f"at {rate_text(more.base, found['unit'])} it is no better: the cause is not the load"


def _recovery(found: CapacityDocument, more: Circumstances) -> str:
    took = found.get("recovery", 0)
    after = f" after {rate_text(more.after, found['unit'])}" if more.after else ""
    if found["recovers"] is False:
        return f"the target did not recover within {took} s{after}"
    return f"the target took {took} s to recover{after}" if took >= SLOW else ""


def _moved(found: CapacityDocument) -> str:
    return "the capacity moved during the search" if found["moved"] else ""
