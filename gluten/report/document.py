"""The report of a run, `gluten.report/1`. Everything is added up, then figures follow from the sums. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from gluten.plan.requests import planned_requests
from gluten.plan.run_state import FINAL
from gluten.plan.schedule import Schedule, schedule_of
from gluten.report import sessions
from gluten.report.asked import asked, asked_by_node, drain_from
from gluten.report.by_request import by_request, failures, named_rows, own_status, planned_by_name, slowest
from gluten.report.capacity import Found, entries, figures_of
from gluten.report.facts import Facts, figures, gather, load_ended, merge, no_give_way, paced
from gluten.report.feeds import feeds
from gluten.report.load_duration import marked
from gluten.report.measured import Measured, Seconds, measured
from gluten.report.measured import document as measured_document
from gluten.report.outcome import notes, session_notes, stream_notes
from gluten.report.quantiles import quantiles
from gluten.report.results import Head, NodeResult
from gluten.report.typical import with_steps
from gluten.report.verdict import Verdict, judge
from gluten.stats.begun import redirected
from gluten.stats.delta import Delta
from gluten.stats.row import lateness, row, with_hdr
from gluten.task.secrets import redact_url
from gluten.task.task import Task

if TYPE_CHECKING:
    from gluten.documents import ReportDocument, Row

SCHEMA = "gluten.report/1"


def build(
    task: Task,
    head: Head,
    nodes: Sequence[NodeResult],
    seconds: Sequence[Row],
    give_way: Callable[[], None] = no_give_way,
    named: Delta | None = None,
    by_second: Seconds | None = None,
    after: Delta | None = None,
    found: Found | None = None,
) -> ReportDocument:
    """The report document. `nodes` also has the nodes that were planned and reported nothing. `seconds` are the rows.
    `named` is the sum over the nodes by name, where the nodes' own sums are not told apart by name. `by_second` are the
    sums by run-second, where the nodes do not keep their seconds. `after` is the sum by name of the seconds after the
    warmup, where it is known. `found`: what a search for the capacity has found.

    `give_way` is called after the work for each node, to give others a turn.
    """
    facts = gather(task, head, nodes, seconds, give_way, named)
    length, ended = facts.length, facts.ended
    by_second = by_second or (_merged(nodes) if task.slo or task.warmup else {})
    judged = figures(facts, nodes, give_way)
    verdict = judge(judged if found is None else figures_of(found, judged, by_second))
    part = measured(task, facts.named, length, after, by_second, give_way)
    # Requests may be sent before an adjustment removes them from the plan. The verdict reports it if they are many.
    planned = None if facts.planned is None else max(facts.planned, facts.begun)
    plain = _head(task, head, length, ended) | {"measured": measured_document(part, ended)}
    plain |= _totals(facts.total, _of_requests(facts, planned)) | _times(part)
    plain["connections"] = _connections(facts)
    plain["slo"] = _slos(facts, part, planned, by_second, found, give_way)
    plain["capacity"] = None if found is None else found.document
    plain |= _named(facts, part, planned)
    plain["pacing"] = {"quantum": round(facts.total.quantum * 1e6)} if facts.schedule else None
    plain["seconds"] = named_rows(seconds, [entry["name"] for entry in plain["by_request"]])
    plain["slowest"] = slowest(seconds)
    plain["nodes"] = _nodes(facts, part, nodes, seconds, give_way)
    plain["verdict"] = _verdict(verdict, _remarks(facts, plain["sessions"]))
    return cast("ReportDocument", plain)


def _verdict(verdict: Verdict, remarks: list[str]) -> dict[str, Any]:
    """Without remarks there is no key for them."""
    plain: dict[str, Any] = {"value": verdict.value, "reasons": list(verdict.reasons)}
    return plain | {"notes": remarks} if remarks else plain


def _connections(facts: Facts) -> dict[str, Any]:
    task, total = facts.task, facts.total
    streams = total.streams or task.streams
    return {"limit": task.connections, "most": facts.most, "opened": total.opened, "streams": streams}


def _remarks(facts: Facts, plain_sessions: Any) -> list[str]:
    """What the verdict notes, whatever it is."""
    total, extra = facts.total, redirected(facts.named)
    remarks = [*notes(facts.named.sent - extra, total.failed, own_status(facts.named), total.good - extra)]
    remarks += stream_notes(facts.task.streams, total.streams)
    return [*remarks, *session_notes(plain_sessions, facts.head.state)]


def _slos(
    facts: Facts,
    part: Measured,
    planned: int | None,
    by_second: Seconds,
    found: Found | None,
    give_way: Callable[[], None],
) -> Any:
    """How the SLOs stand. A search for the capacity has judged them itself."""
    if found is not None and found.hold is not None:
        return entries(facts.task, found, by_second, give_way)
    return _judged(facts, part, planned, by_second, give_way) if facts.task.slo else []


def _judged(
    facts: Facts, part: Measured, planned: int | None, by_second: Seconds, give_way: Callable[[], None]
) -> list[dict[str, Any]]:
    from gluten.report.slos import judged  # here, because most runs have none
    from gluten.slo.judge import Seen

    over, whole = facts.head.state in FINAL, min(facts.ended, facts.length)
    if planned is not None and facts.schedule is not None:
        planned -= min(planned, facts.schedule.planned(part.first))
    # What is dropped is what is left at the end of the load.
    dropped = None if planned is None else min(planned, facts.dropped)
    seen = Seen(part.total, part.length, planned, over, whole if over else math.inf, dropped)
    return judged(facts.task, by_second, seen, give_way)


def _merged(nodes: Sequence[NodeResult]) -> Seconds:
    """The seconds of all nodes. Those of a single one are not unpacked here."""
    if len(nodes) == 1:
        return nodes[0].seconds
    return {
        second: merge(node.seconds[second] for node in nodes if second in node.seconds)
        for second in {second for node in nodes for second in node.seconds}
    }


def _of_requests(facts: Facts, planned: int | None) -> int | None:
    """How many requests were planned. What a session sends is not known before; a redirect is not, either."""
    return None if planned is None or facts.names.scenarios else planned + redirected(facts.named)


def _named(facts: Facts, part: Measured, planned: int | None) -> dict[str, Any]:
    """What is told apart by the names of requests and scenarios."""
    task, names, total = facts.task, facts.names, facts.named
    sent = {name: total.by_name[name].sent if name in total.by_name else 0 for name in names.requests}
    plan = None
    if planned is not None and not names.scenarios:
        plan = planned_by_name(sent, planned_requests(task, planned, facts.head.workload), planned)
    plain: dict[str, Any] = {
        "by_request": by_request(names.requests, total, plan, part.length, part.total),
        "failures": failures(names.requests, total),
    }
    plain |= sessions.document(names, facts.sessions, total.groups, planned is not None, facts.most_active, part.total)
    plain["by_scenario"] = with_steps(plain["by_scenario"], task, facts.head.workload)
    used = {name: stats.begun for name, stats in facts.sessions.items()}
    return plain | {
        "feeds": feeds(task, sent, planned, used, facts.head.workload),
        "seed": task.seed,
        "protocol": "HTTP/2" if task.http2 else "HTTP/1.1",
    }


def rows(task: Task, head: Head, nodes: Sequence[NodeResult]) -> list[Row]:
    """One row a second, all nodes merged, from the seconds of the nodes. After the load's end it is drain."""
    schedule = schedule_of(task, head.adjustments)
    scenarios = any(node.total.by_scenario for node in nodes)
    drain = drain_from(task, schedule, head.state, load_ended(nodes), scenarios)
    seconds = sorted({second for node in nodes for second in node.seconds})
    return [marked(_row(second, nodes, schedule), drain) for second in seconds]


