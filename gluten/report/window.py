"""The figures of some seconds of a run, all nodes merged. They are exact, since histograms merge by addition. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from gluten.report.by_request import by_request
from gluten.report.quantiles import quantiles
from gluten.report.sessions import of_window
from gluten.stats.delta import COUNTS, Delta

if TYPE_CHECKING:
    from gluten.documents import WindowDocument


def window(total: Delta, first: int, last: int, length: float | None, ended: float | None = None) -> WindowDocument:
    """The figures of `total`, the sum of the run-seconds from `first` to before `last`. The load ended at run-second
    `ended`, or has come so far. `length` is the run's duration; None: it is not over.

    `rate` is completed requests/s over the part of the window in which there was load.
    """
    seconds = _loaded(first, last, length, length if ended is None else ended)
    plain: dict[str, Any] = {"from": first, "to": last, "seconds": round(seconds, 6)}
    plain |= {name: getattr(total, name) for name in (*COUNTS, "good")}
    plain["rate"] = total.completed / seconds if seconds else 0.0
    plain["status"] = {str(code): times for code, times in sorted(total.status.items())}
    plain["errors"] = {kind: times for kind, times in sorted(total.errors.items()) if times}
    for name in ("response", "service"):
        plain[f"{name}_time"] = quantiles(getattr(total, name))
    plain["first_byte"] = quantiles(total.first_byte)
    if len(total.by_name) > 1:
        plain["by_request"] = by_request((), total, None, seconds)
    return cast("WindowDocument", plain | of_window(total))


def _loaded(first: int, last: int, length: float | None, ended: float | None) -> float:
    """Seconds of load in the window. In a closed loop the duration is longer than the load, by the mean time of the
    last responses. That time belongs to the window in which the load ends."""
    if ended is None:
        return max(0.0, float(last - first))
    seconds = max(0.0, min(last, ended) - first)
    return seconds + (length or ended) - ended if seconds and last > ended else seconds
