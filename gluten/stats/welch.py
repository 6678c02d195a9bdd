"""Welch's t test: are the means of two samples further apart than their scatter explains? Pure.

Welch, Biometrika 34, 1947, with the degrees of freedom of Satterthwaite, Biometrics Bulletin 2, 1946.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, variance

_LEAST_WORTH = 3.0
_STEPS = 400  # even: Simpson's error is then below 1e-4 of the result


def welch_p(a: Sequence[float], b: Sequence[float], worth: float = 1.0) -> float:
    """The two-sided p. `worth` is how many independent values one of these is worth: the effective sizes are the
    lengths times it, at least 3. The samples have at least two values each."""
    sizes = [max(_LEAST_WORTH, len(sample) * worth) for sample in (a, b)]
    errors = [variance(sample) / size for sample, size in zip((a, b), sizes, strict=True)]
    apart = abs(fmean(a) - fmean(b))
    if not sum(errors):
        return 0.0 if apart else 1.0
    freedom = sum(errors) ** 2 / sum(error**2 / (size - 1) for error, size in zip(errors, sizes, strict=True))
    return student_tail(apart / math.sqrt(sum(errors)), freedom)


def student_tail(t: float, freedom: float) -> float:
    """How likely Student's t with so many degrees of freedom (at least 1) is `t` (not below 0) or more away from 0.

    With t = sqrt(freedom) tan(x) its density is that of cos(x) to the power of freedom - 1: Simpson's rule for the
    tail, the Gamma function for the whole.
    """
    first = math.atan(t / math.sqrt(freedom))
    step = (math.pi / 2 - first) / _STEPS
    heights = [math.pow(max(0.0, math.cos(first + index * step)), freedom - 1) for index in range(_STEPS + 1)]
    tail = step / 3 * (heights[0] + 4 * math.fsum(heights[1::2]) + 2 * math.fsum(heights[2:-1:2]) + heights[-1])
    whole = math.sqrt(math.pi) / 2 * math.exp(math.lgamma(freedom / 2) - math.lgamma((freedom + 1) / 2))
    return min(1.0, tail / whole)
