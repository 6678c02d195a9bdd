"""An SLO with a window: `for T` (not false in each second of T) and `over T` (true for every T whole seconds). Pure.

Seconds without traffic count for neither: they are left out, as if they had not been.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gluten.slo.decision import holds
from gluten.slo.sample import Sample, merged, without
from gluten.slo.slo import Slo, Window

Second = tuple[int, Sample]
"""(run-second, what it says)."""


def last_span(slo: Slo, busy: Sequence[Second]) -> Sequence[Second]:
    """The newest window. A run that is shorter than one is one."""
    return busy[-slo.span :]


def first_broken(slo: Slo, busy: Sequence[Second], over: bool, held: int = 0) -> tuple[Sequence[Second], int]:
    """The first window in which it was missed, or nothing; and how many windows before it hold.

    `busy` are the seconds with traffic. `over`: the run has ended, so that a shorter one is a window, too. The first
    `held` windows are known to hold.
    """
    span = min(slo.span, len(busy)) if over else slo.span
    if not busy or len(busy) < span:
        return (), 0
    judged = _missed_in_each if slo.window is Window.FOR else _missed_in_sum
    for at, missed in enumerate(judged(slo, busy[held:], span), held):
        if missed:
            return busy[at : at + span], at
    return (), len(busy) - span + 1


def _missed_in_each(slo: Slo, busy: Sequence[Second], span: int) -> Iterator[bool]:
    """Of each window: whether it is missed in each of its seconds."""
    running = 0
    for at, (_, seen) in enumerate(busy):
        running = 0 if holds(slo, seen, 1.0) else running + 1
        if at >= span - 1:
            yield running >= span


def _missed_in_sum(slo: Slo, busy: Sequence[Second], span: int) -> Iterator[bool]:
    """Of each window: whether its sum misses. A sum follows from the one before it."""
    whole = merged(seen for _, seen in busy[: span - 1])
    for at in range(span - 1, len(busy)):
        whole = merged((whole, busy[at][1]))
        yield not holds(slo, whole, float(span))
        whole = without(whole, busy[at - span + 1][1])
