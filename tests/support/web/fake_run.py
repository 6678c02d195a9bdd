"""One simulated run, and its report."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from gluten.plan.run_state import FINAL
from gluten.report.window import window
from gluten.slo.grammar import parse_all
from gluten.slo.judge import Seen
from gluten.slo.live import LiveSlos
from gluten.stats import hdr
from gluten.stats.delta import Delta
from gluten.stats.request_stats import REQUEST
from gluten.task.secrets import redact_url
from gluten.task.task import Task
from tests.support.web import fake_search, fake_sessions
from tests.support.web.fake_named import is_shop, report_of, totals
from tests.support.web.fake_rows import CONNECTIONS, NODES, OPENED, Map, drain, elastic, good, hint, row, spread
from tests.support.web.fake_sessions import has_users

K = TypeVar("K")
BEGIN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class FakeRun:
    """One run: its map is made anew from its rows each time it is asked for."""

    def __init__(self, number: int, task: Task, at: datetime, base: str) -> None:
        self.id = uuid.uuid5(uuid.NAMESPACE_OID, str(number)).hex
        self.number, self.task, self.at, self.base = number, task, at, base
        self.state, self.reason, self.rate = "queued", "", task.rate
        self.rows: dict[int, Map] = {}
        self.slos = LiveSlos(parse_all(task.slo))
        self.events: list[tuple[int, Map]] = []
        self.version = 1
        self.verdict: Map | None = None
        self.tell("created", f"created by web: {task.threads} threads, {task.connections} connections")

    def copy(self) -> FakeRun:
        """Another run that begins as this one. Rows and events never change once they are there: both have the same."""
        made = copy.copy(self)
        made.rows, made.events = dict(self.rows), list(self.events)
        return made

    def tell(self, kind: str, text: str, node: str = "") -> None:
        self.version += 1
        second = max(self.rows, default=0) if self.rows else None
        at = stamp(self.at + timedelta(seconds=second or 0))
        self.events.append((self.version, {"at": at, "second": second, "kind": kind, "node": node, "text": text}))

    def advance(self, second: int) -> None:
        """A second arrives, and the one before it once more, now with the last node's part."""
        self.version += 1
        if second:
            self.rows[second - 1] = row(second - 1, self.task, self.rate, self.version)
        self.rows[second] = row(second, self.task, self.rate, self.version, 0.8)

    def end(self, state: str, reason: str = "", verdict: str = "valid", reasons: tuple[str, ...] = ()) -> None:
        """The last second is whole, and what is still under way comes back in the second after it."""
        self.state, self.reason = state, reason
        if self.rows:
            self.version += 1
            last = max(self.rows)
            self.rows[last] = row(last, self.task, self.rate, self.version)
            self.rows[last + 1] = drain(last + 1, self.task, self.rate, self.version)
        self.verdict = {"value": verdict, "reasons": list(reasons)}
        self.tell(state, f"{state} after {self.elapsed:.0f} s{': ' + reason if reason else ''}")

    def adjust(self, rate: float, who: str) -> None:
        self.rate = rate
        self.tell("adjusted", f"rate set to {rate:g} requests/s by {who}")

    @property
    def elapsed(self) -> float:
        """Seconds of load."""
        return float(len(self.load()))

    def load(self) -> list[Map]:
        return [found for _, found in sorted(self.rows.items()) if not found.get("drain")]

    def total(self, key: str) -> int:
        return int(sum(found[key] for found in self.rows.values()))

    def status(self) -> dict[str, int]:
        return sum_of(found["status"] for found in self.rows.values())

    def judged(self) -> Map | None:
        """The verdict, with what stands beside it."""
        done = self.total("completed")
        bad = done - good(self.status())
        if self.verdict is None or bad <= done / 2:
            return self.verdict
        return self.verdict | {"notes": [f"most answers have a bad status (4xx or 5xx): {bad} of {done}"]}

    def map(self) -> Map:
        over = self.state in FINAL
        last = self.rows.get(max(self.rows, default=0), {})
        return {
            "id": self.id,
            "number": self.number,
            "name": self.task.name,
            "state": self.state,
            "reason": self.reason,
            "url": redact_url(self.task.url),
            "created_at": stamp(self.at),
            "started_at": stamp(self.at) if self.rows or over else None,
            "ended_at": stamp(self.at + timedelta(seconds=self.elapsed)) if over else None,
            "asked_duration": self.task.duration,
            "elapsed": self.elapsed,
            "duration": self.elapsed if over else None,
            "asked_rate": self.rate,
            "task": self.task.redacted() | ({"connections": None} if elastic(self.task) else {}),
            "plan": self.plan(),
            "link": f"{self.base}/runs/{self.id}",
            "p50": 1834.0 if self.rows else None,
            "p95": 4768.4 if self.rows else None,
            "p99": 7611.0 if self.rows else None,
            "verdict": self.judged(),
            "version": self.version,
            "queue": 1 if self.state == "queued" else None,
            "who": "web 127.0.0.1",
            **({"waits": "another run is on"} if self.state == "queued" else {}),
            "slo": self.slo(),
            "capacity": fake_search.found(self.task, self.elapsed, over),
            "summary": {"spark": [found["completed"] for found in self.load()[-60:]]},
            **self._counts({} if over else last),
            **({"by_request": totals(self.rows.values(), self.elapsed)} if is_shop(self.task) else {}),
            **(fake_sessions.totals(self.load(), self.elapsed, over) if has_users(self.task) else {}),
        }

    def slo(self) -> list[Map]:
        """How the task's SLOs stand, by the load so far."""
        total = Delta()
        for seen in self.load() if self.task.slo else ():
            part = Delta(seen["second"])
            part.of().response = spread(seen["completed"], seen["p50"])
            part.of().completed, part.of().failed = seen["completed"], seen["failed"]
            part.of().status = {int(code): count for code, count in seen["status"].items()}
            part.of().sent = part.completed + part.failed
            self.slos.look(part.second, part)
            total.add(part)
        self.slos.judge(Seen(total, self.elapsed, None, self.state in FINAL), None, lambda first, last: total)
        return self.slos.entries

    def _counts(self, last: Map) -> Map:
        """`last` is the newest second of a run under way."""
        counts = {key: self.total(key) for key in ("sent", "completed", "good", "failed", "dropped")}
        waiting = last.get("backlog", 0)
        needed = 40 if waiting else None
        return {
            **counts,
            "sent": counts["sent"] + last.get("in_flight", 0),
            "in_flight": last.get("in_flight", 0),
            "rate": counts["completed"] / self.elapsed if self.rows else 0.0,
            "backlog": waiting,
            "connections": last.get("connections", 0),
            "needed": needed,
            "hint": hint(self.task, waiting, needed or 0),
        }

    def plan(self) -> list[Map]:
        rate = self.task.rate
        return [
            {
                "name": name,
                "cores": cores,
                "threads": max(1, (self.task.threads or 20) * cores // 20),
                "connections": None
                if elastic(self.task)
                else max(1, (self.task.connections or CONNECTIONS) * cores // 20),
                "rate": rate * cores / 20 if rate else None,
                "requests": None,
            }
            for name, cores in NODES
        ]

    def report(self) -> Map:
        shown, rows = self.map(), [self.rows[second] for second in sorted(self.rows)]
        counts = ("sent", "completed", "good", "failed", "in_flight", "dropped")
        return {
            "schema": "gluten.report/1",
            **{key: shown[key] for key in ("id", "number", "name", "state", "reason", "url", "link", "plan", "task")},
            "started_at": shown["started_at"],
            "duration": shown["elapsed"],
            "ended": shown["elapsed"],
            "requests": {key: shown[key] for key in counts} | {"planned": shown["sent"] if self.rate else None},
            "rate": shown["rate"],
            "status": self.status(),
            "errors": sum_of(found["errors"] for found in rows),
            "samples": {"timeout": "no answer within 2s", "reset": "Connection reset by peer <b>"},
            "bytes": {"read": self.total("read"), "written": self.total("written")},
            "response_time": _times(1834.0) if rows else _times(0.0),
            "service_time": _times(1790.0, 0.8) if rows else _times(0.0),
            "lateness": _times(60.0),
            "connections": self._connections(),
            "seconds": rows,
            "nodes": [_node_report(part, rows, self.elapsed) for part in self.plan()],
            "events": [event for _, event in self.events],
            "slo": shown["slo"],
            "capacity": shown["capacity"],
            "verdict": self.judged() or {"value": "suspect", "reasons": ["the run is not over"]},
            **(report_of(shown, _times(1834.0)) if is_shop(self.task) else {}),
            **(fake_sessions.report_of(shown, rows, _times(9.1e6)) if has_users(self.task) else {}),
        }

    def _connections(self) -> Map:
        limit = None if elastic(self.task) else self.task.connections or CONNECTIONS
        most = max((found["connections"] for found in self.rows.values()), default=0)
        return {"limit": limit, "most": most, "opened": OPENED + 6 if limit is None else most, "streams": 1}

    def counted(self) -> Delta:
        """What its requests have counted, by name."""
        total = Delta()
        for seen in self.rows.values():
            for name, part in (seen.get("by_request") or {REQUEST: seen}).items():
                stats = total.of(name)
                for key in ("sent", "completed", "failed", "dropped"):
                    setattr(stats, key, getattr(stats, key) + part[key])
                stats.read, stats.written = 900 * stats.completed, 90 * stats.completed
                stats.status = sum_of([stats.status, {int(code): times for code, times in part["status"].items()}])
                stats.errors = sum_of([stats.errors, part["errors"]])
                stats.response.add(spread(part["completed"], part["p50"]))
        return total

    def window(self, first: int, last: int) -> Map:
        total = Delta()
        for second in range(first, min(last, len(self.rows))):
            rows = self.rows[second]
            part = Delta(second)
            part.of().response = part.of().service = spread(rows["completed"], rows["p50"])
            part.of().sent, part.of().completed, part.of().failed = rows["sent"], rows["completed"], rows["failed"]
            part.of().status = {int(code): count for code, count in rows["status"].items()}
            total.add(part)
        return window(total, first, last, self.map()["duration"])


def sum_of(maps: Iterable[Mapping[K, int]]) -> dict[K, int]:
    totals: dict[K, int] = {}
    for found in maps:
        for key, value in found.items():
            totals[key] = totals.get(key, 0) + value
    return totals


def _times(p50: float, tail: float = 1.0) -> Map:
    points = {
        "p75": 1.4,
        "p90": 1.9,
        "p95": 2.6,
        "p99": 4.15 * tail,
        "p99_9": 9.2 * tail,
        "p99_99": 14 * tail,
    }
    base: dict[str, Any] = {"min": p50 * 0.4, "mean": p50 * 1.1, "stdev": p50 * 0.6, "max": p50 * 16 * tail, "p50": p50}
    return base | {key: p50 * factor for key, factor in points.items()} | {"hdr": hdr.encode(spread(50_000, p50))}


def _node_report(part: Map, rows: list[Map], length: float) -> Map:
    """A node that achieves a tenth less than what it was asked."""
    done = sum(found["nodes"][part["name"]]["completed"] for found in rows)
    achieved = 0.9 * done / length if rows else 0.0
    return part | {
        "rate": achieved,
        "achieved": achieved,
        "asked": part["rate"],
        "completed": done,
        "good": done - done // 500,
        "failed": 0,
        "cpu": 0.37,
        "host_cpu": 0.52,
        "steal": 0.013,
        "lateness_p99": 140.0,
        "lag_p99": 260.0,
        "start_skew": 0.0012,
        "lost": part["name"] == "berlin-2",
    }
