"""The report of a run, `gluten.report/1`. Everything is added up, then figures follow from the sums. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from gluten.plan.requests import planned_requests, request_names
from gluten.plan.run_state import FINAL
from gluten.plan.schedule import Schedule, schedule_of
from gluten.report.asked import asked, asked_by_node, drain_from, needed_by, planned_by, reach
from gluten.report.by_request import by_request, failures, planned_by_name, slowest
from gluten.report.feeds import feeds
from gluten.report.load_duration import duration, marked, planned_end
from gluten.report.outcome import notes
from gluten.report.quantiles import quantiles
from gluten.report.results import Head, NodeResult
from gluten.report.verdict import LATENESS_LIMIT, Figures, NodeFigures, judge
from gluten.stats.delta import Delta
from gluten.stats.request_stats import REQUEST
from gluten.stats.row import lateness, row
from gluten.task.secrets import redact_url
from gluten.task.task import Task

if TYPE_CHECKING:
    from gluten.documents import ReportDocument, Row
    from gluten.report.slos import Seconds

SCHEMA = "gluten.report/1"


def no_give_way() -> None:
    """For callers that nobody waits for."""


def build(
    task: Task,
    head: Head,
    nodes: Sequence[NodeResult],
    seconds: Sequence[Row],
    give_way: Callable[[], None] = no_give_way,
    named: Delta | None = None,
    by_second: Seconds | None = None,
) -> ReportDocument:
    """The report document. `nodes` also has the nodes that were planned and reported nothing. `seconds` are the rows.
    `named` is the sum over the nodes by name, where the nodes' own sums are not told apart by name. `by_second` are the
    sums by run-second, where the nodes do not keep their seconds.

    `give_way` is called after the work for each node, to give others a turn.
    """
    facts = _facts(task, head, nodes, seconds, give_way)
    verdict = judge(_figures(facts, nodes, give_way))
    total, length = facts.total, facts.length
    # Requests may be sent before an adjustment removes them from the plan. The verdict reports it if they are many.
    planned = None if facts.planned is None else max(facts.planned, total.sent)
    plain = _head(task, head, length, facts.ended) | _totals(total, planned, length)
    plain["connections"] = {"limit": task.connections, "most": facts.most, "opened": total.opened, "streams": 1}
    plain["slo"] = _slos(facts, named or total, planned, by_second or _merged(nodes), give_way) if task.slo else []
    plain |= _named(task, named or total, planned, length)
    plain["pacing"] = {"quantum": round(total.quantum * 1e6)} if facts.schedule else None
    plain["seconds"] = list(seconds)
    plain["slowest"] = slowest(seconds)
    asked_of = partial(asked_by_node, task, facts.schedule, head.adjustments, facts.ended)
    plain["nodes"] = [_node(node, length, asked_of(node)) for node in _paced(nodes, give_way)]
    plain["verdict"] = {"value": verdict.value, "reasons": list(verdict.reasons)}
    if found := notes(total.sent, total.failed, total.status, total.good):
        plain["verdict"]["notes"] = found
    return cast("ReportDocument", plain)


def _slos(
    facts: _Facts, named: Delta, planned: int | None, by_second: Seconds, give_way: Callable[[], None]
) -> list[dict[str, Any]]:
    """How the SLOs stand."""
    from gluten.report.slos import judged  # here, because most runs have none
    from gluten.slo.judge import Seen

    over, whole = facts.head.state in FINAL, min(facts.ended, facts.length)
    dropped = None if planned is None else facts.total.dropped
    seen = Seen(named, facts.length, planned, over, whole if over else math.inf, dropped)
    return judged(facts.task, by_second, seen, give_way)


def _merged(nodes: Sequence[NodeResult]) -> Seconds:
    """The seconds of all nodes. Those of a single one are not unpacked here."""
    if len(nodes) == 1:
        return nodes[0].seconds
    return {
        second: merge(node.seconds[second] for node in nodes if second in node.seconds)
        for second in {second for node in nodes for second in node.seconds}
    }


def _named(task: Task, total: Delta, planned: int | None, length: float) -> dict[str, Any]:
    """What is told apart by the names of requests."""
    names = request_names(task)
    sent = {name: total.by_name[name].sent if name in total.by_name else 0 for name in names}
    plan = None if planned is None else planned_by_name(sent, planned_requests(task, planned), planned)
    plain: dict[str, Any] = {"by_request": by_request(names, total, plan, length), "failures": failures(names, total)}
    return plain | {"feeds": feeds(task, sent, planned), "seed": task.seed, "protocol": "HTTP/1.1"}


class _Facts(NamedTuple):
    """What the verdict and the document follow from. `length` is how long the load lasted, `ended` when its last node
    stopped sending, `most` how many connections were open at once."""

    task: Task
    head: Head
    schedule: Schedule | None
    total: Delta
    planned: int | None
    ended: float
    length: float
    most: int


def _facts(
    task: Task, head: Head, nodes: Sequence[NodeResult], seconds: Sequence[Row], give_way: Callable[[], None]
) -> _Facts:
    total = merge(node.total for node in _paced(nodes, give_way))
    schedule, ended = schedule_of(task, head.adjustments), load_ended(nodes)
    length = round(duration(task, schedule, ended, total), 6)
    planned = planned_by(schedule, head.state, ended, total) if schedule else None
    if planned is not None:
        # A planned request that was not sent was dropped, whatever the reason (such as a lost node).
        total.of(next(iter(total.by_name), REQUEST)).dropped += max(0, planned - total.sent) - total.dropped
    return _Facts(task, head, schedule, total, planned, ended, length, most_open(seconds, nodes))


def _figures(facts: _Facts, nodes: Sequence[NodeResult], give_way: Callable[[], None]) -> Figures:
    task, head, schedule, total = facts.task, facts.head, facts.schedule, facts.total
    return Figures(
        _judged(_paced(nodes, give_way)),
        facts.planned,
        total.sent,
        total.completed,
        total.failed,
        total.in_flight,
        total.dropped,
        sum(node.gaps for node in nodes),
        reach(task, head.state, facts.ended, total.sent),
        unsent=_unsent(head, facts.ended),
        plan=planned_end(task, schedule) if schedule and head.state in FINAL else math.inf,
        took=facts.ended,
        connections=facts.most,
        needed=needed_by(task, head.adjustments, total),
    )


def most_open(seconds: Iterable[Row], nodes: Sequence[NodeResult] = ()) -> int:
    """The most connections that were open at once over all nodes, by the rows. Without rows: at most so many."""
    most = max((max(row.get("peak", 0), row["connections"]) for row in seconds), default=0)
    return most or sum(node.total.peak for node in nodes)


def _unsent(head: Head, ended: float) -> str:
    """Why no request was sent; empty: unknown."""
    if head.started_at is None and head.state in FINAL:
        return f"the run was {head.state} before it began"
    if head.state == "stopped" and not ended:
        return "the run was stopped before its load began"
    return ""


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
        "requests": {"planned": planned} | {name: getattr(total, name) for name in counts} | {"skipped": 0},
        "rate": total.completed / length if length else 0.0,
        "status": {str(code): times for code, times in sorted(total.status.items())},
        "errors": {kind: times for kind, times in sorted(total.errors.items()) if times},
        "samples": dict(total.samples),
        "bytes": {"read": total.read, "written": total.written},
        "response_time": quantiles(total.response),
        "service_time": quantiles(total.service),
        "first_byte": quantiles(total.first_byte),
        "lateness": quantiles(lateness(total)),
        "lag": quantiles(total.lag),
    }


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
