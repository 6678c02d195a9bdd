"""Which runs are worse than the first by more than is allowed. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gluten.report.compared.comparison import differences
from gluten.report.compared.named import Named
from gluten.report.compared.words import whole


def regressions(runs: Sequence[Named], limit: float) -> list[str]:
    """For each later run, a text about the figures that got worse by more than the limit."""
    first, found = runs[0], []
    for other in runs[1:]:
        worse = [whole(one) for one in differences(first.report, other.report) if one.regressed(limit)]
        if worse:
            pair = f"{other.name} is worse than {first.name}"
            found.append(f"{pair} by more than {limit * 100:g}%: {', '.join(worse)}")
    return found
