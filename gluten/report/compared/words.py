"""One difference of two runs in words: the figure, by what it changed, whether that is more than noise. Pure."""

from __future__ import annotations

from gluten.report.compared.comparison import CAPACITY, ERRORS, RATE, SESSION_RATE, Difference
from gluten.units import format_count, format_micros, format_rate

WITHIN, WORSE, BETTER = "within noise", "worse", "better"


def called(what: str) -> str:
    """The figure's name, as a person writes it."""
    return what.replace("_", ".")


def shown(what: str, value: float) -> str:
    """The figure with its unit."""
    if what == CAPACITY:
        return format_rate(value)
    if what in (RATE, SESSION_RATE):
        return format_count(value)
    return f"{value:.2%}" if what == ERRORS else format_micros(value)


def change(one: Difference) -> str:
    """By what the second run differs from the first."""
    if one.what == ERRORS:
        return f"{one.change * 100:+.2f} points"
    return "from 0" if one.b and not one.a else f"{one.change:+.1%}"


def judged(one: Difference) -> str:
    """Whether the difference exceeds the noise of the seconds."""
    if one.what == CAPACITY and one.exceeds_noise is not True:
        return "an interval is open" if one.exceeds_noise is None else "the intervals overlap"
    if not one.judged:
        return "not judged"
    if one.exceeds_noise is None:
        return "too few seconds to say"
    if not one.exceeds_noise:
        return WITHIN
    return WORSE if one.regression else BETTER if one.change else WITHIN


def whole(one: Difference) -> str:
    """The figure's name, its change, and both values."""
    return f"{called(one.what)} {change(one)} ({shown(one.what, one.a)} to {shown(one.what, one.b)})"
