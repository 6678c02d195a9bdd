"""A live run as people and programs see it: run map, rows of seconds, events, update. Plain values for JSON. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, cast

from gluten.audit import AuditEntry
from gluten.cluster.master.membership import ClusterNode
from gluten.cluster.run.assignment import Assignment, RunEvent
from gluten.cluster.run.run_book import RunBook
from gluten.cluster.run.second import RunSecond
from gluten.documents import (
    AuditDocument,
    EventDocument,
    NodeDocument,
    ReportDocument,
    Row,
    RunDocument,
    UpdateDocument,
)
from gluten.plan.run_state import FINAL
from gluten.report import sessions
from gluten.report.asked import asked, drain_from
from gluten.report.by_request import filled, in_order, live
from gluten.report.by_request import of_report as of_report_by_request
from gluten.report.facts import no_give_way
from gluten.report.load_duration import marked, planned_end, seen_until, whole
from gluten.report.measured import measured_from
from gluten.report.outcome import good_of
from gluten.stats.begun import begun, dropped
from gluten.task.secrets import redact_url

Map = dict[str, Any]

SPARK = 60
QUIET: Map = {"backlog": 0, "connections": 0, "needed": None, "hint": ""}
"""The connections of a run map when there is no load."""


def rfc3339(wall: float | None) -> str | None:
    """Unix seconds as RFC 3339 in UTC, to the millisecond."""
    if wall is None:
        return None
    return datetime.fromtimestamp(wall, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def audit_map(entry: AuditEntry) -> AuditDocument:
    """What somebody did to a run, without the run itself."""
    return {
        "at": rfc3339(entry.at),
        "action": entry.action,
        "way": entry.way,
        "role": entry.role,
        "address": entry.address,
        "who": entry.who,
        "detail": entry.detail,
    }


def run_map(
    run: RunBook, now: float, link: str, queue: int | None = None, report: ReportDocument | None = None
) -> RunDocument:
    """The run as it is now; `report` where it is over."""
    plain = _head(run, link) | _asked(run, now) | _figures(run, now)
    plain["plan"] = plan(run)
    plain["queue"] = queue
    plain["verdict"] = None
    plain["slo"] = run.slos.entries if run.slos is not None else []
    plain["capacity"] = run.search.document if run.search is not None else None
    return cast(RunDocument, plain | (of_report(report) if report is not None else {}))


def of_report(report: ReportDocument) -> Map:
    """The figures that a report has more exactly than the live run."""
    counts = {name: report["requests"][name] for name in ("sent", "completed", "failed", "dropped", "in_flight")}
    counts["good"] = good_of(report)
    times = report["response_time"]
    figures: Map = {"rate": report["rate"], "duration": report["duration"], "verdict": report["verdict"]}
    figures["slo"], figures["capacity"] = report.get("slo", []), report.get("capacity")
    if report["task"].get("workload"):
        figures["by_request"] = of_report_by_request(report.get("by_request", ()))
        figures |= sessions.of_report(report)
    return counts | figures | QUIET | _points(times) | {"summary": {"spark": spark(report)}}


def _points(times: Mapping[str, Any]) -> Map:
    return {name: times.get(name) for name in ("p50", "p95", "p99")}


def spark(report: ReportDocument) -> list[int]:
    """The throughput's shape in at most `SPARK` points: completed requests, mean a second, whole seconds only."""
    counts = [int(second["completed"]) for second in whole(report)]
    step = max(1, -(-len(counts) // SPARK))
    chunks = [counts[at : at + step] for at in range(0, len(counts), step)]
    return [round(sum(chunk) / len(chunk)) for chunk in chunks]


def _head(run: RunBook, link: str) -> Map:
    return {
        "id": run.id,
        "number": run.number,
        "name": run.task.name,
        "state": run.state,
        "reason": run.reason,
        "kind": run.kind,
        "url": redact_url(run.task.url),
        "created_at": rfc3339(run.created_at),
        "started_at": rfc3339(run.started_at),
        "ended_at": rfc3339(run.ended_at),
        "task": run.shown(),
        "link": link,
        "version": run.version,
        "who": run.who,
    }


def _asked(run: RunBook, now: float) -> Map:
    elapsed = max(0.0, run.elapsed(now))
    # The latest adjustment is what is asked, even if its run-second has not begun.
    latest = max([elapsed, *(second for second, _ in run.adjustments[-1:])])
    rate = run.schedule.rate(latest) if run.schedule is not None else None
    return {"asked_duration": run.task.duration, "elapsed": elapsed, "duration": run.duration, "asked_rate": rate}


def _figures(run: RunBook, now: float) -> Map:
    total, length = run.ledger.total, _counted_until(run, now)
    p50, p95, p99 = run.ledger.marks
    counts = {name: getattr(total, name) for name in ("sent", "completed", "good", "failed", "dropped", "in_flight")}
    waiting: Map = {"backlog": total.backlog, "connections": total.connections}
    waiting |= {"needed": run.backlog.needed, "hint": run.backlog.hint}
    shown = run.ledger.shown
    length -= 0 if shown is total else measured_from(run.task)
    rate = shown.completed / length if length > 0 else 0.0
    return counts | waiting | {"rate": rate, "p50": p50, "p95": p95, "p99": p99} | _named(run, length)


def _named(run: RunBook, length: float) -> Map:
    """The figures of each named request. A task that is one URL has none, unless redirects are followed."""
    if not (run.task.workload or run.task.follows_url):
        return {}
    total, shown, plain = run.ledger.total, run.ledger.shown, {}
    if run.names.scenarios:
        plain = sessions.live(run.names, total, length, run.ledger.session_points, shown)
    return {"by_request": live(run.names.requests, total.by_name, length, run.ledger.points, shown.by_name)} | plain


def brief(plain: RunDocument) -> RunDocument:
    """The run map without the text of its workload, which may be long and never changes: for lists and updates."""
    if not plain["task"].get("workload"):
        return plain
    task = {name: value for name, value in plain["task"].items() if name != "workload"}
    return cast(RunDocument, plain | {"task": task})


def listed(plain: RunDocument) -> RunDocument:
    """The same for a list of runs: without the trials of a search."""
    found = plain.get("capacity")
    if found is None:
        return brief(plain)
    return {**brief(plain), "capacity": {**found, "trials": []}}


def _counted_until(run: RunBook, now: float) -> float:
    """The seconds of load that are in the counts so far."""
    if run.duration is not None:
        return run.duration
    last = run.ledger.last_sent()
    return max(0.0, min(seen_until(last, planned_end(run.task, run.schedule)), run.elapsed(now)))


def plan(run: RunBook) -> list[Map]:
    """What each node was given at the start."""
    return [assignment.to_map() for assignment in run.assignments.values() if assignment.epoch == 1]


def rows(
    run: RunBook,
    after: int = 0,
    give_way: Callable[[], None] = no_give_way,
    hdr: bool = False,
    request: str | None = None,
) -> list[Row]:
    """The seconds that changed after version `after`, in order. `give_way` is called after each one. `hdr`: with their
    histograms, for a report. `request`: with this named request alone; empty: with none."""
    seconds = run.ledger.seconds.items()
    return rows_of(run, sorted(number for number, seen in seconds if seen.version > after), give_way, hdr, request)


def rows_of(
    run: RunBook,
    numbers: Iterable[int],
    give_way: Callable[[], None] = no_give_way,
    hdr: bool = False,
    request: str | None = None,
) -> list[Row]:
    """The rows of these seconds, without those after the end in which nothing happened."""
    found: list[Row] = []
    end, names = load_end(run), in_order(run.names.requests, run.ledger.total.by_name)
    for second in numbers:
        seen = run.ledger.seconds[second]
        if not _tail(run, second, seen):
            row = cast(Row, seen.row(asked(run.schedule, second), hdr, request))
            found.append(marked(filled(row, names, request), end))
            give_way()
    return found


def load_end(run: RunBook) -> float:
    """The run-second from which on there is no load; infinity while that is not known."""
    if run.load_end is not None:
        return drain_from(run.task, run.schedule, run.state, run.load_end, bool(run.names.scenarios))
    if run.task.duration is not None:
        return run.task.duration
    total, last = run.ledger.total, run.ledger.last_sent()
    if run.schedule is None or last is None or begun(total) + dropped(total) < (run.task.requests or math.inf):
        return math.inf
    return last + 1.0


def pulse(run: RunBook, seconds: int) -> list[int]:
    """Completed requests of each of the last `seconds` seconds of load, without the newest, which still grows."""
    known, end = run.ledger.seconds, load_end(run)
    whole = [second for second in sorted(known)[:-1] if second < end]
    return [known[second].completed for second in whole[-seconds:]]


def _tail(run: RunBook, number: int, second: RunSecond) -> bool:
    """True for a second after the end in which nothing happened. Charts leave it out."""
    return number >= load_end(run) and not second.busy


def event_map(event: RunEvent) -> EventDocument:
    return {
        "at": rfc3339(event.wall),
        "second": event.second,
        "kind": event.kind,
        "node": event.node,
        "text": event.text,
        "version": event.version,
    }


def events(run: RunBook, after: int = 0) -> list[EventDocument]:
    return [event_map(event) for event in run.events if event.version > after]


def update(
    run: RunBook,
    after: int,
    plain: RunDocument,
    give_way: Callable[[], None] = no_give_way,
    request: str | None = None,
) -> UpdateDocument:
    """What changed after version `after`; `plain` is the run's map.

    What changes while the rows are built comes again with the next update.
    """
    version, new_events, final = run.version, events(run, after), plain["state"] in FINAL
    changed = rows(run, after, give_way, request=request)
    return {"version": version, "run": brief(plain), "events": new_events, "final": final, "rows": changed}


def node_map(node: ClusterNode, now: float) -> NodeDocument:
    info = node.info
    plain = {
        "name": info.name,
        "id": info.node,
        "role": info.role,
        "state": node.state,
        "cores": info.cores,
        "cpu": node.cpu,
        "cpu_history": [round(cpu, 2) for cpu in node.cpu_history],
        "version": info.version,
        "python": info.python,
        "address": info.host,
        "rpc_port": info.rpc_port,
        "age": max(0.0, now - node.last_seen),
        "run": node.run,
        "load": info.load,
        "joined_at": rfc3339(node.joined_at),
    }
    return cast(NodeDocument, plain)


def assignment_record(assignment: Assignment) -> Map:
    """An assignment as it is stored. The task is stored once, with the run."""
    task = assignment.node_task
    return {
        "node": task.node,
        "name": task.name,
        "cores": task.cores,
        "threads": list(task.threads),
        "begin": task.begin,
        "left": task.left,
    }
