"""The figures of some seconds of a run, all nodes merged: exact, since histograms merge by addition. Pure."""

from __future__ import annotations

from typing import Any

from gluten.load.delta import COUNTS, Delta
from gluten.load.report import quantiles


def window(total: Delta, first: int, last: int, length: float | None) -> dict[str, Any]:
    """`total` of the run-seconds from `first` to before `last`. `length` is the run's, in s, where it is over.

    `rate` is completed requests/s over the part of the window in which there was load.
    """
    seconds = max(0.0, (last if length is None else min(last, length)) - first)
    plain: dict[str, Any] = {"from": first, "to": last, "seconds": round(seconds, 6)}
    plain |= {name: getattr(total, name) for name in COUNTS}
    plain["rate"] = total.completed / seconds if seconds else 0.0
    plain["status"] = {str(code): times for code, times in sorted(total.status.items())}
    plain["errors"] = {kind: times for kind, times in sorted(total.errors.items()) if times}
    for name in ("response", "service"):
        plain[f"{name}_time"] = quantiles(getattr(total, name))
    return plain
