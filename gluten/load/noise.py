"""Do two samples differ by more than their own scatter? Pure.

The rule: the Mann-Whitney U test (Mann and Whitney, Ann. Math. Statist. 18, 1947), two-sided, by its normal
approximation with the correction for ties (Lehmann, Nonparametrics, 1975, section 1.2), at p < 0.01. It asks nothing of
the distribution, which for latencies is never normal. Seconds that follow each other are alike, so that n of them say
less than n independent ones: the statistic is shrunk by the effective sample size for a lag-1 autocorrelation r,
n (1 - r) / (1 + r) (Bayley and Hammersley, J. R. Statist. Soc. Suppl. 8, 1946).

It knows what varies within a run, not what varies from run to run (another placement of processes, a colder cache):
for that, repeat the runs.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

LEAST = 8
"""Values in each sample, below which nothing is said: the smallest possible p would be above 0.001."""
SIGNIFICANT = 0.01
_MOST_ALIKE = 0.9


def p_value(a: Sequence[float], b: Sequence[float]) -> float | None:
    """How likely samples of one distribution differ so much; None where there are too few values to say."""
    n, m = len(a), len(b)
    if min(n, m) < LEAST:
        return None
    whole = [*a, *b]
    places = ranks(whole)
    excess = sum(places[:n]) - n * (n + 1) / 2 - n * m / 2
    ties = sum(times**3 - times for times in Counter(whole).values())
    variance = n * m / 12 * (n + m + 1 - ties / ((n + m) * (n + m - 1)))
    if variance <= 0:
        return 1.0  # all values are equal
    alike = min(_MOST_ALIKE, max(0.0, (n * autocorrelation(a) + m * autocorrelation(b)) / (n + m)))
    z = max(0.0, abs(excess) - 0.5) / math.sqrt(variance * (1 + alike) / (1 - alike))
    return math.erfc(z / math.sqrt(2))


def ranks(values: Sequence[float]) -> list[float]:
    """From 1; equal values share the mean of their places."""
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


def autocorrelation(values: Sequence[float]) -> float:
    """Of each value with the next, -1 to 1; 0 where they are all equal."""
    mean = math.fsum(values) / len(values)
    away = [value - mean for value in values]
    whole = math.fsum(one * one for one in away)
    return math.fsum(one * two for one, two in pairwise(away)) / whole if whole else 0.0
