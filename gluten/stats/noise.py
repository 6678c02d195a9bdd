"""Do two samples differ by more than their own scatter? Pure.

The rule is `RULE`; each of the two tests stands at half of p < 0.01 (Bonferroni).

- Mann and Whitney's (`ranksum.py`) asks nothing of the distribution, which for latencies is never normal, and heeds
  only the order of values: ten seconds at 20 ms are as far from ten at 3 ms as from ten at 2.9 ms.
- Welch's (`welch.py`), of the logarithms where all are above zero, heeds how far apart they are, which is what tells
  when neighbours are so alike that few of the seconds count.

Seconds that follow each other are alike, so that n of them say less than n independent ones: both tests take the
effective sample size for a lag-1 autocorrelation r, n (1 - r) / (1 + r) (Bayley and Hammersley, J. R. Statist. Soc.
Suppl. 8, 1946), with r of the ranks, which one outlier does not hide.

It knows what varies within a run, not what varies from run to run (another placement of processes, a colder cache):
for that, repeat the runs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from gluten.stats.ranksum import rank_sum_p, ranks
from gluten.stats.welch import welch_p

RULE = (
    "either of two tests (Mann and Whitney's, and Welch's), two-sided, at p < 0.01 together. They compare the runs' "
    "whole seconds of load after the first, corrected for the likeness of neighbouring seconds; fewer than 8 such "
    "seconds say nothing"
)
"""The rule for people. README and the command line's help say the same; a test holds them to it."""
LEAST = 8
"""Values in each sample, below which nothing is said: the smallest possible p would be above 0.001."""
SIGNIFICANT = 0.01
_MOST_ALIKE = 0.9


def p_value(a: Sequence[float], b: Sequence[float]) -> float | None:
    """How likely samples of one distribution differ so much. None: there are too few values."""
    if min(len(a), len(b)) < LEAST:
        return None
    worth = _worth(a, b)
    logs = min(*a, *b) > 0
    first, second = ([math.log(value) for value in sample] if logs else sample for sample in (a, b))
    return min(1.0, 2 * min(rank_sum_p(a, b, worth), welch_p(first, second, worth)))


def autocorrelation(values: Sequence[float]) -> float:
    """The correlation of each value with the next, -1 to 1. It is 0 if all values are equal."""
    mean = math.fsum(values) / len(values)
    away = [value - mean for value in values]
    whole = math.fsum(one * one for one in away)
    return math.fsum(one * two for one, two in pairwise(away)) / whole if whole else 0.0


def _worth(a: Sequence[float], b: Sequence[float]) -> float:
    """How many independent values one of these values is worth, at most 1."""
    together = math.fsum(len(sample) * autocorrelation(ranks(sample)) for sample in (a, b)) / (len(a) + len(b))
    alike = min(_MOST_ALIKE, max(0.0, together))
    return (1 - alike) / (1 + alike)
