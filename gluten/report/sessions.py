"""The figures of sessions, of each scenario and of each group. Every total is the sum over the scenarios. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from gluten.plan.requests import Names
from gluten.report.by_request import LIVE_POINTS, in_order, planned_by_name
from gluten.report.measured import first_of
from gluten.report.quantiles import quantiles
from gluten.stats.delta import Delta
from gluten.stats.histogram import Histogram
from gluten.stats.session_stats import SESSION_COUNTS, SessionStats, sum_of

Plain = dict[str, Any]
Parts = Mapping[str, SessionStats]


def settled(parts: Parts, over: bool) -> dict[str, SessionStats]:
    """The stats of each scenario, so that begun = finished + ended + cut + active holds.

    Sessions of which a run that is over has no end were cut: their node or their worker was lost. Where counts of a
    node are missing, sessions may have ended that are not known to have begun.
    """
    return {name: _settled(stats, over) for name, stats in parts.items()}


def _settled(stats: SessionStats, over: bool) -> SessionStats:
    made = SessionStats()
    made.add(stats)
    made.begun -= min(0, stats.active)
    made.cut += made.active if over else 0
    return made


def with_plan(parts: Parts, plan: Mapping[str, int], planned: int) -> dict[str, SessionStats]:
    """A planned session that did not begin was dropped, whatever the reason. `planned` are at least as many as began,
    `plan` is what the weights give of these."""
    begun = {name: stats.begun for name, stats in parts.items()}
    made = {}
    for name, count in planned_by_name(begun, plan, planned).items():
        made[name] = SessionStats()
        made[name].add(parts.get(name, SessionStats()))
        made[name].dropped = count - made[name].begun
    return made


def sessions(parts: Parts, paced: bool, most: int, timed: Parts | None = None) -> Plain:
    """All sessions of a run. `paced`: it has a rate, and so a plan. `most`: at once. `timed`: the part that times are
    of; None: all."""
    total = sum_of(parts.values())
    plain: Plain = {"planned": total.begun + total.dropped if paced else None}
    plain |= _counts(total)
    return plain | {
        "active": max(0, total.active),
        "most": most,
        "time": quantiles(sum_of((parts if timed is None else timed).values()).time),
    }


def by_scenario(names: Sequence[str], parts: Parts, paced: bool, timed: Parts | None = None) -> list[Plain]:
    """An entry for each scenario, in the order of `names`. `timed`: as above."""
    found = parts if timed is None else timed
    return [
        _entry(name, parts.get(name, SessionStats()), paced, found.get(name, SessionStats()))
        for name in in_order(names, parts)
    ]


def _entry(name: str, stats: SessionStats, paced: bool, timed: SessionStats) -> Plain:
    plain: Plain = {"name": name, "planned": stats.begun + stats.dropped if paced else None}
    return plain | _counts(stats) | {"time": quantiles(timed.time)}


def document(
    names: Names, parts: Parts, found: Mapping[str, Histogram], paced: bool, most: int, timed: Delta | None = None
) -> Plain:
    """What a report says of sessions. `timed`: the part of the run that times are of; None: all."""
    if not names.scenarios:
        return {"sessions": None, "by_scenario": [], "groups": []}
    each, times = (None, None) if timed is None else (timed.by_scenario, timed.groups)
    return {
        "sessions": sessions(parts, paced, most, each),
        "by_scenario": by_scenario(names.scenarios, parts, paced, each),
        "groups": groups(names.groups, found, times),
    }


def groups(
    names: Sequence[str], found: Mapping[str, Histogram], timed: Mapping[str, Histogram] | None = None
) -> list[Plain]:
    """An entry for each group, in the order of `names`. `timed`: as above."""
    times = found if timed is None else timed
    return [
        {"name": name, "count": len(found.get(name, ())), "time": quantiles(times.get(name, Histogram()))}
        for name in in_order(names, found)
    ]


def of_window(total: Delta) -> Plain:
    """The sessions that began or ended in some seconds."""
    if not total.by_scenario:
        return {}
    return {
        "sessions": _in_window(total.sessions),
        "by_scenario": [{"name": name} | _in_window(stats) for name, stats in total.by_scenario.items()],
        "groups": groups((), total.groups),
    }


def _in_window(stats: SessionStats) -> Plain:
    return _counts(stats) | {"time": quantiles(stats.time)}


class Points(NamedTuple):
    """The percentiles (`LIVE_POINTS`) of the sessions of all scenarios, of each scenario and of each group."""

    whole: tuple[int, ...]
    scenarios: Mapping[str, tuple[int, ...]]
    groups: Mapping[str, tuple[int, ...]]


def points_of(total: Delta) -> Points:
    scenarios = {name: _points(stats.time) for name, stats in total.by_scenario.items()}
    return Points(_points(total.sessions.time), scenarios, {name: _points(each) for name, each in total.groups.items()})


def live(names: Names, total: Delta, length: float, points: Points | None = None, timed: Delta | None = None) -> Plain:
    """The figures so far, for a run map. Without scenarios: none. `timed`: the part that times and rate are of, which
    has lasted for `length`; None: all. `points` are its percentiles, where they are known already."""
    if not names.scenarios:
        return {}
    shown, parts = total if timed is None else timed, total.by_scenario
    known = points_of(shown) if points is None else points
    rates = {name: stats.finished / length if length > 0 else 0.0 for name, stats in shown.by_scenario.items()}
    whole = _so_far(counts_of(parts), sum(rates.values()), known.whole) | {"active": max(0, total.active)}
    return {
        "sessions": whole,
        "by_scenario": [
            {"name": name}
            | _so_far(parts.get(name, SessionStats()), rates.get(name, 0.0), known.scenarios.get(name, _NO_POINTS))
            for name in in_order(names.scenarios, parts)
        ],
        "groups": [
            {"name": name, "count": len(total.groups.get(name, ()))} | _named(known.groups.get(name, _NO_POINTS))
            for name in in_order(names.groups, total.groups)
        ],
    }


def counts_of(parts: Parts) -> SessionStats:
    """The sums over the scenarios, without their times, which take longer to add up."""
    made = SessionStats()
    for name in SESSION_COUNTS:
        setattr(made, name, sum([getattr(stats, name) for stats in parts.values()]))
    return made


def _so_far(stats: SessionStats, rate: float, points: tuple[int, ...]) -> Plain:
    return _counts(stats) | {"active": max(0, stats.active), "rate": rate} | _named(points)


def of_report(report: Mapping[str, Any]) -> Plain:
    """The same, of a report."""
    whole = report.get("sessions")
    if not whole:
        return {}
    rates = [rate_of(report, each["name"]) for each in report["by_scenario"]]
    return {
        "sessions": _shown(whole, sum(rates)),
        "by_scenario": [
            {"name": each["name"]} | _shown(each, rate) for each, rate in zip(report["by_scenario"], rates, strict=True)
        ],
        "groups": [
            {"name": each["name"], "count": each["count"]} | {point: each["time"][point] for point in LIVE_POINTS}
            for each in report["groups"]
        ],
    }


def rate_of(report: Mapping[str, Any], name: str) -> float:
    """The finished sessions/s of a scenario, in the measured part of the run."""
    first = first_of(report)
    if first:
        rows = [row.get("by_scenario", {}).get(name, {}) for row in report["seconds"] if row["second"] >= first]
        finished = sum(row.get("finished", 0) for row in rows)
    else:
        finished = sum(entry["finished"] for entry in report["by_scenario"] if entry["name"] == name)
    length = report["duration"] - first
    return finished / length if length > 0 else 0.0


def _shown(entry: Mapping[str, Any], rate: float) -> Plain:
    plain = {name: entry[name] for name in SESSION_COUNTS} | {"active": entry.get("active", 0), "rate": rate}
    return plain | {point: entry["time"][point] for point in LIVE_POINTS}


def most_at_once(rows: Iterable[Mapping[str, Any]]) -> int:
    """The most sessions that were under way at once over all nodes."""
    return max((row.get("most_active", 0) for row in rows), default=0)


def _counts(stats: SessionStats) -> Plain:
    return {name: getattr(stats, name) for name in SESSION_COUNTS}


def _points(times: Histogram) -> tuple[int, ...]:
    return tuple(times.percentiles(LIVE_POINTS.values()))


def _named(points: tuple[int, ...]) -> Plain:
    return dict(zip(LIVE_POINTS, points, strict=True))


_NO_POINTS = _points(Histogram())
