"""Does a count decide an SLO with 95 % confidence? Pure.

The share that counts against the SLO has an interval; where the allowed share lies outside of it, the count decides.
The interval is Wilson's (Journal of the American Statistical Association 22, 1927) for the number of independent
requests that these are worth. Requests of one second, and of neighbouring seconds, are alike. So the variance of the
count is estimated from the seconds. Where they scatter more than independent requests, it is the long-run variance of
an ARMA(1, 1) process, whose autocovariance falls by one factor from lag to lag. Student's t stands for the normal
quantile, since few independent seconds estimate a variance badly. The constants were chosen by simulation:
`tests/slo/test_sure.py` holds the interval to 93 to 97 of 100 runs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

Pairs = Sequence[tuple[int, int]]
"""(what counts against the SLO, of how many) of each second with traffic."""

LEAST_SECONDS = 8
"""Fewer seconds do not tell how much they scatter: their requests count as independent."""
_SIGNIFICANT = 1.0
"""Standard errors by which the seconds must scatter more than independent requests."""
_LIFT = 3
"""A short series hides some of its autocorrelation (Marriott and Pope, Biometrika 41, 1954): this raises it."""
_WORTH = 0.4
"""An estimated variance has less than one degree of freedom a second."""
_MOST_ALIKE = 0.97
_QUANTILES = {0.95: (1.959963984540054, 4.303, 12.706), 0.99: (2.5758293035489004, 9.925, 63.657)}
"""By confidence: the normal quantile, and Student's with two degrees of freedom and with one."""


def sure(pairs: Pairs, allowed: float) -> bool:
    """Whether the interval of the share lies on one side of `allowed` (0 to 1)."""
    low, high = interval(pairs)
    return not low <= allowed <= high


def interval(pairs: Pairs, confidence: float = 0.95) -> tuple[float, float]:
    """The share's interval at a confidence of 95 or 99 %; (0, 1) where nothing was measured."""
    count, hits = sum(of for _, of in pairs), sum(times for times, _ in pairs)
    if not count:
        return 0.0, 1.0
    share = hits / count
    independent = count * share * (1 - share)
    variance, freedom = _variance(pairs, share, independent)
    worth = count * independent / variance if variance > independent > 0 else float(count)
    return _wilson(share, worth, _quantile(freedom, confidence))


def _wilson(share: float, worth: float, z: float) -> tuple[float, float]:
    bottom = 1 + z * z / worth
    middle = (share + z * z / (2 * worth)) / bottom
    half = z * math.sqrt(share * (1 - share) / worth + z * z / (4 * worth * worth)) / bottom
    return middle - half, middle + half


def _variance(pairs: Pairs, share: float, independent: float) -> tuple[float, float]:
    """The long-run variance of the count, and how many degrees of freedom that estimate has."""
    many = len(pairs)
    if many < LEAST_SECONDS or not independent:
        return independent, math.inf
    away = [times - share * of for times, of in pairs]
    own = math.fsum(one * one for one in away) * many / (many - 1)
    first, second, third = (math.fsum(map(float.__mul__, away, away[lag:])) for lag in (1, 2, 3))
    scatters = own > independent * (1 + _SIGNIFICANT * math.sqrt(2 / (many - 1)))
    alike = first > own * _SIGNIFICANT / math.sqrt(many)
    if not own or not (scatters or alike):
        return independent, math.inf
    # The mean was taken from the same seconds, which lowers each covariance by about own / many.
    lift = own / many
    falls = _factor(first + lift, second + lift, third + lift, many)
    long_run = own + 2 * max(0.0, first + lift) / (1 - falls)
    return (
        (long_run, max(1.0, _WORTH * many * own / long_run - 1)) if long_run > independent else (independent, math.inf)
    )


def _factor(first: float, second: float, third: float, many: int) -> float:
    """By which factor the autocovariance falls from one lag to the next."""
    if first + second <= 0:
        return 0.0
    found = min(_MOST_ALIKE, max(0.0, (second + third) / (first + second)))
    return min(_MOST_ALIKE, found + _LIFT * (1 + 3 * found) / many)


def _quantile(freedom: float, confidence: float) -> float:
    """Student's t, two-sided (Hill's expansion, Communications of the ACM 13, 1970, to the third order)."""
    z, of_two, of_one = _QUANTILES[confidence]
    if freedom < 3:
        return of_one if freedom < 2 else of_two
    n = freedom
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / n + second / n**2 + third / n**3
