"""Mann and Whitney's U test: do the values of one sample tend to be above those of another? Pure.

Mann and Whitney, Ann. Math. Statist. 18, 1947; by its normal approximation, corrected for continuity and for ties
(Lehmann, Nonparametrics, 1975, section 1.2).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence


def rank_sum_p(a: Sequence[float], b: Sequence[float], worth: float = 1.0) -> float:
    """The two-sided p. `worth` is how many independent values one of these is worth, so the effective sample is smaller
    by this factor."""
    n, m = len(a), len(b)
    whole = [*a, *b]
    excess = sum(ranks(whole)[:n]) - n * (n + 1) / 2 - n * m / 2
    ties = sum(times**3 - times for times in Counter(whole).values())
    variance = n * m / 12 * (n + m + 1 - ties / ((n + m) * (n + m - 1)))
    if variance <= 0:
        return 1.0  # all values are equal
    z = max(0.0, abs(excess) - 0.5) / math.sqrt(variance / worth)
    return math.erfc(z / math.sqrt(2))


def ranks(values: Sequence[float]) -> list[float]:
    """Ranks from 1. Equal values share the mean of their ranks."""
    order = sorted(range(len(values)), key=values.__getitem__)
    found = [0.0] * len(values)
    first = 0
    while first < len(order):
        last = first
        while last + 1 < len(order) and values[order[last + 1]] == values[order[first]]:
            last += 1
        for place in order[first : last + 1]:
            found[place] = (first + last) / 2 + 1
        first = last + 1
    return found
