"""A comparison as plain values: the JSON of `compare` and of the API. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gluten.report.compared.comparison import (
    Difference,
    differences,
    named_differences,
    scenario_differences,
    slo_of,
    slo_texts,
)
from gluten.report.compared.headline import headline
from gluten.report.compared.named import Named, why_unlike


def comparison(runs: Sequence[Named]) -> dict[str, Any]:
    """The first run beside each of the others. `a`, `b`, `headline`, `differences` are the first pair's."""
    reports = [run.report for run in runs]
    pairs = [_pair(runs[0], other) for other in runs[1:]]
    slos = [{"slo": text, "runs": [slo_of(run, text) for run in reports]} for text in slo_texts(reports)]
    listed = [
        {name: run[name] for name in ("id", "number", "name", "state", "started_at")} | {"called": called}
        for called, run in runs
    ]
    return {**pairs[0], "runs": listed, "pairs": pairs, "slo": slos}


def _pair(first: Named, other: Named) -> dict[str, Any]:
    a, b = first.report, other.report
    return {
        "a": a["id"],
        "b": b["id"],
        "headline": headline(first, other),
        "differences": [one.to_map() for one in differences(a, b)],
        "unlike": why_unlike(first, other),
        "by_request": _by_name(named_differences(a, b)),
        "by_scenario": _by_name(scenario_differences(a, b)),
    }


def _by_name(named: Mapping[str, Sequence[Difference]]) -> list[dict[str, Any]]:
    return [{"name": name, "differences": [one.to_map() for one in found]} for name, found in named.items()]