def _row(second: int, nodes: Sequence[NodeResult], schedule: Schedule | None) -> Row:
    parts = {node.name: node.seconds[second] for node in nodes if second in node.seconds}
    merged = merge(parts.values())
    merged.second = second
    return cast("Row", with_hdr(row(merged, asked(schedule, second), parts), merged))


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
        "task": task.redacted() if head.shown is None else head.shown,
        "plan": list(head.plan),
        "events": list(head.events),
    }


def _totals(total: Delta, planned: int | None) -> dict[str, Any]:
    counts = ("sent", "completed", "good", "failed", "in_flight", "dropped", "skipped")
    return {
        "requests": {"planned": planned} | {name: getattr(total, name) for name in counts},
        "status": {str(code): times for code, times in sorted(total.status.items())},
        "errors": {kind: times for kind, times in sorted(total.errors.items()) if times},
        "samples": dict(total.samples),
        "bytes": {"read": total.read, "written": total.written},
    }


def _times(part: Measured) -> dict[str, Any]:
    total = part.total
    return {
        "rate": total.completed / part.length if part.length else 0.0,
        "response_time": quantiles(total.response),
        "service_time": quantiles(total.service),
        "first_byte": quantiles(total.first_byte),
        "lateness": quantiles(lateness(total)),
        "lag": quantiles(total.lag),
    }


def _rate_of(part: Measured, seconds: Sequence[Row], node: NodeResult) -> float:
    """The node's completed requests/s."""
    completed = node.total.completed
    if part.first:
        rows = [row["nodes"] for row in seconds if row["second"] >= part.first]
        completed = sum(found[node.name]["completed"] for found in rows if node.name in found)
    return completed / part.length if part.length else 0.0


def _nodes(
    facts: Facts, part: Measured, nodes: Sequence[NodeResult], seconds: Sequence[Row], give_way: Callable[[], None]
) -> list[dict[str, Any]]:
    asked_of = partial(asked_by_node, facts.task, facts.schedule, facts.head.adjustments, facts.ended)
    rate_of = partial(_rate_of, part, seconds)
    return [_node(node, rate_of(node), asked_of(node)) for node in paced(nodes, give_way)]


def _node(node: NodeResult, achieved: float, asked: float | None) -> dict[str, Any]:
    total = node.total
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
