"""The report of a run, `gluten.report/1`. Everything is added up, then figures follow from the sums. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from gluten.plan import backlog
from gluten.plan.run_state import FINAL
from gluten.plan.schedule import Schedule
from gluten.report.load_duration import duration, marked, planned_end
from gluten.report.outcome import notes
from gluten.report.results import Head, NodeResult
from gluten.report.verdict import LATENESS_LIMIT, Figures, NodeFigures, judge
from gluten.stats import hdr
from gluten.stats.delta import Delta
from gluten.stats.histogram import Histogram
from gluten.stats.row import lateness, row
from gluten.task.secrets import redact_url
from gluten.task.task import Task

if TYPE_CHECKING:
    from gluten.documents import ReportDocument, Row

SCHEMA = "gluten.report/1"
QUANTILES = {
    "p50": 50.0, "p75": 75.0, "p90": 90.0, "p95": 95.0, "p99": 99.0, "p99_9": 99.9, "p99_99": 99.99, "p99_999": 99.999,
}  # fmt: skip


def no_give_way() -> None:
    """For callers that nobody waits for."""


def build(
    task: Task,
    head: Head,
    nodes: Sequence[NodeResult],
    seconds: Sequence[Row],
    give_way: Callable[[], None] = no_give_way,
) -> ReportDocument:
    """The report document. `nodes` also has the nodes that were planned and reported nothing. `seconds` are the rows.

    `give_way` is called after the work for each node, to give others a turn.
    """
    total = merge(node.total for node in _paced(nodes, give_way))
    schedule = schedule_of(task, head.adjustments)
    ended = load_ended(nodes)
    length = round(duration(task, schedule, ended, total), 6)
    planned = _planned(schedule, head.state, ended, total) if schedule else None
    if planned is not None:
        # A planned request that was not sent was dropped, whatever the reason (such as a lost node).
        total.of().dropped += max(0, planned - total.sent) - total.dropped
    most = most_open(seconds, nodes)
    plan = planned_end(task, schedule) if schedule and head.state in FINAL else math.inf
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
        # Requests may be sent before an adjustment removes them from the plan. The verdict reports it if they are many.
        planned = max(planned, total.sent)
    plain = _head(task, head, length, ended) | _totals(total, planned, length)
    plain["connections"] = {"limit": task.connections, "most": most, "opened": total.opened, "streams": 1}
    plain["pacing"] = {"quantum": round(total.quantum * 1e6)} if schedule else None
    plain["seconds"] = list(seconds)
    asked_of = partial(_asked_of, task, schedule, head.adjustments, ended)
    plain["nodes"] = [_node(node, length, asked_of(node)) for node in _paced(nodes, give_way)]
    plain["verdict"] = {"value": verdict.value, "reasons": list(verdict.reasons)}
    if found := notes(total.sent, total.failed, total.status):
        plain["verdict"]["notes"] = found
    return cast("ReportDocument", plain)


def most_open(seconds: Iterable[Row], nodes: Sequence[NodeResult] = ()) -> int:
    """The most connections that were open at once over all nodes, by the rows. Without rows: at most so many."""
    most = max((max(row.get("peak", 0), row["connections"]) for row in seconds), default=0)
    return most or sum(node.total.peak for node in nodes)


def needed_by(task: Task, adjustments: Sequence[tuple[float, float]], total: Delta) -> int | None:
    """About how many connections the highest asked rate needs; None: unknown, or a closed loop."""
    seconds, asked = backlog.hold(total, task.timeout), max([task.peak or 0.0, *(rate for _, rate in adjustments)])
    return backlog.needed(asked, seconds) if asked and seconds is not None else None


def drain_from(task: Task, schedule: Schedule | None, state: str, ended: float) -> float:
    """The run-second from which on a row is drain. While the run goes on, its time limit alone decides."""
    return ended if state in FINAL else planned_end(task, schedule) if task.duration is not None else math.inf


def _unsent(head: Head, ended: float) -> str:
    """Why no request was sent; empty: unknown."""
    if head.started_at is None and head.state in FINAL:
        return f"the run was {head.state} before it began"
    if head.state == "stopped" and not ended:
        return "the run was stopped before its load began"
    return ""


def _asked_of(
    task: Task, schedule: Schedule | None, adjustments: Sequence[Any], ended: float, node: NodeResult
) -> float | None:
    """The mean asked rate of a node in requests/s, by its number of threads at the start."""
    if schedule is None:
        return None
    if node.rate is not None and not adjustments:
        return node.rate
    until = min(ended, schedule.last())
    return schedule.asked(0, until) / until * node.threads / max(1, task.threads or 1) if until else 0.0


def _planned(schedule: Schedule, state: str, ended: float, total: Delta) -> int:
    """How many requests were planned. While the run goes on: up to now, since later ones are not dropped."""
    if state not in FINAL:
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
    """The asked schedule with its adjustments; None in a closed loop."""
    if not task.open_loop:
        return None
    schedule = Schedule.of(task)
    for second, rate in adjustments:
        schedule = schedule.adjusted(second, rate)
    return schedule


def reach(task: Task, state: str, ended: float, sent: int) -> float | None:
    """The part of its time or of its requests, whichever ends it, that a closed loop has done, 0 to 1. None: it has a
    rate, or it was stopped."""
    if task.open_loop or state not in ("finished", "failed"):
        return None
    shares = [ended / task.duration] if task.duration else []
    shares += [sent / task.requests] if task.requests else []
    return min(1.0, max(shares)) if shares else None


def load_ended(nodes: Sequence[NodeResult]) -> float:
    """The run-second at which the last node stopped sending."""
    return round(max((node.ended for node in nodes), default=0.0), 6)


def rows(task: Task, head: Head, nodes: Sequence[NodeResult]) -> list[Row]:
    """One row a second, all nodes merged, from the seconds of the nodes. After the load's end it is drain."""
    schedule = schedule_of(task, head.adjustments)
    drain = drain_from(task, schedule, head.state, load_ended(nodes))
    seconds = sorted({second for node in nodes for second in node.seconds})
    return [marked(_row(second, nodes, schedule), drain) for second in seconds]


def _row(second: int, nodes: Sequence[NodeResult], schedule: Schedule | None) -> Row:
    parts = {node.name: node.seconds[second] for node in nodes if second in node.seconds}
    merged = merge(parts.values())
    merged.second = second
    return cast("Row", row(merged, asked(schedule, second), parts))


def asked(schedule: Schedule | None, second: int) -> float | None:
    """How many requests the plan has in one run-second. In the second of its end: up to the end."""
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
