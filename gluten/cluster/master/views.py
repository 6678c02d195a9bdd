"""A live run as the outside sees it: run map, second rows, events, update. Plain values, JSON-able. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from gluten.audit import AuditEntry
from gluten.cluster.master.membership import ClusterNode
from gluten.cluster.run.assignment import Assignment, RunEvent
from gluten.cluster.run.run import Run
from gluten.cluster.run.second import RunSecond
from gluten.plan.run_state import FINAL
from gluten.report.document import asked, no_give_way
from gluten.report.load_duration import marked, planned_end, seen_until, whole
from gluten.report.outcome import good_of
from gluten.task.secrets import redact_url

Map = dict[str, Any]

SPARK = 60
QUIET: Map = {"backlog": 0, "connections": 0, "needed": None, "hint": ""}
"""What a run map says of connections when there is no load."""


def rfc3339(wall: float | None) -> str | None:
    """Unix seconds as RFC 3339 in UTC, to the millisecond."""
    if wall is None:
        return None
    return datetime.fromtimestamp(wall, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def audit_map(deed: AuditEntry) -> Map:
    """What somebody did, without the run, which the asker knows."""
    return {
        "at": rfc3339(deed.at), "action": deed.action, "way": deed.way, "role": deed.role, "address": deed.address,
        "who": deed.who, "detail": deed.detail,
    }  # fmt: skip


def run_map(run: Run, now: float, link: str, queue: int | None = None, report: Mapping[str, Any] | None = None) -> Map:
    """The run as it stands; `report` where it is over."""
    plain = _head(run, link) | _asked(run, now) | _figures(run, now)
    plain["plan"] = plan(run)
    plain["queue"] = queue
    plain["verdict"] = None
    return plain | (of_report(report) if report is not None else {})


def of_report(report: Mapping[str, Any]) -> Map:
    """What a report knows better than the figures so far."""
    counts = {name: report["requests"][name] for name in ("sent", "completed", "failed", "dropped", "in_flight")}
    counts["good"] = good_of(report)
    times = report["response_time"]
    figures = {"rate": report["rate"], "duration": report["duration"], "verdict": report["verdict"]}
    return counts | figures | QUIET | {"p50": times["p50"], "p99": times["p99"], "summary": {"spark": spark(report)}}


def spark(report: Mapping[str, Any]) -> list[int]:
    """The throughput's shape in at most `SPARK` points: completed requests, mean a second, whole seconds only."""
    counts = [int(second["completed"]) for second in whole(report)]
    step = max(1, -(-len(counts) // SPARK))
    chunks = [counts[at : at + step] for at in range(0, len(counts), step)]
    return [round(sum(chunk) / len(chunk)) for chunk in chunks]


def _head(run: Run, link: str) -> Map:
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
        "task": run.task.redacted(),
        "link": link,
        "version": run.version,
        "who": run.who,
    }


def _asked(run: Run, now: float) -> Map:
    elapsed = max(0.0, run.elapsed(now))
    # What was asked last is what is asked, though its run-second is yet to begin.
    latest = max([elapsed, *(second for second, _ in run.adjustments[-1:])])
    rate = run.schedule.rate(latest) if run.schedule is not None else None
    return {"asked_duration": run.task.duration, "elapsed": elapsed, "duration": run.duration, "asked_rate": rate}


def _figures(run: Run, now: float) -> Map:
    total, length = run.ledger.total, _told(run, now)
    p50, p99 = run.ledger.marks
    counts = {name: getattr(total, name) for name in ("sent", "completed", "good", "failed", "dropped", "in_flight")}
    waiting: Map = {"backlog": total.backlog, "connections": total.connections}
    waiting |= {"needed": run.backlog.needed, "hint": run.backlog.hint}
    return counts | waiting | {"rate": total.completed / length if length > 0 else 0.0, "p50": p50, "p99": p99}


def _told(run: Run, now: float) -> float:
    """Seconds of load of which the nodes have told: what the counts so far are counts of."""
    if run.duration is not None:
        return run.duration
    last = run.ledger.last_sent()
    return max(0.0, min(seen_until(last, planned_end(run.task, run.schedule)), run.elapsed(now)))


def plan(run: Run) -> list[Map]:
    """What each node was given at the start."""
    return [assignment.to_map() for assignment in run.assignments.values() if assignment.epoch == 1]


def rows(run: Run, after: int = 0, give_way: Callable[[], None] = no_give_way) -> list[Map]:
    """The seconds that changed after version `after`, in order. `breathe` is called after each one."""
    seconds = run.ledger.seconds.items()
    changed = sorted(number for number, seen in seconds if seen.version > after and not _tail(run, number, seen))
    made, end = [], load_end(run)
    for second in changed:
        made.append(marked(run.ledger.seconds[second].row(asked(run.schedule, second)), end))
        give_way()
    return made


def load_end(run: Run) -> float:
    """The run-second from which on there is no load, as far as it is known: infinity where it is not."""
    if run.load_end is not None:
        return run.load_end
    if run.task.duration is not None:
        return run.task.duration
    total, last = run.ledger.total, run.ledger.last_sent()
    if run.schedule is None or last is None or total.sent + total.dropped < (run.task.requests or math.inf):
        return math.inf
    return last + 1.0


def pulse(run: Run, seconds: int) -> list[int]:
    """Completed requests of the last so many seconds of load, without the newest, which still grows."""
    known, end = run.ledger.seconds, load_end(run)
    whole = [second for second in sorted(known)[:-1] if second < end]
    return [known[second].completed for second in whole[-seconds:]]


def _tail(run: Run, number: int, second: RunSecond) -> bool:
    """True for a second after the end in which nothing came in any more: it has no place in a chart."""
    return number >= load_end(run) and not second.busy


def event_map(event: RunEvent) -> Map:
    return {
        "at": rfc3339(event.wall),
        "second": event.second,
        "kind": event.kind,
        "node": event.node,
        "text": event.text,
        "version": event.version,
    }


def events(run: Run, after: int = 0) -> list[Map]:
    return [event_map(event) for event in run.events if event.version > after]


def update(run: Run, after: int, plain: Map, give_way: Callable[[], None] = no_give_way) -> Map:
    """What changed after version `after`; `plain` is the run's map.

    What changes while the rows are made, between two breaths, comes again with the next update.
    """
    known = {"version": run.version, "run": plain, "events": events(run, after), "final": plain["state"] in FINAL}
    return known | {"rows": rows(run, after, give_way)}


def node_map(member: ClusterNode, now: float) -> Map:
    info = member.info
    return {
        "name": info.name,
        "id": info.node,
        "role": info.role,
        "state": member.state,
        "cores": info.cores,
        "cpu": member.cpu,
        "version": info.version,
        "python": info.python,
        "address": info.host,
        "rpc_port": info.rpc_port,
        "age": max(0.0, now - member.heard),
        "run": member.run,
        "load": info.load,
        "joined_at": rfc3339(member.joined_at),
    }


def assignment_record(assignment: Assignment) -> Map:
    """A share as the store keeps it; the task is kept once, with the run."""
    part = assignment.node_task
    return {
        "node": part.node,
        "name": part.name,
        "cores": part.cores,
        "threads": list(part.threads),
        "begin": part.begin,
        "left": part.left,
    }
