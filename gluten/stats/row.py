"""One second of a run for people and programs: a row of the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gluten.stats import hdr, request_stats
from gluten.stats.delta import COUNTS, REQUEST_GAUGES, SHARES, Delta
from gluten.stats.heatmap import heat
from gluten.stats.histogram import Histogram
from gluten.stats.request_stats import Stats
from gluten.stats.session_stats import SESSION_COUNTS, SessionStats

_POINTS = {"p50": 50.0, "p90": 90.0, "p95": 95.0, "p99": 99.0, "p99_9": 99.9, "max": 100.0}


def row(delta: Delta, asked: float | None, nodes: Mapping[str, Delta], version: int = 0) -> dict[str, Any]:
    """The row of `delta` (all nodes merged). `asked` is in requests/s, times in microseconds."""
    plain: dict[str, Any] = {"second": delta.second, "asked": asked}
    plain |= {name: getattr(delta, name) for name in (*COUNTS, *REQUEST_GAUGES, "peak", "good")}
    plain |= _times(delta)
    plain["lateness_p99"] = lateness(delta).percentile(99)
    plain["lag_p99"] = delta.lag.percentile(99)
    plain |= {name: round(getattr(delta, name), 3) for name in SHARES}
    plain["heat"] = heat(delta.response)
    plain["status"] = {str(code): times for code, times in sorted(delta.status.items())}
    plain["errors"] = dict(sorted(delta.errors.items()))
    plain["nodes"] = {name: _node(part) for name, part in nodes.items()}
    plain["version"] = version
    if len(delta.by_name) > 1:
        plain["by_request"] = {name: _of_request(stats) for name, stats in delta.by_name.items()}
    if delta.slowest is not None:
        name, slowest = delta.slowest
        plain["slowest"] = {"request": name, "time": slowest.micros, "node": slowest.node, "trace": slowest.trace}
    return plain | _of_sessions(delta) if delta.by_scenario else plain


def with_hdr(plain: dict[str, Any], delta: Delta) -> dict[str, Any]:
    """The row with the histogram of its response times, as a report has it."""
    return plain | {"hdr": hdr.encode(delta.response)}


def narrowed(plain: dict[str, Any], request: str | None) -> dict[str, Any]:
    """The row with the figures of this named request alone; empty: of none; None: of all, as it is."""
    if request is None or "by_request" not in plain:
        return plain
    bare = {key: value for key, value in plain.items() if key != "by_request"}
    figures = plain["by_request"].get(request)
    return bare if figures is None else bare | {"by_request": {request: figures}}


def without_hdr(plain: dict[str, Any]) -> dict[str, Any]:
    """The row as those get it who follow a run. It would be twice as long with its histogram."""
    plain.pop("hdr", None)
    return plain


def _of_sessions(delta: Delta) -> dict[str, Any]:
    """The sessions of this second."""
    whole = delta.sessions
    plain: dict[str, Any] = {name: getattr(whole, name) for name in ("begun", "finished", "ended", "cut")}
    plain |= {"sessions_dropped": whole.dropped, "active": delta.active, "most_active": delta.most_active}
    plain["session_p50"], plain["session_p99"] = whole.time.percentiles([50, 99])
    plain["by_scenario"] = {name: _of_scenario(stats) for name, stats in delta.by_scenario.items()}
    return plain


def _of_scenario(stats: SessionStats) -> dict[str, Any]:
    plain: dict[str, Any] = {name: getattr(stats, name) for name in SESSION_COUNTS}
    return plain | _percentiles(stats.time)


def _of_request(stats: Stats) -> dict[str, Any]:
    """One named request in this second."""
    plain: dict[str, Any] = {name: getattr(stats, name) for name in (*request_stats.COUNTS, "good")}
    plain |= _times(stats)
    plain["status"] = {str(code): times for code, times in sorted(stats.status.items())}
    plain["errors"] = dict(sorted(stats.errors.items()))
    return plain


def of_only_request(plain: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of the only named request of a second, which are those of its row."""
    return {key: plain[key] for key in _of_request(Stats())}


def _times(seen: Delta | Stats) -> dict[str, Any]:
    plain = _percentiles(seen.response)
    plain["service_p50"], plain["service_p99"] = seen.service.percentiles([50, 99])
    return plain


def _percentiles(times: Histogram) -> dict[str, Any]:
    return {"mean": round(times.mean, 1)} | dict(zip(_POINTS, times.percentiles(_POINTS.values()), strict=True))


def lateness(delta: Delta) -> Histogram:
    """How late requests were sent. In a closed loop no request is due at an instant, so it is the lag of the clock."""
    return delta.lateness if delta.lateness.counts else delta.lag


def _node(part: Delta) -> dict[str, Any]:
    return {"completed": part.completed, "cpu": round(part.cpu, 3), "in_flight": part.in_flight}
