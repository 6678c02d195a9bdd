"""The report of a run, `gluten.report/1`: everything added up first, then derived. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Self

from gluten.plan import backlog
from gluten.plan.schedule import Schedule
from gluten.report.load_duration import duration, marked, planned_end
from gluten.report.outcome import notes
from gluten.report.verdict import LATENESS_LIMIT, Figures, NodeFigures, judge
from gluten.stats import hdr
from gluten.stats.delta import SHARES, Delta
from gluten.stats.histogram import Histogram
from gluten.stats.row import lateness, row
from gluten.task.secrets import redact_url
from gluten.task.task import Task

SCHEMA = "gluten.report/1"
OVER = ("finished", "stopped", "failed")
"""The states in which nothing more is to come."""
MEASURABLE = 0.5
"""Seconds of load from which a share of a core means anything."""
QUANTILES = {
    "p50": 50.0, "p75": 75.0, "p90": 90.0, "p95": 95.0, "p99": 99.0, "p99_9": 99.9, "p99_99": 99.99, "p99_999": 99.999,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Head:
    """What a run is, apart from its figures. `started_at` and event times are RFC 3339."""

    id: str
    number: int
    name: str
    state: str
    reason: str
    started_at: str | None
    link: str = ""
    events: Sequence[Mapping[str, Any]] = ()
    plan: Sequence[Mapping[str, Any]] = ()
    adjustments: Sequence[tuple[float, float]] = ()


@dataclass(frozen=True, slots=True)
class NodeResult:
    """What one node did. `total` is all that it counted, `cpu` the busiest worker's mean share of a core over the
    whole seconds of load, `ended` when its sending ended (run-seconds), `rate` its asked share in requests/s as it
    was at the start, `start_skew` seconds (None: unknown), `gaps` seconds without word. `host_cpu` and `steal` are the
    mean shares of the whole machine. `seconds` are its deltas by run-second, where the report's rows are to be made
    from them. `connections` None: elastic, so those that it used are told."""

    name: str
    cores: int
    threads: int
    connections: int | None
    rate: float | None
    total: Delta
    cpu: float
    ended: float
    start_skew: float | None = None
    lost: bool = False
    gaps: int = 0
    host_cpu: float = 0.0
    steal: float = 0.0
    seconds: Mapping[int, Delta] = field(default_factory=dict)

    @classmethod
    def summed(cls, seconds: Mapping[int, Delta], ended: float, **more: Any) -> Self:
        """Of one node's deltas by run-second; `more` are the other fields."""
        total = Delta()
        for second in sorted(seconds):
            total.follow(seconds[second])
        cpu, host_cpu, steal = mean_shares({second: shares_of(delta) for second, delta in seconds.items()}, ended)
        return cls(total=total, cpu=cpu, host_cpu=host_cpu, steal=steal, ended=ended, seconds=seconds, **more)


def shares_of(seen: Any) -> tuple[float, ...]:
    """The shares of a delta, or of what has the same ones."""
    return tuple(getattr(seen, name) for name in SHARES)


def mean_shares(seconds: Mapping[int, tuple[float, ...]], ended: float) -> tuple[float, ...]:
    """The mean of each share over the whole seconds of load; of a shorter load, its greatest, once it had half a
    second: over less a share says nothing."""
    kept = [shares for second, shares in seconds.items() if second + 1 <= ended]
    if kept:
        return tuple(sum(each) / len(kept) for each in zip(*kept, strict=True))
    if ended < MEASURABLE or not seconds:
        return (0.0,) * len(SHARES)
    return tuple(max(each) for each in zip(*seconds.values(), strict=True))


def no_give_way() -> None:
    """Where nobody waits for a turn meanwhile."""


