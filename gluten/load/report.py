"""The report of a run, `gluten.report/1`: everything added up first, then derived. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from gluten.load import backlog, hdr
from gluten.load.check import DEFAULT_CONNECTIONS
from gluten.load.delta import Delta
from gluten.load.histogram import Histogram
from gluten.load.pace import Schedule
from gluten.load.redact import redact_url
from gluten.load.row import lateness, row
from gluten.load.task import Task
from gluten.load.verdict import Figures, NodeFigures, Verdict, judge

SCHEMA = "gluten.report/1"
OVER = ("finished", "stopped", "failed")
"""The states in which nothing more is to come."""
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
    whole seconds of load, `ended` when its sending ended (run-seconds), `rate` its asked share in requests/s,
    `start_skew` seconds (None: unknown), `gaps` seconds without word. `seconds` are its deltas by run-second, where
    the report's rows are to be made from them. `connections` None: elastic, so those that it used are told."""

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
    seconds: Mapping[int, Delta] = field(default_factory=dict)

    @classmethod
    def summed(cls, seconds: Mapping[int, Delta], ended: float, **more: Any) -> Self:
        """Of one node's deltas by run-second; `more` are the other fields."""
        total = Delta()
        for second in sorted(seconds):
            total.follow(seconds[second])
        shares = [delta.cpu for second, delta in seconds.items() if second + 1 <= ended]
        cpu = sum(shares) / len(shares) if shares else total.cpu if ended >= 0.5 else 0.0
        return cls(total=total, cpu=cpu, ended=ended, seconds=seconds, **more)


def no_pause() -> None:
    """Where nobody waits for a turn meanwhile."""


