"""An SLO with a window: `for T` (not false in each second of T) and `over T` (true for every T whole seconds). Pure.

Seconds without traffic count for neither: they are left out, as if they had not been.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gluten.slo.decision import holds
from gluten.slo.sample import Sample, merged
from gluten.slo.slo import Slo, Window

Second = tuple[int, Sample]
"""(run-second, what it says)."""


class Broken(NamedTuple):
    """Where a window was missed: `first` to `last` are its run-seconds. It was missed as of `last`."""

    first: int
    last: int


def spans(slo: Slo, seconds: Sequence[Second]) -> list[Sequence[Second]]:
    """The windows of seconds with traffic, in order; a run that is shorter than one is one."""
    busy = [second for second in seconds if second[1].measured]
    if not busy:
        return []
    return [busy[at : at + slo.span] for at in range(max(1, len(busy) - slo.span + 1))]


def first_broken(slo: Slo, seconds: Sequence[Second], over: bool) -> Broken | None:
    """The first window in which it was missed. `over`: the run has ended, so that a shorter one is a window, too."""
    whole = [window for window in spans(slo, seconds) if over or len(window) == slo.span]
    if slo.window is Window.FOR:
        bad = {second: not holds(slo, seen, 1.0) for second, seen in seconds if seen.measured}
        missed = (window for window in whole if all(bad[second] for second, _ in window))
    else:
        missed = (window for window in whole if not _holds_over(slo, window))
    found = next(missed, None)
    return Broken(found[0][0], found[-1][0]) if found else None


def _holds_over(slo: Slo, window: Sequence[Second]) -> bool:
    return holds(slo, merged(seen for _, seen in window), float(len(window)))