def build(
    task: Task,
    head: Head,
    nodes: Sequence[NodeResult],
    give_way: Callable[[], None] = no_give_way,
    seconds: Sequence[Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """The report document. Nodes that were planned but said nothing belong in `nodes`, too. `seconds` are the rows;
    without them they are made of those of the nodes.

    `breathe` is called after what each node costs, for others to have a turn.
    """
    total = merge(node.total for node in _paced(nodes, give_way))
    schedule = schedule_of(task, head.adjustments)
    ended = round(max((node.ended for node in nodes), default=0.0), 6)
    length = round(duration(task, schedule, ended, total), 6)
    planned = _planned(schedule, head.state, ended, total) if schedule else None
    if planned is not None:
        # What nobody sent, for whatever reason (a node lost, say), was dropped.
        total.dropped = max(0, planned - total.sent)
    if seconds is None:
        seconds = rows(nodes, schedule, drain_from(task, schedule, head.state, ended))
    most = most_open(seconds, nodes)
    plan = planned_end(task, schedule) if schedule and head.state in OVER else math.inf
    figures = Figures(
        _judged(_paced(nodes, give_way)),
        planned,
        total.sent,
        total.completed,
        total.failed,
        total.in_flight,
        total.dropped,
        sum(node.gaps for node in nodes),
        reach(task, head.state, ended, total.sent),
        unsent=_unsent(head, ended),
        plan=plan,
        took=ended,
        connections=most,
        needed=needed_by(task, head.adjustments, total),
    )
    verdict = judge(figures)
    if planned is not None:
        # Sent before an adjustment took it back, it had been planned; the verdict says so when that is much.
        planned = max(planned, total.sent)
    plain = _head(task, head, length, ended) | _totals(total, planned, length)
    plain["connections"] = {"limit": task.connections, "most": most, "opened": total.opened, "streams": 1}
    plain["seconds"] = list(seconds)
    asked_of = partial(_asked_of, task, schedule, head.adjustments, ended)
    plain["nodes"] = [_node(node, length, asked_of(node)) for node in _paced(nodes, give_way)]
    plain["verdict"] = {"value": verdict.value, "reasons": list(verdict.reasons)}
    if said := notes(total.sent, total.failed, total.status):
        plain["verdict"]["notes"] = said
    return plain


def most_open(seconds: Iterable[Mapping[str, Any]], nodes: Sequence[NodeResult] = ()) -> int:
    """The most connections that were open at once over all nodes, by the rows; without rows at most so many."""
    most = max((max(row.get("peak", 0), row["connections"]) for row in seconds), default=0)
    return most or sum(node.total.peak for node in nodes)


def needed_by(task: Task, adjustments: Sequence[tuple[float, float]], total: Delta) -> int | None:
    """How many connections the highest rate that was asked needs about; None: nobody knows, or a closed loop."""
    seconds, asked = backlog.hold(total, task.timeout), max([task.peak or 0.0, *(rate for _, rate in adjustments)])
    return backlog.needed(asked, seconds) if asked and seconds is not None else None


def drain_from(task: Task, schedule: Schedule | None, state: str, ended: float) -> float:
    """The run-second from which on a row is drain: of a run that is not over, by its time limit alone."""
    return ended if state in OVER else planned_end(task, schedule) if task.duration is not None else math.inf


def _unsent(head: Head, ended: float) -> str:
    """Why no request was sent, where it is known; empty: it is not."""
    if head.started_at is None and head.state in OVER:
        return f"the run was {head.state} before it began"
    if head.state == "stopped" and not ended:
        return "the run was stopped before its load began"
    return ""


def _asked_of(
    task: Task, schedule: Schedule | None, adjustments: Sequence[Any], ended: float, node: NodeResult
) -> float | None:
    """The mean rate that was asked of a node in requests/s, by its share of the threads at the start."""
    if schedule is None:
        return None
    if node.rate is not None and not adjustments:
        return node.rate
    until = min(ended, schedule.last())
    return schedule.asked(0, until) / until * node.threads / max(1, task.threads or 1) if until else 0.0


def _planned(schedule: Schedule, state: str, ended: float, total: Delta) -> int:
    """Requests: of a run that goes on, those that have come to something, since what is to come is not dropped."""
    if state not in OVER:
        return total.sent + total.dropped
    return schedule.planned(ended if state == "stopped" else schedule.end)


def _paced(nodes: Sequence[NodeResult], give_way: Callable[[], None]) -> Iterator[NodeResult]:
    for node in nodes:
        yield node
        give_way()


def merge(parts: Any) -> Delta:
    """The sum of deltas of different nodes."""
    total = Delta()
    for part in parts:
        total.add(part)
    return total


def schedule_of(task: Task, adjustments: Sequence[tuple[float, float]]) -> Schedule | None:
    """What was asked, as it was adjusted; None in a closed loop."""
    if not task.open_loop:
        return None
    schedule = Schedule.of(task)
    for second, rate in adjustments:
        schedule = schedule.adjusted(second, rate)
    return schedule


def reach(task: Task, state: str, ended: float, sent: int) -> float | None:
    """How much of its time or of its requests, whichever ends it, a closed loop that nobody stopped came to: 0 to 1."""
    if task.open_loop or state not in ("finished", "failed"):
        return None
    shares = [ended / task.duration] if task.duration else []
    shares += [sent / task.requests] if task.requests else []
    return min(1.0, max(shares)) if shares else None


def rows(nodes: Sequence[NodeResult], schedule: Schedule | None, drain: float) -> list[dict[str, Any]]:
    """One row a second, all nodes merged; from run-second `drain` on there was no load any more."""
    seconds = sorted({second for node in nodes for second in node.seconds})
    return [marked(_row(second, nodes, schedule), drain) for second in seconds]


def _row(second: int, nodes: Sequence[NodeResult], schedule: Schedule | None) -> dict[str, Any]:
    parts = {node.name: node.seconds[second] for node in nodes if second in node.seconds}
    merged = merge(parts.values())
    merged.second = second
    return row(merged, asked(schedule, second), parts)


def asked(schedule: Schedule | None, second: int) -> float | None:
    """How many requests the plan has in one run-second: of a second in which it ends, those until its end."""
    return None if schedule is None else round(schedule.asked(second, second + 1), 6)


def _head(task: Task, head: Head, length: float, ended: float) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "id": head.id,
        "number": head.number,
        "name": head.name,
        "state": head.state,
        "reason": head.reason,
        "url": redact_url(task.url),
        "started_at": head.started_at,
        "duration": length,
        "ended": ended,
        "link": head.link,
        "task": task.redacted(),
        "plan": list(head.plan),
        "events": list(head.events),
    }


def _totals(total: Delta, planned: int | None, length: float) -> dict[str, Any]:
    counts = ("sent", "completed", "good", "failed", "in_flight", "dropped")
    return {
        "requests": {"planned": planned} | {name: getattr(total, name) for name in counts},
        "rate": total.completed / length if length else 0.0,
        "status": {str(code): times for code, times in sorted(total.status.items())},
        "errors": {kind: times for kind, times in sorted(total.errors.items()) if times},
        "samples": dict(total.samples),
        "bytes": {"read": total.read, "written": total.written},
        "response_time": quantiles(total.response),
        "service_time": quantiles(total.service),
        "lateness": quantiles(lateness(total)),
        "lag": quantiles(total.lag),
    }


def quantiles(histogram: Histogram) -> dict[str, Any]:
    """Microseconds, and the whole histogram as HdrHistogram's tools read it (`hdr`)."""
    plain: dict[str, Any] = {
        "min": histogram.smallest,
        "mean": round(histogram.mean, 2),
        "stdev": round(histogram.stdev, 2),
        "max": histogram.most,
    }
    plain |= dict(zip(QUANTILES, histogram.percentiles(QUANTILES.values()), strict=True))
    return plain | {"hdr": hdr.encode(histogram)}


def _node(node: NodeResult, length: float, asked: float | None) -> dict[str, Any]:
    total = node.total
    achieved = total.completed / length if length else 0.0
    return {
        "name": node.name,
        "cores": node.cores,
        "threads": node.threads,
        "connections": total.peak if node.connections is None else node.connections,
        "rate": achieved,
        "achieved": achieved,
        "asked": asked,
        "sent": total.sent,
        "completed": total.completed,
        "good": total.good,
        "failed": total.failed,
        "in_flight": total.in_flight,
        "dropped": total.dropped,
        "cpu": round(node.cpu, 4),
        "host_cpu": round(node.host_cpu, 4),
        "steal": round(node.steal, 4),
        "lateness_p99": lateness(total).percentile(99),
        "lag_p99": total.lag.percentile(99),
        "start_skew": node.start_skew,
        "lost": node.lost,
        "gaps": node.gaps,
        "ended": round(node.ended, 6),
    }


def _judged(nodes: Iterator[NodeResult]) -> tuple[NodeFigures, ...]:
    return tuple(
        NodeFigures(
            node.name,
            node.cpu,
            node.total.lateness.percentile(99),
            node.total.lag.percentile(99),
            node.lost,
            late=node.total.lateness.above(LATENESS_LIMIT),
            lagged=node.total.lag.above(LATENESS_LIMIT),
            host_cpu=node.host_cpu,
            steal=node.steal,
        )
        for node in nodes
    )