def build(
    task: Task,
    head: Head,
    nodes: Sequence[NodeResult],
    breathe: Callable[[], None] = no_pause,
    seconds: Sequence[Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """The report document. Nodes that were planned but said nothing belong in `nodes`, too. `seconds` are the rows;
    without them they are made of those of the nodes.

    `breathe` is called after what each node costs, for others to have a turn.
    """
    total = merge(node.total for node in _paced(nodes, breathe))
    schedule = schedule_of(task, head.adjustments)
    ended = max((node.ended for node in nodes), default=0.0)
    length = round(duration(task, schedule, ended, total), 6)
    planned = _planned(schedule, head.state, ended, total) if schedule else None
    if planned is not None:
        # What nobody sent, for whatever reason (a node lost, say), was dropped.
        total.dropped = max(0, planned - total.sent)
    seconds = rows(nodes, schedule) if seconds is None else seconds
    most, needed = most_open(seconds, nodes), needed_by(task, head.adjustments, total)
    reached = reach(task, head.state, ended, total.sent)
    verdict = _judge(_paced(nodes, breathe), total, planned, reached, most, needed)
    if planned is not None:
        # Sent before an adjustment took it back, it had been planned; the verdict says so when that is much.
        planned = max(planned, total.sent)
    plain = _head(task, head, length) | _totals(total, planned, length)
    plain["connections"] = {"limit": task.connections, "most": most, "opened": total.opened, "streams": 1}
    plain["seconds"] = list(seconds)
    plain["nodes"] = [_node(node, length) for node in _paced(nodes, breathe)]
    plain["verdict"] = {"value": verdict.value, "reasons": list(verdict.reasons)}
    return plain


def most_open(seconds: Iterable[Mapping[str, Any]], nodes: Sequence[NodeResult] = ()) -> int:
    """The most connections that were open at once over all nodes, by the rows; without rows at most so many."""
    most = max((max(row.get("peak", 0), row["connections"]) for row in seconds), default=0)
    return most or sum(node.total.peak for node in nodes)


def needed_by(task: Task, adjustments: Sequence[tuple[float, float]], total: Delta) -> int | None:
    """How many connections the highest rate that was asked needs about; None: nobody knows, or a closed loop."""
    seconds, asked = backlog.hold(total, task.timeout), max([task.peak or 0.0, *(rate for _, rate in adjustments)])
    return backlog.needed(asked, seconds) if asked and seconds is not None else None


def _planned(schedule: Schedule, state: str, ended: float, total: Delta) -> int:
    """Requests: of a run that goes on, those that have come to something, since what is to come is not dropped."""
    if state not in OVER:
        return total.sent + total.dropped
    return schedule.planned(ended if state == "stopped" else schedule.end)


def _paced(nodes: Sequence[NodeResult], breathe: Callable[[], None]) -> Iterator[NodeResult]:
    for node in nodes:
        yield node
        breathe()


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


def duration(task: Task, schedule: Schedule | None, ended: float, total: Delta) -> float:
    """Seconds that the load lasted.

    At a constant rate: until the schedule ended or was stopped. In a closed loop the time that each connection
    spent on its last response counts too, on average over the connections, since those responses are counted:
    by Little's law completed / duration is then the true throughput, and one straggler does not distort it.
    """
    if schedule is not None:
        return min(schedule.last(), ended) if ended else 0.0
    return ended + total.drained / (task.connections or DEFAULT_CONNECTIONS)


def reach(task: Task, state: str, ended: float, sent: int) -> float | None:
    """How much of its time or of its requests, whichever ends it, a closed loop that nobody stopped came to: 0 to 1."""
    if task.open_loop or state not in ("finished", "failed"):
        return None
    shares = [ended / task.duration] if task.duration else []
    shares += [sent / task.requests] if task.requests else []
    return min(1.0, max(shares)) if shares else None


def rows(nodes: Sequence[NodeResult], schedule: Schedule | None) -> list[dict[str, Any]]:
    """One row a second, all nodes merged."""
    seconds = sorted({second for node in nodes for second in node.seconds})
    return [_row(second, nodes, schedule) for second in seconds]


def _row(second: int, nodes: Sequence[NodeResult], schedule: Schedule | None) -> dict[str, Any]:
    parts = {node.name: node.seconds[second] for node in nodes if second in node.seconds}
    merged = merge(parts.values())
    merged.second = second
    return row(merged, asked(schedule, second), parts)


def asked(schedule: Schedule | None, second: int) -> float | None:
    """The mean rate asked in one run-second, in requests/s; 0 after the end."""
    if schedule is None:
        return None
    if second >= schedule.end:
        return 0.0
    return (schedule.rate(second) + schedule.rate(min(second + 1 - 1e-9, schedule.end))) / 2


def _head(task: Task, head: Head, length: float) -> dict[str, Any]:
    return {
        "schema": SCHEMA, "id": head.id, "number": head.number, "name": head.name, "state": head.state,
        "reason": head.reason, "url": redact_url(task.url), "started_at": head.started_at,
        "duration": length, "link": head.link, "task": task.redacted(), "plan": list(head.plan),
        "events": list(head.events),
    }  # fmt: skip


def _totals(total: Delta, planned: int | None, length: float) -> dict[str, Any]:
    counts = ("sent", "completed", "failed", "in_flight", "dropped")
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
    }


def quantiles(histogram: Histogram) -> dict[str, Any]:
    """Microseconds, and the whole histogram as HdrHistogram's tools read it (`hdr`)."""
    plain: dict[str, Any] = {
        "min": histogram.smallest, "mean": round(histogram.mean, 2), "stdev": round(histogram.stdev, 2),
        "max": histogram.most,
    }  # fmt: skip
    plain |= dict(zip(QUANTILES, histogram.percentiles(QUANTILES.values()), strict=True))
    return plain | {"hdr": hdr.encode(histogram)}


def _node(node: NodeResult, length: float) -> dict[str, Any]:
    total = node.total
    achieved = total.completed / length if length else 0.0
    return {
        "name": node.name, "cores": node.cores, "threads": node.threads,
        "connections": total.peak if node.connections is None else node.connections,
        "rate": achieved if node.rate is None else node.rate, "achieved": achieved, "sent": total.sent,
        "completed": total.completed, "failed": total.failed, "in_flight": total.in_flight,
        "dropped": total.dropped, "cpu": round(node.cpu, 4),
        "lateness_p99": lateness(total).percentile(99), "start_skew": node.start_skew, "lost": node.lost,
        "gaps": node.gaps,
    }  # fmt: skip


def _judge(
    nodes: Iterator[NodeResult],
    total: Delta,
    planned: int | None,
    reached: float | None,
    most: int,
    needed: int | None,
) -> Verdict:
    parts, gaps = [], 0
    for node in nodes:
        late, lag = node.total.lateness.percentile(99), node.total.lag.percentile(99)
        parts.append(NodeFigures(node.name, node.cpu, late, lag, node.lost))
        gaps += node.gaps
    return judge(
        Figures(
            tuple(parts),
            planned,
            total.sent,
            total.completed,
            total.failed,
            total.in_flight,
            total.dropped,
            gaps,
            reached,
            most,
            needed,
        )
    )
